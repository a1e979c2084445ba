'use client'
import { useTranslations } from 'next-intl'
import type { Release } from '@/contract/http-api.ts'
import { Told } from '@/contract/told.ts'
import { useTold } from './use-told.ts'

/** Why the release failed, and the way out where there is one: as the fact of its end tells it, else as the row does. */
export function ReleaseFailure({ release: { failure, facts } }: { release: Pick<Release, 'failure' | 'facts'> }) {
  const t = useTranslations('releases')
  const say = useTold()
  if (failure === null) return null
  const end = facts.find(({ kind, payload }) => kind === 'state' && payload.to === 'FAILED')?.payload
  const told = [end?.failure, end?.way].flatMap((one) => Told.safeParse(one).data ?? [])
  return (
    <div role="alert" className="card" style={{ borderColor: 'var(--bad)', padding: '8px 12px', marginTop: 10 }}>
      <b style={{ color: 'var(--bad)' }}>✕ {t('failed')}</b> {told.length > 0 ? told.map(say).join(' ') : failure}
    </div>
  )
}
