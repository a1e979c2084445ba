'use client'
import Link from 'next/link'
import { useTranslations } from 'next-intl'
import { CheckpointDetail } from '@/contract/http-api.ts'
import { streamPartition } from '@/definition/union-partitions.ts'
import { LastCrumb } from '@/components/shell/crumbs.tsx'
import { Card } from '@/components/ui/card.tsx'
import { Chip } from '@/components/ui/chip.tsx'
import { Copyable } from '@/components/ui/copy.tsx'
import { DataTable } from '@/components/ui/data-table.tsx'
import { ErrorNote } from '@/components/ui/error-note.tsx'
import { Figures } from '@/components/ui/figures.tsx'
import { LiveAge } from '@/components/ui/live-age.tsx'
import { PageHeader } from '@/components/ui/page.tsx'
import { Bytes, Duration, Num } from '@/components/ui/quantity.tsx'
import { SkeletonRows } from '@/components/ui/skeleton.tsx'
import { Status } from '@/components/ui/status.tsx'
import { Time } from '@/components/ui/time.tsx'
import { useApi } from '@/components/use-api.ts'
import { FailureSentence } from './failure.tsx'
import { OperatorsTable } from './operators-table.tsx'
import { SubtaskGantt } from './subtask-gantt.tsx'
import { SubtaskTable } from './subtask-table.tsx'
import { inDataOrder } from './subtasks.ts'

/** One checkpoint: where it lies, what it holds, how each operator and subtask took part. */
export function CheckpointPage({ jobId, checkpointId }: { jobId: number; checkpointId: string }) {
  const t = useTranslations('checkpoints')
  const query = useApi(CheckpointDetail, `/jobs/${jobId}/checkpoints/${checkpointId}`, 5000)
  const one = query.data && { ...query.data, subtasks: inDataOrder(query.data.subtasks) }
  if (!one)
    return query.isError ? (
      <ErrorNote error={query.error} />
    ) : (
      <Card flush>
        <SkeletonRows rows={8} />
      </Card>
    )
  const unknown = <span className="dim">{t('unknown')}</span>
  const acknowledged = one.subtasks.filter((subtask) => subtask.acknowledgedAtMs !== null).length
  return (
    <>
      <LastCrumb>{`${one.run}.${one.number}`}</LastCrumb>
      <PageHeader
        title={t(`one.titles.${one.kind}`, { number: `${one.run}.${one.number}` })}
        chips={
          <>
            <Status value={one.status} />
            <Link href={`/features/${encodeURIComponent(one.view)}`}>{one.view}</Link>
            <Link href={`/jobs/${jobId}`}>
              <Chip tone="job1">{t('one.job', { id: jobId })}</Chip>
            </Link>
            {one.status === 'COMPLETED' &&
              (one.discardedAt === null ? <Chip tone="ok">{t('kept')}</Chip> : <Chip shape="∅">{t('discarded')}</Chip>)}
          </>
        }
        actions={<LiveAge query={query} />}
        sub={t('one.sub', { run: one.run, number: one.number })}
      />
      <div className="stack">
        {query.isError && <ErrorNote error={query.error} />}
        {one.status === 'FAILED' && (
          <div role="alert" className="card" style={{ borderColor: 'var(--bad)', padding: '8px 12px' }}>
            <b style={{ color: 'var(--bad)' }}>✕ </b>
            <FailureSentence checkpoint={one} />
          </div>
        )}
        <Card>
          <Figures
            items={[
              { label: t('columns.triggered'), value: <Time value={one.triggeredAt} mode="exact" millis /> },
              {
                label: t('columns.completed'),
                value: one.completedAt === null ? unknown : <Time value={one.completedAt} mode="exact" millis />,
              },
              { label: t('columns.duration'), value: one.durationMs === null ? unknown : <Duration value={one.durationMs} /> },
              {
                label: t('columns.acknowledged'),
                value: <span className="n">{`${acknowledged} / ${one.subtasks.length}`}</span>,
                note: t('subtasks.unit'),
              },
              { label: t('columns.checkpointedBytes'), value: <Bytes value={one.checkpointedBytes} /> },
              { label: t('columns.fullBytes'), value: <Bytes value={one.fullBytes} /> },
              { label: t('columns.processedBytes'), value: <Bytes value={one.processedBytes} /> },
              { label: 'maxEventTime', value: one.maxEventTimeMs === null ? unknown : <Time value={one.maxEventTimeMs} mode="exact" /> },
              { label: t('one.watermark'), value: one.watermarkMs === null ? unknown : <Time value={one.watermarkMs} mode="exact" /> },
            ]}
          />
          <div className="row wrap" style={{ marginTop: 12 }}>
            <span className="dim">{t('one.path')}</span>
            {one.path === null ? unknown : <Copyable value={one.path} />}
            {one.discardedAt !== null && (
              <span className="dim">
                {t('one.discardedAt')} <Time value={one.discardedAt} />
              </span>
            )}
          </div>
        </Card>
        <SubtaskGantt subtasks={one.subtasks} />
        <OperatorsTable subtasks={one.subtasks} />
        <SubtaskTable subtasks={one.subtasks} />
        <Card title={t('positions.title')} aside={t('positions.aside')} flush>
          <DataTable
            label={t('positions.title')}
            rows={Object.entries(one.positions)}
            rowKey={([partition]) => partition}
            empty={<div className="card-bd mid">{t('positions.none')}</div>}
            columns={[
              {
                key: 'partition',
                header: t('positions.partition'),
                cell: ([partition]) => <span className="mono">{partitionText(one.streams, Number(partition))}</span>,
              },
              { key: 'position', header: t('positions.next'), numeric: true, cell: ([, position]) => <Num value={position} /> },
            ]}
          />
        </Card>
      </div>
    </>
  )
}

/** Of a union with its stream. */
function partitionText(streams: readonly string[], numbered: number): string {
  const { stream, partition } = streamPartition(streams, numbered)
  return streams.length > 1 ? `${stream} ${partition}` : String(partition)
}
