'use client'
import Link from 'next/link'
import { useTranslations } from 'next-intl'
import { list, Savepoint } from '@/contract/http-api.ts'
import { Card } from '@/components/ui/card.tsx'
import { Chip } from '@/components/ui/chip.tsx'
import { CopyButton } from '@/components/ui/copy.tsx'
import { DataTable } from '@/components/ui/data-table.tsx'
import { EmptyState } from '@/components/ui/empty.tsx'
import { ErrorNote } from '@/components/ui/error-note.tsx'
import { LiveAge } from '@/components/ui/live-age.tsx'
import { PageHeader } from '@/components/ui/page.tsx'
import { Bytes } from '@/components/ui/quantity.tsx'
import { SkeletonRows } from '@/components/ui/skeleton.tsx'
import { Status } from '@/components/ui/status.tsx'
import { Time } from '@/components/ui/time.tsx'
import { useApi } from '@/components/use-api.ts'
import { CheckpointsNav } from '../checkpoints/checkpoints-nav.tsx'
import { SavepointActions } from './savepoint-actions.tsx'

const Savepoints = list(Savepoint)

/** Every savepoint: what it is, who may start from it, what may be done with it. */
export function SavepointsPage() {
  const t = useTranslations('savepoints')
  const query = useApi(Savepoints, '/savepoints')
  const unknown = <span className="dim">{t('unknown')}</span>
  return (
    <>
      <PageHeader title={t('title')} sub={t('sub')} actions={<LiveAge query={query} />} />
      <CheckpointsNav />
      {query.isError && <ErrorNote error={query.error} />}
      {(query.data || !query.isError) && (
        <Card flush>
          {!query.data ? (
            <SkeletonRows />
          ) : (
            <DataTable
              label={t('title')}
              rows={query.data.items}
              rowKey={(one) => one.id}
              empty={
                <EmptyState title={t('empty.title')} action={<Link href="/jobs">{t('empty.action')}</Link>}>
                  {t('empty.text')}
                </EmptyState>
              }
              columns={[
                {
                  key: 'name',
                  header: t('columns.name'),
                  wrap: true,
                  cell: (one: Savepoint) => (
                    <>
                      <span className="strong">{one.name}</span> <span className="mono dim">S-{one.id}</span>
                      <CopyButton value={String(one.id)} label={t('copyId')} />
                      {one.note && <div className="mid small">{one.note}</div>}
                    </>
                  ),
                },
                {
                  key: 'status',
                  header: t('columns.status'),
                  cell: (one) => (
                    <>
                      <Status value={one.status} />
                      {one.failureMessage && (
                        <div className="small" style={{ color: 'var(--bad)', whiteSpace: 'normal', maxWidth: 260 }}>
                          {one.failureMessage}
                        </div>
                      )}
                    </>
                  ),
                },
                {
                  key: 'view',
                  header: t('columns.view'),
                  cell: (one) => (
                    <>
                      <Link href={`/features/${encodeURIComponent(one.view)}`}>{one.view}</Link> <Chip tone="job1">v{one.version}</Chip>
                      <div className="small">
                        <Link href={`/jobs/${one.jobId}`}>{t('job', { id: one.jobId })}</Link>
                      </div>
                    </>
                  ),
                },
                {
                  key: 'size',
                  header: t('columns.size'),
                  numeric: true,
                  cell: (one) => (one.status === 'IN_PROGRESS' ? unknown : <Bytes value={one.sizeBytes} />),
                },
                {
                  key: 'max',
                  header: 'maxEventTime',
                  cell: (one) => (one.maxEventTimeMs === null ? unknown : <Time value={one.maxEventTimeMs} mode="exact" />),
                },
                {
                  key: 'owner',
                  header: t('columns.owner'),
                  cell: (one) => (
                    <>
                      {one.createdBy}
                      <div className="dim small">
                        <Time value={one.createdAt} />
                      </div>
                    </>
                  ),
                },
                {
                  key: 'pinned',
                  header: t('columns.pinned'),
                  cell: (one) =>
                    one.pinned ? (
                      <>
                        <Chip tone="run" shape="⚲">
                          {t('pinned')}
                        </Chip>
                        {one.pinnedReason && (
                          <div className="dim small" style={{ whiteSpace: 'normal', maxWidth: 200 }}>
                            {one.pinnedReason}
                          </div>
                        )}
                      </>
                    ) : (
                      <span className="dim">{t('notPinned')}</span>
                    ),
                },
                {
                  key: 'restorable',
                  header: t('columns.restorableBy'),
                  cell: (one) =>
                    one.restorableBy.length === 0 ? (
                      <span className="dim">{t('restorableByNone')}</span>
                    ) : (
                      one.restorableBy.map((version) => `v${version}`).join(', ')
                    ),
                },
                {
                  key: 'actions',
                  header: <span className="sr">{t('columns.actions')}</span>,
                  cell: (one) => <SavepointActions savepoint={one} />,
                },
              ]}
            />
          )}
        </Card>
      )}
    </>
  )
}
