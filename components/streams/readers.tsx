'use client'
import { Button } from '@mantine/core'
import Link from 'next/link'
import { useTranslations } from 'next-intl'
import { list, type Stream, View } from '@/contract/http-api.ts'
import { segment } from '../api.ts'
import { Chip } from '../ui/chip.tsx'
import { type Column, DataTable } from '../ui/data-table.tsx'
import { EmptyState } from '../ui/empty.tsx'
import { useApi } from '../use-api.ts'

/** The feature views that read this stream. */
export function Readers({ stream }: { stream: Stream }) {
  const t = useTranslations('streams')
  const views = useApi(list(View), '/views')
  const rows = stream.views.map((name) => ({ name, view: views.data?.items.find((view) => view.name === name) }))
  const columns: Column<(typeof rows)[number]>[] = [
    {
      key: 'view',
      header: t('columns.view'),
      cell: (row) => (
        <Link className="strong" href={`/features/${segment(row.name)}`}>
          {row.name}
        </Link>
      ),
    },
    { key: 'key', header: t('columns.key'), cell: (row) => <span className="mono">{row.view?.key.join(', ') ?? '–'}</span> },
    { key: 'features', header: t('columns.features'), numeric: true, cell: (row) => row.view?.types.length ?? '–' },
    {
      key: 'running',
      header: t('columns.running'),
      cell: (row) =>
        row.view?.runningVersion ? <Chip tone="job1">v{row.view.runningVersion}</Chip> : <span className="dim">{t('notReleased')}</span>,
    },
  ]
  return (
    <DataTable
      label={t('tabs.readers')}
      columns={columns}
      rows={rows}
      rowKey={(row) => row.name}
      empty={
        <EmptyState
          title={t('noReaders.title')}
          action={
            <Button component={Link} href={`/features/new?stream=${segment(stream.name)}`}>
              {t('addFeature')}
            </Button>
          }
        >
          {t('noReaders.text')}
        </EmptyState>
      }
    />
  )
}
