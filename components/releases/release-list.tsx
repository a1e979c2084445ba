'use client'
import Link from 'next/link'
import { useLocale, useTranslations } from 'next-intl'
import { list, Release } from '@/contract/http-api.ts'
import { Card } from '@/components/ui/card.tsx'
import { Chip } from '@/components/ui/chip.tsx'
import { Choices } from '@/components/ui/choices.tsx'
import { DataTable } from '@/components/ui/data-table.tsx'
import { EmptyState } from '@/components/ui/empty.tsx'
import { ErrorNote } from '@/components/ui/error-note.tsx'
import { formatDuration } from '@/components/ui/format.ts'
import { LiveAge } from '@/components/ui/live-age.tsx'
import { useNow } from '@/components/ui/now.ts'
import { PageHeader } from '@/components/ui/page.tsx'
import { SkeletonRows } from '@/components/ui/skeleton.tsx'
import { Status } from '@/components/ui/status.tsx'
import { Time } from '@/components/ui/time.tsx'
import { useUrlState } from '@/components/ui/url-state.ts'
import { useApi } from '@/components/use-api.ts'
import { isEnded, matchesFilter, releaseDurationMs, type StateFilter, stateFilters } from './steps.ts'

const Releases = list(Release)

/** Every release there was, the newest first. */
export function ReleaseList() {
  const t = useTranslations('releases')
  const locale = useLocale()
  const now = useNow()
  const [state, setState] = useUrlState('state')
  const filter: StateFilter = stateFilters.find((one) => one === state) ?? 'all'
  const releases = useApi(Releases, '/releases')
  const all = releases.data?.items ?? []
  const rows = all.filter((release) => matchesFilter(release.state, filter))
  return (
    <>
      <PageHeader title={t('title')} sub={t('sub')} actions={<LiveAge query={releases} />} />
      {releases.isError && <ErrorNote error={releases.error} />}
      <div className="stack">
        <div>
          <Choices
            label={t('filter')}
            value={filter}
            onChange={(next) => setState(next === 'all' ? null : next)}
            choices={stateFilters.map((value) => ({
              value,
              label: t(`filters.${value}`),
              ...(releases.data && { count: all.filter((release) => matchesFilter(release.state, value)).length }),
            }))}
          />
        </div>
        {(releases.data || !releases.isError) && (
          <Card flush>
            {!releases.data ? (
              <SkeletonRows />
            ) : (
              <DataTable
                label={t('title')}
                rows={rows}
                rowKey={(release) => release.id}
                empty={
                  all.length === 0 ? (
                    <EmptyState title={t('empty.title')} action={<Link href="/features">{t('empty.action')}</Link>}>
                      {t('empty.text')}
                    </EmptyState>
                  ) : (
                    <EmptyState
                      title={t('empty.filtered')}
                      action={
                        <button type="button" className="link-btn" onClick={() => setState(null)}>
                          {t('empty.all')}
                        </button>
                      }
                    />
                  )
                }
                columns={[
                  {
                    key: 'id',
                    header: t('columns.release'),
                    cell: (release: Release) => (
                      <Link href={`/releases/${release.id}`} className="mono">
                        R-{release.id}
                      </Link>
                    ),
                  },
                  {
                    key: 'view',
                    header: t('columns.view'),
                    cell: (release) => <Link href={`/features/${encodeURIComponent(release.view)}`}>{release.view}</Link>,
                  },
                  {
                    key: 'kind',
                    header: t('columns.kind'),
                    cell: (release) => (t.has(`kinds.${release.kind}`) ? t(`kinds.${release.kind}`) : release.kind),
                  },
                  {
                    key: 'versions',
                    header: t('columns.versions'),
                    cell: (release) => (
                      <span className="row" style={{ gap: 6 }}>
                        {release.fromVersion !== null && (
                          <>
                            <Chip tone="job1">v{release.fromVersion}</Chip> <span className="dim">→</span>
                          </>
                        )}
                        <Chip tone="job2">v{release.toVersion}</Chip>
                      </span>
                    ),
                  },
                  { key: 'state', header: t('columns.state'), cell: (release) => <Status value={release.state} /> },
                  { key: 'by', header: t('columns.by'), cell: (release) => release.createdBy },
                  { key: 'started', header: t('columns.started'), cell: (release) => <Time value={release.createdAt} /> },
                  {
                    key: 'took',
                    header: t('columns.took'),
                    numeric: true,
                    cell: (release) =>
                      now === 0 ? '' : `${formatDuration(releaseDurationMs(release, now), locale)}${isEnded(release.state) ? '' : ' …'}`,
                  },
                  {
                    key: 'outcome',
                    header: t('columns.outcome'),
                    wrap: true,
                    cell: (release) => release.failure ?? (isEnded(release.state) ? t(`outcomes.${release.state}`) : t('outcomes.open')),
                  },
                ]}
              />
            )}
          </Card>
        )}
      </div>
    </>
  )
}
