'use client'
import { Button, NativeSelect, TextInput } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { StreamEvents } from '@/contract/engine-api.ts'
import type { Stream } from '@/contract/http-api.ts'
import { query, segment } from '../api.ts'
import { CodeBlock } from '../ui/copy.tsx'
import { type Column, DataTable } from '../ui/data-table.tsx'
import { EmptyState } from '../ui/empty.tsx'
import { ErrorNote } from '../ui/error-note.tsx'
import { Num } from '../ui/quantity.tsx'
import { SkeletonRows } from '../ui/skeleton.tsx'
import { Time } from '../ui/time.tsx'
import { useUrlState } from '../ui/url-state.ts'
import { useApi } from '../use-api.ts'
import { eventTimeOf, pretty } from './event-json.ts'

const PAGE = 50
type Event = StreamEvents['items'][number]

/** A partition's events as they were sent; from the end (live) unless an offset is asked for. */
export function EventsBrowser({ stream }: { stream: Stream }) {
  const t = useTranslations('streams')
  const [partitionText, setPartition] = useUrlState('partition')
  const [offsetText, setOffset] = useUrlState('offset')
  const [open, setOpen] = useState<number | null>(null)
  const partition = Math.min(Math.max(Number(partitionText) || 0, 0), stream.partitions - 1)
  const offset = offsetText === null || !/^\d+$/.test(offsetText) ? null : Number(offsetText)
  const events = useApi(
    StreamEvents,
    `/streams/${segment(stream.name)}/events${query({ partition, offset: offset ?? -PAGE, limit: PAGE })}`,
    offset === null ? 2000 : false,
  )
  const items = events.data ? (offset === null ? [...events.data.items].reverse() : events.data.items) : []
  const shown = items.find((event) => event.offset === open)
  const start = events.data?.start ?? 0
  const end = events.data?.end ?? 0
  const first = offset ?? Math.max(start, end - PAGE)
  const columns: Column<Event>[] = [
    {
      key: 'offset',
      header: t('columns.offset'),
      numeric: true,
      cell: (event) => (
        <button
          type="button"
          className="link-btn n"
          aria-expanded={open === event.offset}
          onClick={() => setOpen(open === event.offset ? null : event.offset)}
        >
          {event.offset}
        </button>
      ),
    },
    {
      key: 'eventTime',
      header: stream.eventTime,
      cell: (event) => <Time value={eventTimeOf(event.value, stream.eventTime)} mode="exact" />,
    },
    {
      key: 'value',
      header: t('columns.event'),
      cell: (event) => (
        <span
          className="mono"
          style={{ display: 'inline-block', maxWidth: 760, overflow: 'hidden', textOverflow: 'ellipsis', verticalAlign: 'bottom' }}
        >
          {event.value}
        </span>
      ),
    },
    { key: 'received', header: t('columns.received'), cell: (event) => <Time value={event.timestampMs} mode="exact" /> },
  ]
  return (
    <>
      <div className="row wrap" style={{ padding: '10px 14px', borderBottom: '1px solid var(--line-soft)' }}>
        {stream.partitions > 1 && (
          <NativeSelect
            aria-label={t('partition')}
            value={String(partition)}
            onChange={(event) => setPartition(event.currentTarget.value === '0' ? null : event.currentTarget.value)}
            data={Array.from({ length: stream.partitions }, (_, at) => ({ value: String(at), label: t('partitionN', { n: at }) }))}
          />
        )}
        <TextInput
          inputMode="numeric"
          aria-label={t('goToOffset')}
          placeholder={t('goToOffset')}
          value={offset ?? ''}
          onChange={(event) => setOffset(event.currentTarget.value.replace(/\D/g, '').slice(0, 15) || null)}
          w={170}
        />
        <Button onClick={() => setOffset(String(start))} disabled={offset === start}>
          {t('oldest')}
        </Button>
        <Button onClick={() => setOffset(String(Math.max(start, first - PAGE)))} disabled={first <= start}>
          {t('earlier')}
        </Button>
        <Button onClick={() => setOffset(String(first + PAGE))} disabled={offset === null || first + PAGE >= end}>
          {t('later')}
        </Button>
        <Button onClick={() => setOffset(null)} disabled={offset === null}>
          {t('newest')}
        </Button>
        <span className="sp" />
        {events.data && (
          <span className="dim">{t.rich('range', { start: () => <Num value={start} />, end: () => <Num value={end} /> })}</span>
        )}
      </div>
      {events.error && !events.data && (
        <div className="card-bd">
          <ErrorNote error={events.error} />
        </div>
      )}
      {events.isPending && <SkeletonRows />}
      {shown && (
        <div className="card-bd">
          <CodeBlock value={pretty(shown.value)} label={t('eventAt', { offset: shown.offset })} maxHeight={320} />
        </div>
      )}
      {events.data && (
        <DataTable
          label={t('tabs.events')}
          columns={columns}
          rows={items}
          rowKey={(event) => event.offset}
          maxHeight={560}
          empty={
            <EmptyState
              title={t('noEvents.title')}
              action={
                <Button component="a" href="?tab=send">
                  {t('tabs.send')}
                </Button>
              }
            >
              {t('noEvents.text')}
            </EmptyState>
          }
        />
      )}
    </>
  )
}
