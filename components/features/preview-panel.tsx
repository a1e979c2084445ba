'use client'
import { useQuery } from '@tanstack/react-query'
import { useLocale, useTranslations } from 'next-intl'
import { useState } from 'react'
import { type Cell, PreviewAnswer } from '@/contract/engine-api.ts'
import type { EvenflowError } from '@/contract/errors.ts'
import { api } from '../api.ts'
import { Chip } from '../ui/chip.tsx'
import { type Column, DataTable } from '../ui/data-table.tsx'
import { EmptyState } from '../ui/empty.tsx'
import { ErrorNote } from '../ui/error-note.tsx'
import { formatCell } from '../ui/format.ts'
import { Duration, Num } from '../ui/quantity.tsx'
import { SkeletonRows } from '../ui/skeleton.tsx'
import { CellText } from './cell-text.tsx'
import styles from './features.module.css'
import { Sparkline } from './sparkline.tsx'

const tones = {
  position: 'var(--ink-3)',
  event_time: 'var(--ink-3)',
  window: 'var(--ink-3)',
  key: 'var(--ink)',
  field: 'var(--ink-3)',
  feature: 'var(--job2)',
} as const
const NOTES = ['preview_cut', 'preview_open', 'preview_throws'] as const
const isNote = (code: string): code is (typeof NOTES)[number] => NOTES.some((note) => note === code)
const NUMERIC = /^(int|double|decimal\(\d+,\d+\))$/

/** The draft's values on the newest real events of the stream, newest first. Runs by itself when the text is sound. */
export function PreviewPanel({ sql, keys }: { sql: string | null; keys: string[] }) {
  const t = useTranslations('features')
  const locale = useLocale()
  const [last, setLast] = useState(100)
  const [wanted, setWanted] = useState('')
  const [filter, setFilter] = useState('')
  const preview = useQuery<PreviewAnswer, EvenflowError>({
    queryKey: ['preview', sql, last],
    queryFn: ({ signal }) => api(PreviewAnswer, '/views/preview', { body: { sql, last }, signal }),
    enabled: sql !== null,
    placeholderData: (previous) => previous,
    staleTime: 60_000,
  })
  const answer = preview.data
  if (!answer) {
    if (preview.error)
      return (
        <div className="card-bd">
          <ErrorNote error={preview.error} />
        </div>
      )
    return sql === null ? <EmptyState title={t('preview.waiting')} /> : <SkeletonRows />
  }
  const indexed = answer.rows.map((cells, at) => ({ at, cells })).reverse()
  const keyAt = answer.columns.map((column, at) => (column.role === 'key' ? at : -1)).filter((at) => at >= 0)
  const keyText = (cells: Cell[]) => keyAt.map((at) => formatCell(cells[at], locale)).join(' · ')
  const shown = filter ? indexed.filter(({ cells }) => keyText(cells).toLowerCase().includes(filter.toLowerCase())) : indexed
  const features = answer.columns.filter((column) => column.role === 'feature' && NUMERIC.test(column.type))
  const chosen = features.find((column) => column.name === wanted) ?? features.at(-1)
  const columns: Column<(typeof indexed)[number]>[] = answer.columns.map((column, at) => ({
    key: `${column.role}:${column.name}`,
    header: column.role === 'position' ? t('preview.position') : column.name,
    numeric: NUMERIC.test(column.type) || column.role === 'position',
    tone: tones[column.role],
    cell: ({ cells }) => <CellText value={cells[at]} type={column.type} />,
  }))
  return (
    <div aria-busy={preview.isFetching} style={{ opacity: preview.isPlaceholderData ? 0.6 : 1 }}>
      <div className="row wrap" style={{ padding: '8px 14px', borderBottom: '1px solid var(--line-soft)' }}>
        <select
          className={styles.field}
          style={{ width: 'auto' }}
          aria-label={t('preview.last')}
          value={last}
          onChange={(event) => setLast(Number(event.target.value))}
        >
          {[20, 100, 500, 2000].map((count) => (
            <option key={count} value={count}>
              {t('preview.lastN', { count })}
            </option>
          ))}
        </select>
        <input
          className={styles.field}
          style={{ width: 160 }}
          value={filter}
          onChange={(event) => setFilter(event.target.value)}
          placeholder={t('preview.filter', { key: keys.join(', ') })}
          aria-label={t('preview.filter', { key: keys.join(', ') })}
        />
        <span className="dim">
          {t.rich('preview.read', { events: () => <Num value={answer.readEvents} />, time: () => <Duration value={answer.tookMs} /> })}
        </span>
        {answer.refusedEvents > 0 && <Chip tone="warn">{t('preview.refused', { count: answer.refusedEvents })}</Chip>}
        {answer.problems.map(({ code, message }) => (
          <Chip key={code} tone="warn" title={message}>
            {isNote(code) ? t(`preview.note.${code}`) : message}
          </Chip>
        ))}
        {preview.isFetching && <Chip tone="run">{t('preview.running')}</Chip>}
        {preview.error && <Chip tone="bad">{preview.error.message}</Chip>}
      </div>
      {answer.rows.length === 0 ? (
        <EmptyState title={t('preview.none')}>{t('preview.noneText')}</EmptyState>
      ) : (
        <div className={styles.previewGrid}>
          <DataTable
            label={t('tabs.preview')}
            columns={columns}
            rows={shown.slice(0, 500)}
            rowKey={(row) => row.at}
            maxHeight={420}
            empty={<EmptyState title={t('preview.noMatch')} />}
          />
          {chosen && (
            <div style={{ padding: '12px 14px 12px 0' }}>
              <select
                className={styles.field}
                style={{ marginBottom: 8 }}
                aria-label={t('preview.chartOf')}
                value={chosen.name}
                onChange={(event) => setWanted(event.target.value)}
              >
                {features.map((column) => (
                  <option key={column.name}>{column.name}</option>
                ))}
              </select>
              <Sparkline
                answer={answer}
                feature={chosen.name}
                keyText={keyText}
                wantedKey={mostFrequent(shown.map(({ cells }) => keyText(cells)))}
              />
            </div>
          )}
        </div>
      )}
    </div>
  )
}

/** The text that occurs most often; of equal ones the first. The chart shows the key that has the most to draw. */
function mostFrequent(texts: string[]): string {
  const counts = new Map<string, number>()
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1)
  return [...counts].reduce((best, next) => (next[1] > best[1] ? next : best), ['', 0] as [string, number])[0]
}
