'use client'
import { useTranslations } from 'next-intl'
import type { ViewDiff } from '@/contract/http-api.ts'
import { Chip, type Tone } from '../ui/chip.tsx'
import { type Column, DataTable } from '../ui/data-table.tsx'

export type DiffRow = ViewDiff['features'][number]
const look = {
  kept: ['job1', '='],
  added: ['job2', '+'],
  removed: ['bad', '−'],
  changed: ['warn', '≠'],
  renamed: ['job1', '→'],
} as const satisfies Record<DiffRow['change'], [Tone, string]>

/** One row a feature: its change as word and sign, what it was, what it is. */
export function DiffTable({ label, rows }: { label: string; rows: DiffRow[] }) {
  const t = useTranslations('features')
  const columns: Column<DiffRow>[] = [
    {
      key: 'name',
      header: t('diff.feature'),
      cell: (row) => <span className="mono">{row.was ? `${row.was} → ${row.name}` : row.name}</span>,
    },
    {
      key: 'change',
      header: t('diff.change'),
      cell: (row) => (
        <Chip tone={look[row.change][0]} shape={look[row.change][1]}>
          {t(`changes.${row.change}`)}
        </Chip>
      ),
    },
    {
      key: 'before',
      header: t('diff.before'),
      wrap: true,
      cell: (row) => <code className={row.change === 'kept' ? 'dim' : undefined}>{row.before ?? '–'}</code>,
    },
    {
      key: 'after',
      header: t('diff.after'),
      wrap: true,
      cell: (row) => <code className={row.change === 'kept' ? 'dim' : undefined}>{row.after ?? '–'}</code>,
    },
  ]
  return <DataTable label={label} columns={columns} rows={rows} rowKey={(row) => `${row.change}:${row.name}`} />
}
