'use client'
import { useTranslations } from 'next-intl'
import type { JobDetail } from '@/contract/http-api.ts'
import { Card } from '@/components/ui/card.tsx'
import { Copyable } from '@/components/ui/copy.tsx'
import { DataTable } from '@/components/ui/data-table.tsx'
import { Duration } from '@/components/ui/quantity.tsx'
import { Time } from '@/components/ui/time.tsx'

type Run = JobDetail['runs'][number]
const shapes: Record<string, string> = { stopped: '□', crashed: '✕', failed: '✕', killed: '✕' }

/** Every start of this job: from what, how long until it ran, how it ended. */
export function RunsCard({ runs }: { runs: Run[] }) {
  const t = useTranslations('jobs')
  return (
    <Card title={t('runs.title')} flush>
      <DataTable
        label={t('runs.title')}
        maxHeight={320}
        rows={runs}
        rowKey={(run) => run.run}
        empty={<div className="card-bd mid">{t('runs.none')}</div>}
        columns={[
          { key: 'run', header: t('runs.run'), cell: (run: Run) => <span className="mono">{run.run}</span> },
          { key: 'started', header: t('runs.started'), cell: (run) => <Time value={run.startedAt} /> },
          {
            key: 'after',
            header: t('runs.after'),
            numeric: true,
            cell: (run) =>
              run.runningAt === null ? (
                <span className="dim">–</span>
              ) : (
                <Duration value={Date.parse(run.runningAt) - Date.parse(run.startedAt)} />
              ),
          },
          {
            key: 'from',
            header: t('runs.from'),
            cell: (run) =>
              run.restoredFrom === null ? (
                t('runs.fresh')
              ) : (
                <span className="row" style={{ gap: 6 }}>
                  {t.has(`checkpoints.kinds.${run.restoredKind}`) ? t(`checkpoints.kinds.${run.restoredKind}`) : run.restoredKind}{' '}
                  <Copyable value={run.restoredFrom}>{run.restoredFrom.split('/').slice(-2).join('/')}</Copyable>
                </span>
              ),
          },
          {
            key: 'ended',
            header: t('runs.ended'),
            cell: (run) => (run.endedAt === null ? <span className="dim">{t('runs.goesOn')}</span> : <Time value={run.endedAt} />),
          },
          {
            key: 'outcome',
            header: t('runs.outcome'),
            wrap: true,
            cell: (run) =>
              run.outcome === null ? (
                '–'
              ) : (
                <>
                  {shapes[run.outcome] ?? '○'} {t.has(`runs.outcomes.${run.outcome}`) ? t(`runs.outcomes.${run.outcome}`) : run.outcome}
                  {run.message ? `: ${run.message}` : ''}
                </>
              ),
          },
        ]}
      />
    </Card>
  )
}
