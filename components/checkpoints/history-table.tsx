'use client'
import { Button } from '@mantine/core'
import Link from 'next/link'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { type Checkpoint, CheckpointHistory } from '@/contract/http-api.ts'
import { api, query as toQuery } from '@/components/api.ts'
import { Card } from '@/components/ui/card.tsx'
import { DataTable } from '@/components/ui/data-table.tsx'
import { EmptyState } from '@/components/ui/empty.tsx'
import { ErrorNote } from '@/components/ui/error-note.tsx'
import { Bytes, Duration } from '@/components/ui/quantity.tsx'
import { Status } from '@/components/ui/status.tsx'
import { Time } from '@/components/ui/time.tsx'
import { useWrite } from '@/components/use-api.ts'
import { FailureSentence } from './failure.tsx'

/** The history, newest first; older pages are added below. It survives restarts of job and engine. */
export function HistoryTable({ first, jobId }: { first: CheckpointHistory; jobId: number }) {
  const t = useTranslations('checkpoints')
  const [older, setOlder] = useState<{ items: Checkpoint[]; nextCursor: string | undefined } | null>(null)
  const cursor = older ? older.nextCursor : first.nextCursor
  const more = useWrite(() => api(CheckpointHistory, `/jobs/${jobId}/checkpoints${toQuery({ limit: 100, cursor })}`))
  const shown = new Map([...(older?.items ?? []), ...first.items].map((one) => [one.id, one]))
  const rows = [...shown.values()].sort((a, b) => b.id - a.id)
  return (
    <Card title={t('history.title')} aside={t('history.aside')} flush>
      <DataTable
        label={t('history.title')}
        maxHeight={420}
        rows={rows}
        rowKey={(one) => one.id}
        empty={<EmptyState title={t('history.none')}>{t('history.noneText')}</EmptyState>}
        columns={[
          {
            key: 'number',
            header: t('columns.number'),
            cell: (one: Checkpoint) => (
              <Link className="mono" prefetch={false} href={`/jobs/${jobId}/checkpoints/${one.id}`}>{`${one.run}.${one.number}`}</Link>
            ),
          },
          { key: 'kind', header: t('columns.kind'), cell: (one) => t(`kinds.${one.kind}`) },
          { key: 'status', header: t('columns.status'), cell: (one) => <Status value={one.status} /> },
          { key: 'at', header: t('columns.triggered'), cell: (one) => <Time value={one.triggeredAt} /> },
          {
            key: 'completed',
            header: t('columns.completed'),
            cell: (one) => (one.completedAt === null ? <span className="dim">–</span> : <Time value={one.completedAt} />),
          },
          { key: 'took', header: t('columns.duration'), numeric: true, cell: (one) => <Duration value={one.durationMs} /> },
          { key: 'new', header: t('columns.checkpointedBytes'), numeric: true, cell: (one) => <Bytes value={one.checkpointedBytes} /> },
          { key: 'full', header: t('columns.fullBytes'), numeric: true, cell: (one) => <Bytes value={one.fullBytes} /> },
          { key: 'processed', header: t('columns.processedBytes'), numeric: true, cell: (one) => <Bytes value={one.processedBytes} /> },
          {
            key: 'max',
            header: 'maxEventTime',
            cell: (one) =>
              one.maxEventTimeMs === null ? <span className="dim">{t('unknown')}</span> : <Time value={one.maxEventTimeMs} mode="exact" />,
          },
          {
            key: 'note',
            header: t('columns.note'),
            wrap: true,
            cell: (one) =>
              one.status === 'FAILED' ? (
                <FailureSentence checkpoint={one} />
              ) : one.discardedAt !== null ? (
                t('discarded')
              ) : one.status === 'COMPLETED' ? (
                t('kept')
              ) : (
                ''
              ),
          },
        ]}
      />
      {cursor && (
        <div className="card-bd">
          {more.isError && <ErrorNote error={more.error} />}
          <Button
            loading={more.isPending}
            onClick={() =>
              more.mutate(undefined, {
                onSuccess: (page) => setOlder({ items: [...(older?.items ?? []), ...page.items], nextCursor: page.nextCursor }),
              })
            }
          >
            {t('history.more')}
          </Button>
        </div>
      )}
    </Card>
  )
}
