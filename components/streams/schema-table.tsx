'use client'
import { useTranslations } from 'next-intl'
import type { Stream } from '@/contract/http-api.ts'
import { Chip } from '../ui/chip.tsx'
import { type Column, DataTable } from '../ui/data-table.tsx'

export function SchemaTable({ stream }: { stream: Stream }) {
  const t = useTranslations('streams')
  const columns: Column<Stream['fields'][number]>[] = [
    { key: 'field', header: t('columns.field'), cell: (field) => <span className="mono">{field.name}</span> },
    { key: 'type', header: t('columns.type'), cell: (field) => <span className="mono">{field.type}</span> },
    { key: 'nullable', header: t('columns.nullable'), cell: (field) => (field.nullable ? t('mayBeNull') : t('neverNull')) },
    {
      key: 'role',
      header: t('columns.role'),
      cell: (field) =>
        field.name === stream.eventTime ? (
          <Chip tone="run" shape="◷">
            {t('isEventTime')}
          </Chip>
        ) : field.name === stream.partitionBy ? (
          <Chip>{t('isPartitionBy')}</Chip>
        ) : (
          <span className="dim">–</span>
        ),
    },
  ]
  return <DataTable label={t('tabs.schema')} columns={columns} rows={stream.fields} rowKey={(field) => field.name} />
}
