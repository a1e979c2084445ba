'use client'
import Link from 'next/link'
import { useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import { Job, list } from '@/contract/http-api.ts'
import { Card } from '@/components/ui/card.tsx'
import { Chip } from '@/components/ui/chip.tsx'
import { Choices } from '@/components/ui/choices.tsx'
import { DataTable } from '@/components/ui/data-table.tsx'
import { EmptyState } from '@/components/ui/empty.tsx'
import { ErrorNote } from '@/components/ui/error-note.tsx'
import { LiveAge } from '@/components/ui/live-age.tsx'
import { PageHeader } from '@/components/ui/page.tsx'
import { Bytes, Num, Rate } from '@/components/ui/quantity.tsx'
import { SkeletonRows } from '@/components/ui/skeleton.tsx'
import { Time } from '@/components/ui/time.tsx'
import { useUrlState } from '@/components/ui/url-state.ts'
import { useApi } from '@/components/use-api.ts'
import { JobState } from './job-state.tsx'
import { jobFilters, type JobSort, matchesJobFilter, parseFilter, parseSort, sortJobs } from './order.ts'

const Jobs = list(Job)

/** All jobs, those that need a look first. */
export function JobList() {
  const t = useTranslations('jobs')
  const [filterText, setFilter] = useUrlState('filter')
  const [sortText, setSort] = useUrlState('sort')
  const filter = parseFilter(filterText)
  const sort = parseSort(sortText)
  const jobs = useApi(Jobs, '/jobs')
  const all = jobs.data?.items ?? []
  const rows = sortJobs(
    all.filter((job) => matchesJobFilter(job, filter)),
    sort,
  )
  const unknown = <span className="dim">{t('unknown')}</span>
  /** Figures of a job that doesn't run are the last known ones. */
  const figure = (job: Job, value: ReactNode) =>
    job.observed === 'RUNNING' ? (
      value
    ) : (
      <span className="dim" title={t('lastKnownShort')}>
        {value}
        <span className="sr"> ({t('lastKnownShort')})</span>
      </span>
    )
  const sortable = (key: JobSort, header: string) => (
    <button
      type="button"
      className="sort"
      aria-pressed={sort === key}
      title={t('sortBy', { column: header })}
      onClick={() => setSort(sort === key ? null : key)}
    >
      {header}
      {sort === key && <span aria-hidden="true"> ↓</span>}
    </button>
  )
  return (
    <>
      <PageHeader title={t('title')} sub={t('sub')} actions={<LiveAge query={jobs} />} />
      {jobs.isError && <ErrorNote error={jobs.error} />}
      <div className="stack">
        <div>
          <Choices
            label={t('filter')}
            value={filter}
            onChange={(next) => setFilter(next === 'all' ? null : next)}
            choices={jobFilters.map((value) => ({
              value,
              label: t(`filters.${value}`),
              ...(jobs.data && { count: all.filter((job) => matchesJobFilter(job, value)).length }),
            }))}
          />
        </div>
        {(jobs.data || !jobs.isError) && (
          <Card flush>
            {!jobs.data ? (
              <SkeletonRows />
            ) : (
              <DataTable
                label={t('title')}
                rows={rows}
                rowKey={(job) => job.id}
                empty={
                  all.length === 0 ? (
                    <EmptyState title={t('empty.title')} action={<Link href="/features">{t('empty.action')}</Link>}>
                      {t('empty.text')}
                    </EmptyState>
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
                  {
                    key: 'job',
                    header: t('columns.job'),
                    cell: (job: Job) => <Link href={`/jobs/${job.id}`}>{t('job', { id: job.id })}</Link>,
                  },
                  {
                    key: 'view',
                    header: sortable('view', t('columns.view')),
                    cell: (job) => (
                      <span className="row" style={{ gap: 6 }}>
                        <Link href={`/features/${encodeURIComponent(job.view)}`}>{job.view}</Link>{' '}
                        <Chip tone={job.authoritative ? 'job1' : job.desired === 'RUNNING' ? 'job2' : 'plain'}>v{job.version}</Chip>
                      </span>
                    ),
                  },
                  {
                    key: 'role',
                    header: t('columns.role'),
                    cell: (job) =>
                      job.authoritative ? (
                        <Chip tone="ok" shape="●">
                          {t('authoritative')}
                        </Chip>
                      ) : (
                        <span className="dim">{t('shadow')}</span>
                      ),
                  },
                  { key: 'state', header: sortable('attention', t('columns.state')), cell: (job) => <JobState job={job} /> },
                  {
                    key: 'lag',
                    header: sortable('lagRecords', t('columns.lag')),
                    numeric: true,
                    cell: (job) => (job.lagRecords === null ? unknown : figure(job, <Num value={job.lagRecords} />)),
                  },
                  {
                    key: 'rate',
                    header: sortable('eventsPerSecond', t('columns.rate')),
                    numeric: true,
                    cell: (job) => (job.eventsPerSecond === null ? unknown : figure(job, <Rate value={job.eventsPerSecond} />)),
                  },
                  {
                    key: 'max',
                    header: sortable('maxEventTimeMs', t('columns.maxEventTime')),
                    cell: (job) => (job.maxEventTimeMs === null ? unknown : <Time value={job.maxEventTimeMs} mode="exact" />),
                  },
                  {
                    key: 'watermark',
                    header: t('columns.watermark'),
                    cell: (job) => (job.watermarkMs === null ? unknown : <Time value={job.watermarkMs} mode="exact" />),
                  },
                  {
                    key: 'bytes',
                    header: sortable('stateBytes', t('columns.state_size')),
                    numeric: true,
                    cell: (job) => (job.stateBytes === null ? unknown : figure(job, <Bytes value={job.stateBytes} />)),
                  },
                  {
                    key: 'restarts',
                    header: sortable('restarts', t('columns.restarts')),
                    numeric: true,
                    cell: (job) => <Num value={job.restarts} />,
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
