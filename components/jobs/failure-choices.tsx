'use client'
import Link from 'next/link'
import { useTranslations } from 'next-intl'
import type { Job } from '@/contract/http-api.ts'
import { send } from '@/components/api.ts'
import { ConfirmButton } from '@/components/ui/confirm.tsx'
import { useWrite } from '@/components/use-api.ts'
import { useNeeds } from '@/components/use-role.ts'
import { choicesFor } from './failure-choices.ts'
import { RestartButton } from './restart-button.tsx'

/** What a person can choose where a job has failed in a way that starting it again would not change. */
export function FailureChoices({ job, code }: { job: Job; code: string | null }) {
  const t = useTranslations('jobs')
  const needs = useNeeds('operator')
  const restart = useWrite((from: object) => send(`/jobs/${job.id}/actions/restart`, { method: 'POST', body: { from } }))
  const stop = useWrite(() => send(`/jobs/${job.id}/actions/stop`, { method: 'POST', body: {} }))
  const choices = choicesFor(code)
  if (choices.length === 0) return null
  return (
    <div className="row wrap" style={{ gap: 8, marginTop: 8 }}>
      {choices.map((choice) => {
        switch (choice) {
          case 'oldest':
          case 'newest':
            return (
              <ConfirmButton
                key={choice}
                disabled={needs !== undefined}
                why={needs}
                title={t(`failed.${choice}.title`, { id: job.id })}
                what={t(`failed.${choice}.what`)}
                confirmLabel={t(`failed.${choice}.label`)}
                onConfirm={() => restart.mutateAsync({ outOfRange: choice })}
              >
                {t(`failed.${choice}.label`)}
              </ConfirmButton>
            )
          case 'giveUp':
            return (
              <ConfirmButton
                key={choice}
                color="red"
                disabled={needs !== undefined || job.desired !== 'RUNNING'}
                why={needs}
                title={t('failed.giveUp.title', { id: job.id })}
                what={t('failed.giveUp.what')}
                confirmLabel={t('failed.giveUp.label')}
                onConfirm={() => stop.mutateAsync(undefined)}
              >
                {t('failed.giveUp.label')}
              </ConfirmButton>
            )
          case 'anotherStart':
            return <RestartButton key={choice} job={job} label={t('failed.anotherStart')} startAt="checkpoint" />
          case 'parameters':
            return (
              <Link key={choice} href={`/settings/parameters?scope=${encodeURIComponent(`view:${job.view}`)}`}>
                {t('failed.parameters')}
              </Link>
            )
          case 'again':
            return <RestartButton key={choice} job={job} label={t('failed.again')} />
        }
      })}
    </div>
  )
}
