'use client'
import Link from 'next/link'
import { useTranslations } from 'next-intl'
import { JobDetail } from '@/contract/http-api.ts'
import { LastCrumb } from '@/components/shell/crumbs.tsx'
import { Card } from '@/components/ui/card.tsx'
import { Chip } from '@/components/ui/chip.tsx'
import { CopyButton } from '@/components/ui/copy.tsx'
import { ErrorNote } from '@/components/ui/error-note.tsx'
import { LiveAge } from '@/components/ui/live-age.tsx'
import { PageHeader } from '@/components/ui/page.tsx'
import { SkeletonRows } from '@/components/ui/skeleton.tsx'
import { Time } from '@/components/ui/time.tsx'
import { useApi } from '@/components/use-api.ts'
import { CodeCard } from './code-card.tsx'
import { EffectiveParameters } from './effective-parameters.tsx'
import { ExceptionsCard } from './exceptions-card.tsx'
import { FailureChoices } from './failure-choices.tsx'
import { ForwardCard } from './forward-card.tsx'
import { JobActions } from './job-actions.tsx'
import { JobCharts } from './job-charts.tsx'
import { JobFigures } from './job-figures.tsx'
import { JobState } from './job-state.tsx'
import { OperatorsCard } from './operators-card.tsx'
import { PartitionsCard } from './partitions-card.tsx'
import { RecentCheckpoints } from './recent-checkpoints.tsx'
import { RunsCard } from './runs-card.tsx'
import { SubtasksCard } from './subtasks-card.tsx'
import { TablesCard } from './tables-card.tsx'
import { newerMetrics, useLiveJobs } from './use-live-jobs.ts'

/** What the run that failed ended with; null: it is not told in the exceptions. */
const failureCode = ({ run, reason, exceptions }: JobDetail): string | null =>
  exceptions.find((one) => one.run === run && one.message === reason)?.code ?? null

/** One job, live. */
export function JobPage({ id }: { id: number }) {
  const t = useTranslations('jobs')
  const query = useApi(JobDetail, `/jobs/${id}`, 2000)
  const live = useLiveJobs()?.jobs.find((job) => job.id === id)
  if (!query.data)
    return query.isError ? (
      <ErrorNote error={query.error} />
    ) : (
      <Card flush>
        <SkeletonRows rows={8} />
      </Card>
    )
  const job =
    live && live.observed !== query.data.observed && query.dataUpdatedAt < (live.metrics?.atMs ?? 0)
      ? { ...query.data, observed: live.observed, desired: live.desired, reason: live.reason }
      : query.data
  const metrics = newerMetrics(job.metrics, live?.metrics)
  const running = job.observed === 'RUNNING' || job.observed === 'STARTING' || job.observed === 'STOPPING'
  return (
    <>
      <LastCrumb>{t('job', { id })}</LastCrumb>
      <PageHeader
        title={t('job', { id })}
        chips={
          <>
            <Link href={`/features/${encodeURIComponent(job.view)}`} className="strong">
              {job.view}
            </Link>
            <Chip tone={job.authoritative ? 'job1' : job.desired === 'RUNNING' ? 'job2' : 'plain'}>v{job.version}</Chip>
            {job.authoritative ? (
              <Chip tone="ok" shape="●">
                {t('authoritative')}
              </Chip>
            ) : (
              <Chip shape="◌">{t('shadow')}</Chip>
            )}
            <JobState job={job} />
          </>
        }
        actions={<JobActions job={job} />}
        sub={
          <span className="row wrap" style={{ gap: 6 }}>
            <span className="mono">{job.id}</span>
            <CopyButton value={String(job.id)} label={t('copyId')} />
            {job.releaseId !== null && (
              <>
                · <Link href={`/releases/${job.releaseId}`}>R-{job.releaseId}</Link>
              </>
            )}
            · {t('parallelism', { count: job.parallelism })} · {t('run', { run: job.run })} · {t('epoch', { epoch: job.epoch })} ·{' '}
            {job.pid === null ? t('noProcess') : t('process', { pid: String(job.pid) })}
            <span>
              · {t('observed')} {job.observedAtMs === null ? t('never') : <Time value={job.observedAtMs} />}
            </span>
            · <LiveAge query={query} />
          </span>
        }
      />
      <div className="stack">
        {query.isError && <ErrorNote error={query.error} />}
        {job.reason && (job.observed === 'FAILED' || job.observed === 'RESTARTING') && (
          <div role="alert" className="card" style={{ borderColor: 'var(--bad)', padding: '8px 12px' }}>
            <b style={{ color: 'var(--bad)' }}>✕ {t('reason')}</b> {job.reason}
            {job.observed === 'FAILED' && <FailureChoices job={job} code={failureCode(job)} />}
          </div>
        )}
        {job.observed !== 'RUNNING' && !running && metrics && (
          <div className="mid small">
            {t('lastKnown')} <Time value={metrics.atMs} />
          </div>
        )}
        <JobFigures job={job} metrics={metrics} />
        <JobCharts metrics={running ? metrics : null} authoritative={job.authoritative} />
        <OperatorsCard operators={metrics?.operators ?? null} />
        <SubtasksCard subtasks={metrics?.subtasks} split={metrics?.split} />
        {metrics?.forward && <ForwardCard forward={metrics.forward} />}
        <PartitionsCard partitions={metrics?.partitions ?? null} />
        <TablesCard plan={metrics?.plan ?? null} />
        {metrics?.code && <CodeCard code={metrics.code} />}
        <RecentCheckpoints jobId={id} />
        <RunsCard runs={job.runs} />
        <ExceptionsCard exceptions={job.exceptions} />
        <EffectiveParameters parameters={job.parameters} jobId={id} />
      </div>
    </>
  )
}
