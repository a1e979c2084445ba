'use client'
import { NativeSelect, Radio } from '@mantine/core'
import { useLocale, useTranslations } from 'next-intl'
import { CheckpointHistory, type Job, list, Savepoint } from '@/contract/http-api.ts'
import { formatBytes, formatInstant } from '@/components/ui/format.ts'
import { usePreferences } from '@/components/ui/preferences.tsx'
import { useApi } from '@/components/use-api.ts'
import type { RestartFrom } from './restart-from.ts'

const Savepoints = list(Savepoint)
type Props = { job: Pick<Job, 'id' | 'view' | 'version'>; from: RestartFrom; onChange: (from: RestartFrom) => void }

/** The newest checkpoint, one of the kept ones, a savepoint that fits, or nothing. Loaded with its dialog. */
export default function RestartChoices({ job, from, onChange }: Props) {
  const t = useTranslations('jobs')
  return (
    <>
      <Radio.Group
        label={t('restart.from')}
        value={from.choice}
        onChange={(value) => onChange({ ...from, choice: value as RestartFrom['choice'] })}
      >
        <div className="stack" style={{ gap: 8, marginTop: 6 }}>
          <Radio size="xs" value="newest" label={t('restart.newest')} />
          <Radio size="xs" value="checkpoint" label={t('restart.checkpoint')} />
          {from.choice === 'checkpoint' && (
            <CheckpointChoice jobId={job.id} value={from.checkpoint} onChange={(checkpoint) => onChange({ ...from, checkpoint })} />
          )}
          <Radio size="xs" value="savepoint" label={t('restart.savepoint')} />
          {from.choice === 'savepoint' && (
            <SavepointChoice job={job} value={from.savepoint} onChange={(savepoint) => onChange({ ...from, savepoint })} />
          )}
          <Radio size="xs" value="fresh" label={t('restart.fresh')} />
        </div>
      </Radio.Group>
      {from.choice === 'fresh' && <div style={{ color: 'var(--warn)' }}>▲ {t('restart.freshMeans')}</div>}
    </>
  )
}

function CheckpointChoice({ jobId, value, onChange }: { jobId: number; value: string; onChange: (value: string) => void }) {
  const t = useTranslations('jobs')
  const locale = useLocale()
  const { zone } = usePreferences()
  const history = useApi(CheckpointHistory, `/jobs/${jobId}/checkpoints?limit=50`, false)
  const kept = (history.data?.items ?? []).filter(
    (one) => one.kind === 'checkpoint' && one.status === 'COMPLETED' && one.discardedAt === null && one.path !== null,
  )
  return (
    <NativeSelect
      aria-label={t('restart.checkpoint')}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      data={[
        { value: '', label: history.isPending ? t('loading') : kept.length === 0 ? t('restart.noCheckpoints') : t('restart.choose') },
        ...kept.map((one) => ({
          value: String(one.id),
          label: `${one.run}.${one.number} · ${formatInstant(one.triggeredAt, zone)} · ${formatBytes(one.fullBytes, locale)}`,
        })),
      ]}
    />
  )
}

function SavepointChoice({
  job,
  value,
  onChange,
}: {
  job: Pick<Job, 'view' | 'version'>
  value: string
  onChange: (value: string) => void
}) {
  const t = useTranslations('jobs')
  const locale = useLocale()
  const { zone } = usePreferences()
  const savepoints = useApi(Savepoints, '/savepoints', false)
  const fitting = (savepoints.data?.items ?? []).filter(
    (one) => one.view === job.view && one.status === 'COMPLETED' && one.restorableBy.includes(job.version),
  )
  return (
    <NativeSelect
      aria-label={t('restart.savepoint')}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      data={[
        { value: '', label: savepoints.isPending ? t('loading') : fitting.length === 0 ? t('restart.noSavepoints') : t('restart.choose') },
        ...fitting.map((one) => ({
          value: String(one.id),
          label: `${one.name} · ${formatInstant(one.createdAt, zone)} · ${formatBytes(one.sizeBytes, locale)}`,
        })),
      ]}
    />
  )
}
