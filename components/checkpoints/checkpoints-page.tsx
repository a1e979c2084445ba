'use client'
import { NativeSelect } from '@mantine/core'
import Link from 'next/link'
import { useTranslations } from 'next-intl'
import { CheckpointHistory, Job, list } from '@/contract/http-api.ts'
import { Card } from '@/components/ui/card.tsx'
import { EmptyState } from '@/components/ui/empty.tsx'
import { ErrorNote } from '@/components/ui/error-note.tsx'
import { LiveAge } from '@/components/ui/live-age.tsx'
import { PageHeader } from '@/components/ui/page.tsx'
import { SkeletonRows } from '@/components/ui/skeleton.tsx'
import { useUrlState } from '@/components/ui/url-state.ts'
import { useApi } from '@/components/use-api.ts'
import { sortJobs } from '../jobs/order.ts'
import { CheckpointsNav } from './checkpoints-nav.tsx'
import { ConfigurationCard } from './configuration-card.tsx'
import { HistoryTable } from './history-table.tsx'
import { OverviewCard } from './overview-card.tsx'
import { SummaryCard } from './summary-card.tsx'
import { TimelineStrip } from './timeline-strip.tsx'
import { TrendCharts } from './trend-charts.tsx'

const Jobs = list(Job)

/** Checkpoints of one job, chosen in the address. */
export function CheckpointsPage() {
  const t = useTranslations('checkpoints')
  const jobs = useApi(Jobs, '/jobs', 5000)
  const [chosen, choose] = useUrlState('job')
  const all = sortJobs(jobs.data?.items ?? [], 'attention')
  const usual = all.find((job) => job.authoritative) ?? all[0]
  const jobId = chosen !== null && /^\d+$/.test(chosen) ? Number(chosen) : usual?.id
  const history = useApi(CheckpointHistory, jobId === undefined ? null : `/jobs/${jobId}/checkpoints?limit=100`)
  return (
    <>
      <PageHeader title={t('title')} sub={t('sub')} actions={<LiveAge query={jobId === undefined ? jobs : history} />} />
      <CheckpointsNav />
      {jobs.isError && <ErrorNote error={jobs.error} />}
      {!jobs.data ? (
        !jobs.isError && (
          <Card flush>
            <SkeletonRows />
          </Card>
        )
      ) : jobId === undefined ? (
        <Card>
          <EmptyState title={t('empty.title')} action={<Link href="/features">{t('empty.action')}</Link>}>
            {t('empty.text')}
          </EmptyState>
        </Card>
      ) : (
        <div className="stack">
          <div className="row wrap">
            <NativeSelect
              aria-label={t('job')}
              value={String(jobId)}
              onChange={(event) => choose(event.currentTarget.value)}
              data={all.map((job) => ({
                value: String(job.id),
                label: t('jobOption', {
                  id: job.id,
                  view: job.view,
                  version: job.version,
                  role: job.authoritative ? t('authoritative') : t('shadow'),
                }),
              }))}
            />
            <Link href={`/jobs/${jobId}`}>{t('toJob')}</Link>
          </div>
          {history.isError && <ErrorNote error={history.error} />}
          {history.isPending && (
            <Card flush>
              <SkeletonRows />
            </Card>
          )}
          {history.data && (
            <>
              <OverviewCard history={history.data} jobId={jobId} />
              <TimelineStrip checkpoints={history.data.items} jobId={jobId} />
              <TrendCharts checkpoints={history.data.items} />
              <HistoryTable first={history.data} jobId={jobId} />
              <div className="two">
                <SummaryCard summary={history.data.summary} />
                <ConfigurationCard configuration={history.data.configuration} jobId={jobId} />
              </div>
            </>
          )}
        </div>
      )}
    </>
  )
}
