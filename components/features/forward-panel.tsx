'use client'
import { Button, TextInput } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { JobDetail, list, Parameter, type View } from '@/contract/http-api.ts'
import { query, send } from '../api.ts'
import { ForwardFigures } from '../jobs/forward-card.tsx'
import { newerMetrics, useLiveJobs } from '../jobs/use-live-jobs.ts'
import { EmptyState } from '../ui/empty.tsx'
import { ErrorNote } from '../ui/error-note.tsx'
import { useApi, useWrite } from '../use-api.ts'
import { useNeeds } from '../use-role.ts'

/** Where the view's rows are forwarded to, how far they have come, and where they will go from the next release on. */
export function ForwardPanel({ view }: { view: View }) {
  const t = useTranslations('features')
  const scope = `view:${view.name}`
  const parameters = useApi(list(Parameter), `/parameters${query({ scope })}`, 10_000)
  const job = useApi(JobDetail, view.runningJobId === undefined ? null : `/jobs/${view.runningJobId}`)
  const live = useLiveJobs()?.jobs.find(({ id }) => id === view.runningJobId)
  const metrics = newerMetrics(job.data?.metrics, live?.metrics)
  const isKnown = view.runningJobId === undefined || metrics !== null
  const running = metrics?.forward
  const parameter = parameters.data?.items.find(({ key }) => key === 'forward')
  if (!parameter) return parameters.error ? <ErrorNote error={parameters.error} /> : null
  const asked = typeof parameter.value === 'string' ? parameter.value : null
  return (
    <div className="card-bd stack">
      {running ? (
        <ForwardFigures forward={running} />
      ) : (
        <EmptyState title={isKnown ? t('forward.none') : t('forward.unknown')}>
          {isKnown ? t('forward.noneText') : t('forward.unknownText')}
        </EmptyState>
      )}
      {isKnown && asked !== null && asked !== running?.target && (
        <p>{t.rich('forward.next', { stream: () => <b className="mono">{asked}</b> })}</p>
      )}
      {asked === null && running && <p>{t.rich('forward.ends', { stream: () => <b className="mono">{running.target}</b> })}</p>}
      <ForwardForm key={asked} scope={scope} asked={asked} suggested={`${view.name}_features`} />
    </div>
  )
}

function ForwardForm({ scope, asked, suggested }: { scope: string; asked: string | null; suggested: string }) {
  const t = useTranslations('features')
  const needs = useNeeds('operator')
  const [name, setName] = useState(asked ?? suggested)
  const save = useWrite((value: string | null) => send('/parameters/forward', { method: 'PUT', body: { scope, value } }))
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault()
        save.mutate(name.trim())
      }}
    >
      <TextInput
        label={t('forward.stream')}
        description={t('forward.streamHint')}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        maxLength={500}
        spellCheck={false}
        style={{ maxWidth: 420 }}
      />
      {save.error && <ErrorNote error={save.error} />}
      <div className="row" style={{ gap: 6 }}>
        <Button
          type="submit"
          variant="filled"
          loading={save.isPending}
          disabled={needs !== undefined || name.trim() === '' || name.trim() === asked}
          title={needs}
        >
          {t('forward.save')}
        </Button>
        {asked !== null && (
          <Button disabled={needs !== undefined} title={needs} onClick={() => save.mutate(null)}>
            {t('forward.stop')}
          </Button>
        )}
      </div>
    </form>
  )
}
