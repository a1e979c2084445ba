'use client'
import { Button } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useLocale, useTranslations } from 'next-intl'
import { useState } from 'react'
import { HistoryRows } from '@/contract/engine-api.ts'
import type { Stream, View } from '@/contract/http-api.ts'
import { query, segment } from '../api.ts'
import { Chip } from '../ui/chip.tsx'
import { type Column, DataTable } from '../ui/data-table.tsx'
import { EmptyState } from '../ui/empty.tsx'
import { ErrorNote } from '../ui/error-note.tsx'
import { formatCell } from '../ui/format.ts'
import { Num } from '../ui/quantity.tsx'
import { SkeletonRows } from '../ui/skeleton.tsx'
import { Time } from '../ui/time.tsx'
import { useUrlState } from '../ui/url-state.ts'
import { useApi } from '../use-api.ts'
import { CellText } from './cell-text.tsx'
import styles from './features.module.css'
import { keyText } from './read-key.ts'
import { WindowRange } from './window-range.tsx'

type Item = HistoryRows['items'][number]

/** Every row that the view produced, newest first; of one key if asked. */
export function HistoryBrowser({ view, stream }: { view: View; stream: Stream | undefined }) {
  const t = useTranslations('features')
  const locale = useLocale()
  const [key, setKey] = useUrlState('key')
  const typed = readTyped(key)
  const [settled] = useDebouncedValue(keyText(view.key, typed, stream?.fields ?? []) ?? '', 300)
  const [before, setBefore] = useState<string | undefined>()
  const rows = useApi(
    HistoryRows,
    `/views/${segment(view.name)}/history${query({ limit: 100, key: settled, before })}`,
    before ? false : 2000,
  )
  const typeOf = (name: string) => view.types.find((type) => type.name === name)?.type
  const columns: Column<Item>[] = [
    { key: 'eventTime', header: t('history.eventTime'), cell: (item) => <Time value={item.eventTimeMs} mode="exact" millis /> },
    view.definition.group
      ? { key: 'window', header: t('preview.window'), cell: (item) => <WindowRange value={item.window} /> }
      : {
          key: 'position',
          header: t('preview.position'),
          numeric: true,
          cell: (item) => `${item.stream === undefined ? '' : `${item.stream} `}${item.partition}:${item.offset}`,
        },
    ...view.key.map(
      (name): Column<Item> => ({
        key: `key:${name}`,
        header: name,
        cell: (item) => <span className="strong">{formatCell(item.key[name], locale)}</span>,
      }),
    ),
    ...(rows.data?.features ?? []).map(
      (name, at): Column<Item> => ({
        key: `feature:${name}`,
        header: name,
        numeric: true,
        tone: 'var(--job1)',
        cell: (item) => <CellText value={item.values[at]} type={typeOf(name)} />,
      }),
    ),
    { key: 'version', header: t('history.version'), cell: (item) => <Chip tone="job1">v{item.viewVersion}</Chip> },
  ]
  return (
    <>
      <div className="row wrap" style={{ padding: '10px 14px', borderBottom: '1px solid var(--line-soft)' }}>
        {view.key.map((name) => (
          <input
            key={name}
            className={styles.field}
            style={{ width: 180 }}
            value={typed[name] ?? ''}
            onChange={(event) => {
              const { [name]: _, ...others } = typed
              const next = event.target.value === '' ? others : { ...others, [name]: event.target.value }
              setBefore(undefined)
              setKey(Object.keys(next).length === 0 ? null : JSON.stringify(next))
            }}
            placeholder={t('history.key', { key: name })}
            aria-label={t('history.key', { key: name })}
          />
        ))}
        {rows.data && <span className="dim">{t.rich('history.total', { count: () => <Num value={rows.data.total} /> })}</span>}
        <span className="sp" />
        {before && <Button onClick={() => setBefore(undefined)}>{t('history.newest')}</Button>}
        {rows.data?.nextCursor && <Button onClick={() => setBefore(rows.data?.nextCursor)}>{t('history.older')}</Button>}
      </div>
      {rows.error && !rows.data ? (
        <div className="card-bd">
          <ErrorNote error={rows.error} />
        </div>
      ) : rows.data ? (
        <DataTable
          label={t('view.tabs.history')}
          columns={columns}
          rows={rows.data.items}
          rowKey={(item) => `${item.stream ?? ''}:${item.partition}:${item.offset}:${item.viewVersion}:${JSON.stringify(item.key)}`}
          maxHeight={560}
          empty={
            <EmptyState title={settled ? t('preview.noMatch') : t('history.empty')}>{settled ? null : t('history.emptyText')}</EmptyState>
          }
        />
      ) : (
        <SkeletonRows />
      )}
    </>
  )
}

/** What was typed for each key field, from the address; anything else there is nothing typed. */
function readTyped(text: string | null): Record<string, string> {
  try {
    const parsed: unknown = JSON.parse(text ?? '{}')
    if (parsed === null || typeof parsed !== 'object') return {}
    return Object.fromEntries(Object.entries(parsed).filter((entry): entry is [string, string] => typeof entry[1] === 'string'))
  } catch {
    return {}
  }
}
