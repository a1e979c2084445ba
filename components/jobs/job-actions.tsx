'use client'
import { Button } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import dynamic from 'next/dynamic'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import type { Job } from '@/contract/http-api.ts'
import { send } from '@/components/api.ts'
import { ConfirmButton } from '@/components/ui/confirm.tsx'
import { useWrite } from '@/components/use-api.ts'
import { useNeeds } from '@/components/use-role.ts'
import { RescaleButton } from './rescale-button.tsx'
import { RestartButton } from './restart-button.tsx'

const SavepointDialog = dynamic(() => import('./savepoint-dialog.tsx'), { ssr: false })
const post = (path: string, body: unknown = {}) => send(path, { method: 'POST', body })

/** What an operator does to a job. A button that can't work now says what it waits for. */
export function JobActions({ job }: { job: Job }) {
  const t = useTranslations('jobs')
  const running = job.observed === 'RUNNING'
  const needs = useNeeds('operator')
  const waits = needs ?? (running ? undefined : t('waitsForRunning'))
  const checkpoint = useWrite(() => post(`/jobs/${job.id}/actions/checkpoint`))
  const stop = useWrite(() => post(`/jobs/${job.id}/actions/stop`))
  const checkpointNow = () =>
    checkpoint.mutate(undefined, {
      onSuccess: () => notifications.show({ message: t('checkpoint.done') }),
      onError: (error) => notifications.show({ color: 'red', title: error.message, message: error.hint ?? '', autoClose: 10_000 }),
    })
  return (
    <>
      <SavepointButton job={job} why={waits} />
      <Button onClick={checkpointNow} loading={checkpoint.isPending} disabled={waits !== undefined} title={waits}>
        {t('checkpoint.label')}
      </Button>
      <RescaleButton job={job} />
      <RestartButton job={job} />
      {job.desired === 'RUNNING' && (
        <ConfirmButton
          color="red"
          disabled={needs !== undefined}
          why={needs}
          title={t('stop.title', { id: job.id })}
          what={job.authoritative ? t('stop.whatAuthoritative', { view: job.view }) : t('stop.what')}
          onConfirm={() => stop.mutateAsync(undefined)}
        >
          {t('stop.label')}
        </ConfirmButton>
      )}
    </>
  )
}

function SavepointButton({ job, why }: { job: Job; why: string | undefined }) {
  const t = useTranslations('jobs')
  const [open, setOpen] = useState<boolean | null>(null)
  return (
    <>
      <Button disabled={why !== undefined} title={why} onClick={() => setOpen(true)}>
        {t('savepoint.label')}
      </Button>
      {open !== null && <SavepointDialog jobId={job.id} opened={open} onClose={() => setOpen(false)} />}
    </>
  )
}
