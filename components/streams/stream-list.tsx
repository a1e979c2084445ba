'use client'
import { Button } from '@mantine/core'
import Link from 'next/link'
import { useTranslations } from 'next-intl'
import { list, Stream } from '@/contract/http-api.ts'
import { segment } from '../api.ts'
import { Card } from '../ui/card.tsx'
import { Chip } from '../ui/chip.tsx'
import { type Column, DataTable } from '../ui/data-table.tsx'
import { EmptyState } from '../ui/empty.tsx'
import { ErrorNote } from '../ui/error-note.tsx'
import { LiveAge } from '../ui/live-age.tsx'
import { PageHeader } from '../ui/page.tsx'
import { Bytes, Num, Rate } from '../ui/quantity.tsx'
import { SkeletonRows } from '../ui/skeleton.tsx'
import { Time } from '../ui/time.tsx'
import { useApi } from '../use-api.ts'

export function StreamList() {
  const t = useTranslations('streams')
  const streams = useApi(list(Stream), '/streams')
  const add = (
    <Button component={Link} href="/streams/new" variant="filled">
      {t('add')}
    </Button>
  )
  const columns: Column<Stream>[] = [
    {
      key: 'name',
      header: t('columns.name'),
      cell: (stream) => (
        <Link className="strong" href={`/streams/${segment(stream.name)}`}>
          {stream.name}
        </Link>
      ),
    },
    { key: 'events', header: t('columns.events'), numeric: true, cell: (stream) => <Num value={stream.stats?.events} /> },
    { key: 'rate', header: t('columns.rate'), numeric: true, cell: (stream) => <Rate value={stream.stats?.eventsPerSecond} /> },
    { key: 'newest', header: t('columns.newest'), cell: (stream) => <Time value={stream.stats?.maxEventTimeMs} mode="exact" /> },
    { key: 'size', header: t('columns.size'), numeric: true, cell: (stream) => <Bytes value={stream.stats?.bytes} /> },
    { key: 'partitions', header: t('columns.partitions'), numeric: true, cell: (stream) => stream.partitions },
    { key: 'fields', header: t('columns.fields'), numeric: true, cell: (stream) => stream.fields.length },
    { key: 'views', header: t('columns.views'), numeric: true, cell: (stream) => stream.views.length },
    {
      key: 'dead',
      header: t('columns.deadLetters'),
      cell: (stream) =>
        stream.deadLetters === 0 ? (
          <span className="dim">{t('noDeadLetters')}</span>
        ) : (
          <Link href={`/streams/${segment(stream.name)}?tab=dead-letters`}>
            <Chip tone="warn">{t('deadLetterCount', { count: stream.deadLetters })}</Chip>
          </Link>
        ),
    },
    { key: 'created', header: t('columns.created'), cell: (stream) => <Time value={stream.createdAt} /> },
  ]
  return (
    <>
      <PageHeader
        title={t('title')}
        sub={t('intro')}
        actions={
          <>
            <LiveAge query={streams} />
            {add}
          </>
        }
      />
      {streams.error && !streams.data && <ErrorNote error={streams.error} />}
      {(streams.data || streams.isPending) && (
        <Card flush>
          {streams.data ? (
            <DataTable
              label={t('title')}
              columns={columns}
              rows={streams.data.items}
              rowKey={(stream) => stream.name}
              empty={
                <EmptyState title={t('empty.title')} action={add}>
                  {t('empty.text')}
                </EmptyState>
              }
            />
          ) : (
            <SkeletonRows />
          )}
        </Card>
      )}
    </>
  )
}
