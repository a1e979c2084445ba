'use client'
import { NativeSelect, Radio } from '@mantine/core'
import { useLocale, useTranslations } from 'next-intl'
import { useState } from 'react'
import { CheckpointHistory, type Job, list, Savepoint } from '@/contract/http-api.ts'
import { send } from '@/components/api.ts'
import { ConfirmButton } from '@/components/ui/confirm.tsx'
import { formatBytes, formatInstant } from '@/components/ui/format.ts'
import { usePreferences } from '@/components/ui/preferences.tsx'
import { useApi, useWrite } from '@/components/use-api.ts'
import { useNeeds } from '@/components/use-role.ts'

type Choice = 'newest' | 'checkpoint' | 'savepoint' | 'fresh'
const Savepoints = list(Savepoint)

/** Restart from the newest checkpoint, from one chosen, from a savepoint, or from nothing. `savepointId`: that one, already chosen. */
export function RestartButton({
  job,
  savepointId,
  label,
}: {
  job: Pick<Job, 'id' | 'view' | 'version' | 'desired' | 'authoritative'>
  savepointId?: number
  label?: string
}) {
  const t = useTranslations('jobs')
  const [choice, setChoice] = useState<Choice>(savepointId === undefined ? 'newest' : 'savepoint')
  const [checkpoint, setCheckpoint] = useState('')
  const [savepoint, setSavepoint] = useState(savepointId === undefined ? '' : String(savepointId))
  const restart = useWrite((from: unknown) =>
    send(`/jobs/${job.id}/actions/restart`, { method: 'POST', body: from === undefined ? {} : { from } }),
  )
  const from = () => {
    if (choice === 'newest') return undefined
    if (choice === 'fresh') return { fresh: true }
    return choice === 'checkpoint' ? { checkpointId: Number(checkpoint) } : { savepointId: Number(savepoint) }
  }
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
        if ((choice === 'checkpoint' && !checkpoint) || (choice === 'savepoint' && !savepoint)) throw new Error(t('restart.chooseOne'))
        return restart.mutateAsync(from())
      }}
      what={
        <div className="stack">
          <div className="mid">{stopped ? t('restart.whatStopped') : t('restart.what')}</div>
          <Radio.Group label={t('restart.from')} value={choice} onChange={(value) => setChoice(value as Choice)}>
            <div className="stack" style={{ gap: 8, marginTop: 6 }}>
              <Radio size="xs" value="newest" label={t('restart.newest')} />
              <Radio size="xs" value="checkpoint" label={t('restart.checkpoint')} />
              {choice === 'checkpoint' && <CheckpointChoice jobId={job.id} value={checkpoint} onChange={setCheckpoint} />}
              <Radio size="xs" value="savepoint" label={t('restart.savepoint')} />
              {choice === 'savepoint' && <SavepointChoice job={job} value={savepoint} onChange={setSavepoint} />}
              <Radio size="xs" value="fresh" label={t('restart.fresh')} />
            </div>
          </Radio.Group>
          {choice === 'fresh' && <div style={{ color: 'var(--warn)' }}>▲ {t('restart.freshMeans')}</div>}
        </div>
      }
    >
      {label ?? name}
    </ConfirmButton>
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
