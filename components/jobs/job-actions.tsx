'use client'
import { Button, Modal, Textarea, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import type { Job } from '@/contract/http-api.ts'
import { send } from '@/components/api.ts'
import { ConfirmButton } from '@/components/ui/confirm.tsx'
import { ErrorNote } from '@/components/ui/error-note.tsx'
import { useWrite } from '@/components/use-api.ts'
import { useNeeds } from '@/components/use-role.ts'
import { RestartButton } from './restart-button.tsx'

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
  const common = useTranslations('common')
  const [open, setOpen] = useState(false)
  const [name, setName] = useState('')
  const [note, setNote] = useState('')
  const savepoint = useWrite((input: { name?: string; note?: string }) => post(`/jobs/${job.id}/actions/savepoint`, input))
  const submit = () =>
    savepoint.mutate(
      { ...(name.trim() && { name: name.trim() }), ...(note.trim() && { note: note.trim() }) },
      {
        onSuccess: () => {
          setOpen(false)
          setName('')
          setNote('')
          notifications.show({ message: t('savepoint.asked') })
        },
      },
    )
  return (
    <>
      <Button disabled={why !== undefined} title={why} onClick={() => setOpen(true)}>
        {t('savepoint.label')}
      </Button>
      <Modal
        opened={open}
        onClose={() => setOpen(false)}
        title={t('savepoint.title', { id: job.id })}
        closeButtonProps={{ 'aria-label': common('close') }}
      >
        <form
          className="stack"
          onSubmit={(event) => {
            event.preventDefault()
            submit()
          }}
        >
          <div className="mid">{t('savepoint.what')}</div>
          <TextInput
            label={t('savepoint.name')}
            description={t('savepoint.nameHint')}
            maxLength={120}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            data-autofocus
          />
          <Textarea
            label={t('savepoint.note')}
            maxLength={2000}
            autosize
            minRows={2}
            value={note}
            onChange={(event) => setNote(event.currentTarget.value)}
          />
          {savepoint.isError && <ErrorNote error={savepoint.error} />}
          <div className="row">
            <span className="sp" />
            <Button onClick={() => setOpen(false)}>{common('cancel')}</Button>
            <Button type="submit" variant="filled" loading={savepoint.isPending}>
              {t('savepoint.take')}
            </Button>
          </div>
        </form>
      </Modal>
    </>
  )
}
