'use client'
import dynamic from 'next/dynamic'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import type { Job } from '@/contract/http-api.ts'
import { send } from '@/components/api.ts'
import { ConfirmButton } from '@/components/ui/confirm.tsx'
import { useWrite } from '@/components/use-api.ts'
import { useNeeds } from '@/components/use-role.ts'
import { type RestartFrom, restartBody } from './restart-from.ts'

const RestartChoices = dynamic(() => import('./restart-choices.tsx'), { ssr: false })

/**
 * Restart from the newest checkpoint, from one chosen, from a savepoint, or from nothing. `savepointId`: that one, already chosen.
 * `startAt`: what the dialog begins with.
 */
export function RestartButton({
  job,
  savepointId,
  label,
  startAt,
}: {
  job: Pick<Job, 'id' | 'view' | 'version' | 'desired' | 'authoritative'>
  savepointId?: number
  label?: string
  startAt?: RestartFrom['choice']
}) {
  const t = useTranslations('jobs')
  const [from, setFrom] = useState<RestartFrom>({
    choice: startAt ?? (savepointId === undefined ? 'newest' : 'savepoint'),
    checkpoint: '',
    savepoint: String(savepointId ?? ''),
  })
  const restart = useWrite((body: unknown) => send(`/jobs/${job.id}/actions/restart`, { method: 'POST', body }))
  const needs = useNeeds('operator')
  const stopped = job.desired === 'STOPPED'
  const name = stopped ? t('restart.start') : t('restart.label')
  return (
    <ConfirmButton
      disabled={needs !== undefined}
      why={needs}
      title={stopped ? t('restart.startTitle', { id: job.id }) : t('restart.title', { id: job.id })}
      confirmLabel={name}
      onConfirm={() => {
        const body = restartBody(from)
        if (body === null) throw new Error(t('restart.chooseOne'))
        return restart.mutateAsync(body)
      }}
      what={
        <div className="stack">
          <div className="mid">{stopped ? t('restart.whatStopped') : t('restart.what')}</div>
          <RestartChoices job={job} from={from} onChange={setFrom} />
        </div>
      }
    >
      {label ?? name}
    </ConfirmButton>
  )
}
