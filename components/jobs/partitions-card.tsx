'use client'
import Link from 'next/link'
import { useTranslations } from 'next-intl'
import { isArchivePartition } from '@/contract/archive.ts'
import type { JobMetrics } from '@/contract/job-ipc.ts'
import { segment } from '@/components/api.ts'
import { Card } from '@/components/ui/card.tsx'
import { DataTable } from '@/components/ui/data-table.tsx'
import { Duration, Num } from '@/components/ui/quantity.tsx'
import { Time } from '@/components/ui/time.tsx'

type Partition = JobMetrics['partitions'][number]

const StreamLink = ({ name }: { name: string }) => <Link href={`/streams/${segment(name)}`}>{name}</Link>

/** How far each partition has been read, in records and in event time; of a union, of which stream. */
export function PartitionsCard({ partitions }: { partitions: Partition[] | null }) {
  const t = useTranslations('jobs')
  const unknown = <span className="dim">{t('unknown')}</span>
  const isUnion = partitions?.some(({ of }) => of !== undefined) ?? false
  const instant = (ms: number | null) => (ms === null ? unknown : <Time value={ms} mode="exact" />)
  return (
    <Card title={t('partitions.title')} aside={isUnion ? t('partitions.asideUnion') : t('partitions.aside')} flush>
      <DataTable
        label={t('partitions.title')}
        rows={partitions ?? []}
        rowKey={(partition) => partition.partition}
        empty={<div className="card-bd mid">{t('partitions.none')}</div>}
        columns={[
          ...(isUnion
            ? [{ key: 'stream', header: t('partitions.stream'), cell: (row: Partition) => row.of && <StreamLink name={row.of.stream} /> }]
            : []),
          {
            key: 'partition',
            header: t('partitions.partition'),
            cell: (row: Partition) => (
              <span className="mono">
                {isArchivePartition(row.partition) ? t('partitions.archive') : (row.of?.partition ?? row.partition)}
              </span>
            ),
          },
          { key: 'position', header: t('partitions.position'), numeric: true, cell: (row) => <Num value={row.position} /> },
          { key: 'end', header: t('partitions.end'), numeric: true, cell: (row) => <Num value={row.endOffset} /> },
          { key: 'lag', header: t('partitions.lagRecords'), numeric: true, cell: (row) => <Num value={row.lagRecords} /> },
          {
            key: 'lagMs',
            header: t('partitions.lagMs'),
            numeric: true,
            cell: (row) => (row.lagMs === null ? unknown : <Duration value={row.lagMs} />),
          },
          { key: 'max', header: 'maxEventTime', cell: (row) => instant(row.maxEventTimeMs) },
          { key: 'watermark', header: t('figures.watermark'), cell: (row) => instant(row.watermarkMs) },
          {
            key: 'idle',
            header: t('partitions.state'),
            cell: (row) => (row.idle ? `◌ ${t('partitions.idle')}` : `● ${t('partitions.active')}`),
          },
        ]}
      />
    </Card>
  )
}
