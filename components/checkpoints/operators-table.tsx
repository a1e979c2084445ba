'use client'
import { useTranslations } from 'next-intl'
import type { SubtaskStats } from '@/contract/job-ipc.ts'
import { Card } from '@/components/ui/card.tsx'
import { DataTable } from '@/components/ui/data-table.tsx'
import { Bytes, Duration } from '@/components/ui/quantity.tsx'
import { Time } from '@/components/ui/time.tsx'
import { byOperator, type OperatorRow } from './subtasks.ts'

/** The checkpoint per operator. */
export function OperatorsTable({ subtasks }: { subtasks: SubtaskStats[] }) {
  const t = useTranslations('checkpoints')
  const pending = <span className="dim">◔ {t('pending')}</span>
  return (
    <Card title={t('operators.title')} flush>
      <DataTable
        label={t('operators.title')}
        rows={byOperator(subtasks)}
        rowKey={(row) => row.operator}
        empty={<div className="card-bd mid">{t('subtasks.none')}</div>}
        columns={[
          {
            key: 'operator',
            header: t('columns.operator'),
            cell: (row: OperatorRow) => (t.has(`operators.names.${row.operator}`) ? t(`operators.names.${row.operator}`) : row.operator),
          },
          { key: 'acknowledged', header: t('columns.acknowledged'), numeric: true, cell: (row) => `${row.acknowledged} / ${row.total}` },
          {
            key: 'latest',
            header: t('columns.latestAcknowledgement'),
            cell: (row) =>
              row.latestAcknowledgedAtMs === null ? pending : <Time value={row.latestAcknowledgedAtMs} mode="exact" millis />,
          },
          {
            key: 'took',
            header: t('columns.duration'),
            numeric: true,
            cell: (row) => (row.durationMs === null ? pending : <Duration value={row.durationMs} />),
          },
          { key: 'new', header: t('columns.checkpointedBytes'), numeric: true, cell: (row) => <Bytes value={row.checkpointedBytes} /> },
          { key: 'full', header: t('columns.fullBytes'), numeric: true, cell: (row) => <Bytes value={row.fullBytes} /> },
        ]}
      />
    </Card>
  )
}
