'use client'
import { Button } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useLocale, useTranslations } from 'next-intl'
import { useState } from 'react'
import { OnlineRows } from '@/contract/engine-api.ts'
import type { View } from '@/contract/http-api.ts'
import { query, segment } from '../api.ts'
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
import { WindowRange } from './window-range.tsx'

type Item = OnlineRows['items'][number]

/** What stands in the online store: one row a key, searched by key. */
export function OnlineBrowser({ view }: { view: View }) {
  const t = useTranslations('features')
  const locale = useLocale()
  const [search, setSearch] = useUrlState('search')
  const [settled] = useDebouncedValue(search ?? '', 300)
  const [after, setAfter] = useState<string | undefined>()
  const rows = useApi(OnlineRows, `/views/${segment(view.name)}/online${query({ limit: 100, search: settled, after })}`)
  const typeOf = (name: string) => view.types.find((type) => type.name === name)?.type
  const columns: Column<Item>[] = [
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
    view.definition.group
      ? { key: 'window', header: t('preview.window'), cell: (item) => <WindowRange value={item.window} /> }
      : { key: 'asOf', header: t('online.asOf'), cell: (item) => <Time value={item.asOfMs} mode="exact" /> },
    { key: 'validUntil', header: t('online.validUntil'), cell: (item) => <Time value={item.validUntilMs} mode="exact" /> },
    { key: 'epoch', header: t('online.epoch'), numeric: true, cell: (item) => item.epoch },
  ]
  return (
    <>
      <div className="row wrap" style={{ padding: '10px 14px', borderBottom: '1px solid var(--line-soft)' }}>
        <input
          className={styles.field}
          style={{ width: 240 }}
          value={search ?? ''}
          onChange={(event) => {
            setAfter(undefined)
            setSearch(event.target.value || null)
          }}
          placeholder={t('online.search', { key: view.key.join(', ') })}
          aria-label={t('online.search', { key: view.key.join(', ') })}
        />
        {rows.data && <span className="dim">{t.rich('online.total', { count: () => <Num value={rows.data.total} /> })}</span>}
        <span className="sp" />
        {after && <Button onClick={() => setAfter(undefined)}>{t('online.first')}</Button>}
        {rows.data?.nextCursor && <Button onClick={() => setAfter(rows.data?.nextCursor)}>{t('online.next')}</Button>}
      </div>
      {rows.error && !rows.data ? (
        <div className="card-bd">
          <ErrorNote error={rows.error} />
        </div>
      ) : rows.data ? (
        <DataTable
          label={t('view.tabs.online')}
          columns={columns}
          rows={rows.data.items}
          rowKey={(item) => JSON.stringify(item.key)}
          maxHeight={560}
          empty={
            <EmptyState title={settled ? t('preview.noMatch') : t('online.empty')}>{settled ? null : t('online.emptyText')}</EmptyState>
          }
        />
      ) : (
        <SkeletonRows />
      )}
    </>
  )
}
