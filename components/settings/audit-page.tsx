'use client'
import { Button, TextInput } from '@mantine/core'
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { useTranslations } from 'next-intl'
import { AuditEntry, list } from '@/contract/http-api.ts'
import { api, query as toQuery } from '@/components/api.ts'
import { Card } from '@/components/ui/card.tsx'
import { DataTable } from '@/components/ui/data-table.tsx'
import { EmptyState } from '@/components/ui/empty.tsx'
import { ErrorNote } from '@/components/ui/error-note.tsx'
import { LiveAge } from '@/components/ui/live-age.tsx'
import { PageHeader } from '@/components/ui/page.tsx'
import { usePreferences } from '@/components/ui/preferences.tsx'
import { SkeletonRows } from '@/components/ui/skeleton.tsx'
import { Time } from '@/components/ui/time.tsx'
import { useUrlState } from '@/components/ui/url-state.ts'
import { changes } from './diff.ts'

const Audit = list(AuditEntry)

/** Who changed what, when, from where. The filter looks at what has been loaded. */
export function AuditPage() {
  const t = useTranslations('audit')
  const { paused } = usePreferences()
  const [filter, setFilter] = useUrlState('find')
  const audit = useInfiniteQuery({
    queryKey: ['/audit'],
    queryFn: ({ pageParam, signal }) => api(Audit, `/audit${toQuery({ limit: 100, cursor: pageParam })}`, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor,
    refetchInterval: paused ? false : 5000,
    placeholderData: keepPreviousData,
  })
  const all = audit.data?.pages.flatMap((page) => page.items) ?? []
  const wanted = (filter ?? '').trim().toLowerCase()
  const rows = all.filter((entry) =>
    `${entry.actor} ${entry.action} ${entry.targetType} ${entry.targetId} ${entry.via}`.toLowerCase().includes(wanted),
  )
  return (
    <>
      <PageHeader title={t('title')} sub={t('sub')} actions={<LiveAge query={audit} />} />
      <div className="stack">
        <TextInput
          aria-label={t('find')}
          placeholder={t('find')}
          value={filter ?? ''}
          onChange={(event) => setFilter(event.currentTarget.value || null)}
          style={{ width: 280 }}
        />
        {audit.isError && <ErrorNote error={audit.error} />}
        {(audit.data || !audit.isError) && (
          <Card flush>
            {!audit.data ? (
              <SkeletonRows />
            ) : (
              <DataTable
                label={t('title')}
                rows={rows}
                rowKey={(entry) => entry.id}
                empty={
                  all.length === 0 ? (
                    <EmptyState title={t('empty.title')}>{t('empty.text')}</EmptyState>
                  ) : (
                    <EmptyState
                      title={t('empty.filtered')}
                      action={
                        <button type="button" className="link-btn" onClick={() => setFilter(null)}>
                          {t('empty.all')}
                        </button>
                      }
                    />
                  )
                }
                columns={[
                  { key: 'at', header: t('columns.at'), cell: (entry: AuditEntry) => <Time value={entry.at} /> },
                  {
                    key: 'actor',
                    header: t('columns.actor'),
                    cell: (entry) => (
                      <>
                        {entry.actor} <span className="dim small">{t.has(`via.${entry.via}`) ? t(`via.${entry.via}`) : entry.via}</span>
                      </>
                    ),
                  },
                  { key: 'action', header: t('columns.action'), cell: (entry) => <span className="mono">{entry.action}</span> },
                  {
                    key: 'target',
                    header: t('columns.target'),
                    cell: (entry) => (
                      <>
                        {entry.targetType} <span className="mono">{entry.targetId}</span>
                      </>
                    ),
                  },
                  {
                    key: 'change',
                    header: t('columns.change'),
                    wrap: true,
                    cell: (entry) => <Diff before={entry.before} after={entry.after} />,
                  },
                  {
                    key: 'address',
                    header: t('columns.address'),
                    cell: (entry) => <span className="mono dim">{entry.address ?? '–'}</span>,
                  },
                ]}
              />
            )}
            {audit.hasNextPage && (
              <div className="card-bd">
                <Button loading={audit.isFetchingNextPage} onClick={() => void audit.fetchNextPage()}>
                  {t('more')}
                </Button>
              </div>
            )}
          </Card>
        )}
      </div>
    </>
  )
}

function Diff({ before, after }: { before: unknown; after: unknown }) {
  const t = useTranslations('audit')
  const all = changes(before, after)
  if (all.length === 0) return <span className="dim">{t('noChange')}</span>
  const lines = all.map((one) => (
    <span key={one.path}>
      {one.path && <span className="dim">{one.path}: </span>}
      {one.before !== null && (
        <span className="was">
          <span aria-hidden="true">− </span>
          <span className="sr">{t('was')} </span>
          {one.before.slice(0, 400)}
        </span>
      )}
      {one.before !== null && one.after !== null && ' '}
      {one.after !== null && (
        <span className="is">
          <span aria-hidden="true">+ </span>
          <span className="sr">{t('is')} </span>
          {one.after.slice(0, 400)}
        </span>
      )}
    </span>
  ))
  if (lines.length <= 4) return <div className="diff">{lines}</div>
  return (
    <details className="diff">
      <summary style={{ cursor: 'pointer', color: 'var(--accent)' }}>{t('fields', { count: lines.length })}</summary>
      <div className="diff">{lines}</div>
    </details>
  )
}
