'use client'
/** What this person's role allows, so that a button can say which role it waits for. The server decides; until it has answered nothing is held back. */
import { useTranslations } from 'next-intl'
import { Me, type Role } from '@/contract/http-api.ts'
import { useApi } from './use-api.ts'

const order: readonly Role[] = ['viewer', 'analyst', 'operator', 'admin']

/** undefined: allowed. Else the sentence for the disabled button. */
export function useNeeds(role: Role): string | undefined {
  const t = useTranslations('shell')
  const me = useApi(Me, '/me', false)
  if (!me.data || order.indexOf(me.data.role) >= order.indexOf(role)) return undefined
  return t('needsRole', { role: t(`roles.${role}`) })
}
