'use client'
/** A chart with its heading, unit, newest values and a table twin behind one button. */
import { IconChartLine, IconTable } from '@tabler/icons-react'
import dynamic from 'next/dynamic'
import { useTranslations } from 'next-intl'
import { useMemo, useState } from 'react'
import { Card } from '@/components/ui/card.tsx'
import { DataTable } from '@/components/ui/data-table.tsx'
import { formatInstant } from '@/components/ui/format.ts'
import { usePreferences } from '@/components/ui/preferences.tsx'
import type { SeriesTone } from './plot.tsx'
import { type Sample, tightRange, toColumns, toRows, yRange } from './series.ts'

const Plot = dynamic(() => import('./plot.tsx'), { ssr: false, loading: () => <div className="skeleton" style={{ height: 110 }} /> })

type Props = {
  title: string
  unit: string
  series: { label: string; tone: SeriesTone; dashed?: boolean }[]
  samples: readonly Sample[]
  /** with its unit: for the newest value and the table */
  format: (value: number) => string
  /** short, for the axis; the unit stands in the heading */
  formatAxis?: (value: number) => string
  threshold?: { value: number; label: string } | null
  gapMs?: number
  /** the range lies around the values instead of starting at zero */
  tight?: boolean
  height?: number
  /** what to say while there is nothing to draw */
  empty?: string
}

export function ChartCard({
  title,
  unit,
  series,
  samples,
  format,
  formatAxis,
  threshold = null,
  gapMs = 6000,
  tight = false,
  height = 130,
  empty,
}: Props) {
  const t = useTranslations('charts')
  const { zone } = usePreferences()
  const [asTable, setAsTable] = useState(false)
  const columns = useMemo(() => toColumns(samples, series.length, gapMs), [samples, series.length, gapMs])
  const known = columns.slice(1).some((column) => column.some((value) => value !== null))
  const newest = samples.at(-1)
  const value = (i: number, sample: Sample | undefined) => {
    const found = sample?.values[i]
    return typeof found === 'number' ? format(found) : t('unknown')
  }
  const summary = newest ? series.map((one, i) => `${one.label}: ${value(i, newest)}`).join('; ') : t('empty')
  return (
    <Card
      title={title}
      aside={unit}
      actions={
        <button
          type="button"
          className="icon-btn"
          aria-pressed={asTable}
          aria-label={asTable ? t('asChart', { title }) : t('asTable', { title })}
          title={asTable ? t('asChart', { title }) : t('asTable', { title })}
          onClick={() => setAsTable(!asTable)}
        >
          {asTable ? <IconChartLine size={15} /> : <IconTable size={15} />}
        </button>
      }
      flush
    >
      {asTable ? (
        <DataTable
          label={title}
          maxHeight={height + 46}
          columns={[
            { key: 'at', header: t('time'), cell: (row: Sample) => <span className="mono">{formatInstant(row.atMs, zone)}</span> },
            ...series.map((one, i) => ({ key: `${i}`, header: one.label, numeric: true, cell: (row: Sample) => value(i, row) })),
          ]}
          rows={toRows(samples, 60)}
          rowKey={(row) => row.atMs}
          empty={<div className="card-bd dim">{empty ?? t('empty')}</div>}
        />
      ) : (
        <div style={{ padding: '8px 10px 6px' }}>
          <div className="row wrap small" style={{ gap: 12, padding: '0 4px 4px' }}>
            {series.map((one, i) => (
              <span key={one.label} className="row" style={{ gap: 6 }}>
                <i
                  aria-hidden="true"
                  style={{ width: 14, height: 0, borderTop: `2px ${one.dashed ? 'dashed' : 'solid'} var(--${one.tone})` }}
                />
                <span className="mid">{one.label}</span>
                <span className="n">{value(i, newest)}</span>
              </span>
            ))}
          </div>
          <div role="img" aria-label={`${title}, ${unit}. ${summary}`}>
            {known ? (
              <Plot
                columns={columns}
                series={series}
                range={tight ? tightRange(columns) : yRange(columns, threshold?.value ?? null)}
                threshold={threshold}
                formatY={formatAxis ?? format}
                formatX={(atMs) => formatInstant(atMs, zone).slice(11)}
                height={height}
              />
            ) : (
              <div className="dim" style={{ height, display: 'grid', placeItems: 'center' }}>
                {empty ?? t('empty')}
              </div>
            )}
          </div>
        </div>
      )}
    </Card>
  )
}
