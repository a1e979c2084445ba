'use client'
import dynamic from 'next/dynamic'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import type { Release } from '@/contract/http-api.ts'
import { send } from '@/components/api.ts'
import { Chip } from '@/components/ui/chip.tsx'
import { ConfirmButton } from '@/components/ui/confirm.tsx'
import { useWrite } from '@/components/use-api.ts'
import { useTold } from './use-told.ts'

const ReasonField = dynamic(() => import('./reason-field.tsx'), { ssr: false })

/** The server says which buttons there are and whether they may be pressed; this only draws them. Each names what it will do. */
export function ReleaseActions({ release }: { release: Release }) {
  const t = useTranslations('releases')
  const say = useTold()
  const [reason, setReason] = useState('')
  const act = useWrite(({ action, body }: { action: string; body: unknown }) =>
    send(`/releases/${release.id}/actions/${action}`, { method: 'POST', body }),
  )
  return (
    <>
      {release.allowedActions.map(({ action, enabled, why, told }) => (
        <ConfirmButton
          key={action}
          title={t(`actions.${action}.title`)}
          why={enabled ? undefined : told ? say(told) : why}
          disabled={!enabled || (action === 'overrule' && act.isPending)}
          {...(action === 'abort' || action === 'rollback'
            ? { color: 'red' }
            : action === 'cutover' || action === 'approve'
              ? { variant: 'filled' }
              : {})}
          confirmLabel={t(`actions.${action}.label`)}
          onConfirm={() => act.mutateAsync({ action, body: action === 'overrule' ? { reason } : {} })}
          what={
            <div className="stack">
              <p style={{ margin: 0 }}>
                {t(`actions.${action}.what`, {
                  from: release.fromVersion === null ? t('noVersion') : `v${release.fromVersion}`,
                  to: `v${release.toVersion}`,
                  view: release.view,
                })}
              </p>
              {action === 'overrule' && <ReasonField label={t('actions.overrule.reason')} value={reason} onChange={setReason} />}
            </div>
          }
        >
          {t(`actions.${action}.label`)}
        </ConfirmButton>
      ))}
    </>
  )
}

/** What a release that is ready waits for, and why the disabled buttons wait, in words that need no hover. */
export function WaitingFor({ release }: { release: Release }) {
  const t = useTranslations('releases')
  const say = useTold()
  const waiting = release.allowedActions.filter((action) => !action.enabled && action.why)
  return (
    <>
      {release.waitsFor && (
        <div>
          <Chip tone="run">{t('waiting')}</Chip> {say(release.waitsFor)}
        </div>
      )}
      {waiting.length > 0 && (
        <div className="dim small">
          {waiting
            .map(({ action, why, told }) => t('waits', { action: t(`actions.${action}.label`), why: told ? say(told) : (why ?? '') }))
            .join(' · ')}
        </div>
      )}
    </>
  )
}
