'use client'
import { useTranslations } from 'next-intl'
import type { JobMetrics } from '@/contract/job-ipc.ts'
import { Card } from '@/components/ui/card.tsx'
import { DataTable } from '@/components/ui/data-table.tsx'
import { Bytes, Duration } from '@/components/ui/quantity.tsx'

type Plan = NonNullable<JobMetrics['plan']>
type Table = Plan['tables'][number]

/** The intermediate tables that the planner made of the view: what each keeps, how far back, how large it is, and who reads it. */
export function TablesCard({ plan }: { plan: Plan | null }) {
  const t = useTranslations('jobs')
  return (
    <Card title={t('tables.title')} aside={t('tables.aside')} flush>
      {plan === null ? (
        <div className="card-bd mid">{t('tables.none')}</div>
      ) : (
        <>
          <DataTable
            label={t('tables.title')}
            rows={plan.tables}
            rowKey={(table) => table.name}
            columns={[
              { key: 'name', header: t('tables.table'), cell: (table: Table) => <span className="mono">{table.name}</span> },
              {
                key: 'granularity',
                header: t('tables.granularity'),
                cell: ({ granularity }) => (granularity === 'row' ? t('tables.perEvent') : t('tables.perPane', { width: granularity })),
              },
              { key: 'reach', header: t('tables.reach'), numeric: true, cell: (table) => <Reach table={table} /> },
              { key: 'bytes', header: t('tables.size'), numeric: true, cell: (table) => <Bytes value={table.bytes} /> },
              { key: 'columns', header: t('tables.columns'), wrap: true, cell: (table) => <Columns table={table} /> },
              { key: 'readers', header: t('tables.readers'), wrap: true, cell: ({ readers }) => <Names names={readers} /> },
            ]}
          />
          <div className="card-bd mid small">
            {t(`tables.roads.${plan.road}`)} {plan.refusal !== null && t('tables.because', { reason: plan.refusal })}
          </div>
        </>
      )}
    </Card>
  )
}

function Reach({ table: { reachMs, newestRows } }: { table: Table }) {
  const t = useTranslations('jobs')
  const newest = t('tables.newest', { count: newestRows })
  if (newestRows === 0) return <Duration value={reachMs} />
  if (reachMs === 0) return newest
  return (
    <>
      <Duration value={reachMs} /> {t('tables.andNewest', { newest })}
    </>
  )
}

function Columns({ table }: { table: Table }) {
  const t = useTranslations('jobs')
  if (table.columns.length === 0) return <span className="dim">{t('tables.timesAlone')}</span>
  return (
    <ul className="stack" style={{ listStyle: 'none', margin: 0, padding: 0, gap: 2 }}>
      {table.columns.map(({ expr, readers }) => (
        <li key={expr}>
          <span className="mono">{expr}</span> <span className="dim small">{t('tables.readBy', { names: readers.join(', ') })}</span>
        </li>
      ))}
    </ul>
  )
}

function Names({ names }: { names: readonly string[] }) {
  return <span className="mono small">{names.join(', ')}</span>
}
