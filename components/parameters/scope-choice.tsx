'use client'
import { NativeSelect } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { Job, list, Stream, View } from '@/contract/http-api.ts'
import { Choices } from '@/components/ui/choices.tsx'
import { useApi } from '@/components/use-api.ts'

const Views = list(View)
const Jobs = list(Job)
const Streams = list(Stream)
const kinds = ['system', 'view', 'stream', 'job'] as const

/** For the whole system, for one view, one stream or one job: the narrower one wins. */
export function ScopeChoice({ scope, onChange }: { scope: string; onChange: (scope: string) => void }) {
  const t = useTranslations('parameters')
  const kind = kinds.find((one) => scope === one || scope.startsWith(`${one}:`)) ?? 'system'
  const views = useApi(Views, '/views', 10_000)
  const jobs = useApi(Jobs, '/jobs', 10_000)
  const streams = useApi(Streams, '/streams', 10_000)
  const options = {
    system: [],
    view: (views.data?.items ?? []).map((view) => ({ value: `view:${view.name}`, label: view.name })),
    stream: (streams.data?.items ?? []).map((stream) => ({ value: `stream:${stream.name}`, label: stream.name })),
    job: (jobs.data?.items ?? []).map((job) => ({
      value: `job:${job.id}`,
      label: t('jobOption', { id: job.id, view: job.view, version: job.version }),
    })),
  }
  const choices = kinds.filter((one) => one === kind || one === 'system' || options[one].length > 0)
  const named =
    options[kind].some((option) => option.value === scope) || kind === 'system'
      ? options[kind]
      : [{ value: scope, label: scope }, ...options[kind]]
  return (
    <div className="row wrap">
      <Choices
        label={t('scope')}
        value={kind}
        choices={choices.map((value) => ({ value, label: t(`scopes.${value}`) }))}
        onChange={(next) => onChange(next === 'system' ? 'system' : (options[next][0]?.value ?? 'system'))}
      />
      {kind !== 'system' && (
        <NativeSelect
          aria-label={t(`scopes.${kind}`)}
          value={scope}
          data={named}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      )}
    </div>
  )
}
