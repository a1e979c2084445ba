'use client'
import { useTranslations } from 'next-intl'
import type { CheckpointHistory } from '@/contract/http-api.ts'
import { Card } from '@/components/ui/card.tsx'
import { DataTable } from '@/components/ui/data-table.tsx'
import { Bytes, Duration } from '@/components/ui/quantity.tsx'

type Row = CheckpointHistory['summary'][number]
const columns = ['min', 'avg', 'max', 'p50', 'p90', 'p99'] as const

/** Figures over every completed checkpoint that is kept. */
export function SummaryCard({ summary }: { summary: Row[] }) {
  const t = useTranslations('checkpoints')
  return (
    <Card title={t('summary.title')} aside={t('summary.aside')} flush>
      <DataTable
        label={t('summary.title')}
        rows={summary}
        rowKey={(row) => row.figure}
        empty={<div className="card-bd mid">{t('summary.none')}</div>}
        columns={[
          { key: 'figure', header: t('summary.figure'), cell: (row: Row) => t(`figures.${row.figure}`) },
          ...columns.map((column) => ({
            key: column,
            header: column === 'min' || column === 'avg' || column === 'max' ? t(`summary.${column}`) : column,
            numeric: true,
            cell: (row: Row) => (row.figure.endsWith('Ms') ? <Duration value={row[column]} /> : <Bytes value={row[column]} />),
          })),
        ]}
      />
    </Card>
  )
}
