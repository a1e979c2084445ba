'use client'
import Link from 'next/link'
import { useTranslations } from 'next-intl'
import { Job, Release } from '@/contract/http-api.ts'
import { LastCrumb } from '@/components/shell/crumbs.tsx'
import { Card } from '@/components/ui/card.tsx'
import { Chip } from '@/components/ui/chip.tsx'
import { CopyButton } from '@/components/ui/copy.tsx'
import { ErrorNote } from '@/components/ui/error-note.tsx'
import { LiveAge } from '@/components/ui/live-age.tsx'
import { PageHeader } from '@/components/ui/page.tsx'
import { SkeletonRows } from '@/components/ui/skeleton.tsx'
import { Status } from '@/components/ui/status.tsx'
import { Since, Time } from '@/components/ui/time.tsx'
import { useApi } from '@/components/use-api.ts'
import { newerMetrics, useLiveJobs } from '../jobs/use-live-jobs.ts'
import { ComparisonCard } from './comparison.tsx'
import { Gates } from './gates.tsx'
import { refusedByPosition } from './lane-position.ts'
import { Lanes } from './lanes.tsx'
import { ReleaseProgress } from './progress.tsx'
import { ReleaseActions, WaitingFor } from './release-actions.tsx'
import { ReleaseCharts } from './release-charts.tsx'
import { ReleaseFailure } from './release-failure.tsx'
import { ReleaseLog } from './release-log.tsx'
import { ReleaseRequest } from './release-request.tsx'
import { isEnded } from './steps.ts'
import { StepsStrip } from './steps-strip.tsx'

/** One release, live until it has ended; after that its record. */
export function ReleasePage({ id }: { id: string }) {
  const release = useApi(Release, `/releases/${id}`, 1000)
  if (!release.data)
    return release.isError ? (
      <ErrorNote error={release.error} />
    ) : (
      <Card flush>
        <SkeletonRows rows={8} />
      </Card>
    )
  return <Loaded release={release.data} query={release} />
}

function Loaded({ release, query }: { release: Release; query: { dataUpdatedAt: number; isError: boolean; error: unknown } }) {
  const t = useTranslations('releases')
  const over = isEnded(release.state)
  const every = over ? 5000 : 1000
  const { job1, job2, authoritative } = release.jobs
  const first = useApi(Job, job1 === null ? null : `/jobs/${job1}`, every)
  const second = useApi(Job, job2 === null ? null : `/jobs/${job2}`, every)
  const live = useLiveJobs()
  const lane = (role: 'job1' | 'job2', id: number, job: Job | undefined) => {
    const metrics = newerMetrics(job?.metrics, live?.jobs.find((one) => one.id === id)?.metrics)
    return {
      role,
      id,
      metrics,
      job: job && metrics ? { ...job, metrics, lagRecords: metrics.lagRecords, maxEventTimeMs: metrics.maxEventTimeMs } : job,
    }
  }
  const lanes = [...(job1 === null ? [] : [lane('job1', job1, first.data)]), ...(job2 === null ? [] : [lane('job2', job2, second.data)])]
  const served = lanes.find((one) => one.id === authoritative)
  return (
    <>
      <LastCrumb>{`R-${release.id}`}</LastCrumb>
      <PageHeader
        title={
          <Link href={`/features/${encodeURIComponent(release.view)}`} style={{ color: 'inherit' }}>
            {release.view}
          </Link>
        }
        chips={
          <>
            {release.fromVersion !== null && (
              <>
                <Chip tone="job1">v{release.fromVersion}</Chip>
                <span className="dim" aria-hidden="true">
                  →
                </span>
                <span className="sr">{t('to')}</span>
              </>
            )}
            <Chip tone="job2">v{release.toVersion}</Chip>
            <Chip>{t.has(`kinds.${release.kind}`) ? t(`kinds.${release.kind}`) : release.kind}</Chip>
            <Status value={release.state} />
          </>
        }
        actions={<ReleaseActions release={release} />}
        sub={
          <span className="row wrap" style={{ gap: 6 }}>
            <span className="mono">R-{release.id}</span>
            <CopyButton value={String(release.id)} label={t('copyId')} />·
            <span>
              {t('startedBy', { who: release.createdBy })} <Time value={release.createdAt} />
            </span>
            ·
            {over ? (
              <span>
                {t('ended')} <Time value={release.endedAt} />
              </span>
            ) : (
              <span>
                {t('inState')} <Since value={release.stateSinceMs} />
              </span>
            )}
            ·
            <span>
              {authoritative === null
                ? t('servedByNone')
                : t.rich('servedBy', {
                    job: () => (
                      <Link
                        href={`/jobs/${authoritative}`}
                        style={{ color: served?.role === 'job2' ? 'var(--job2)' : 'var(--job1)', fontWeight: 600 }}
                      >
                        {t('job', { id: authoritative })}
                      </Link>
                    ),
                  })}
            </span>
            ·
            <LiveAge query={query} />
          </span>
        }
      />
      <WaitingFor release={release} />
      {query.isError && <ErrorNote error={query.error} />}
      <ReleaseFailure release={release} />
      <StepsStrip release={release} />
      <div className="two">
        <div className="stack">
          {release.progress && <ReleaseProgress progress={release.progress} backfill={release.jobs.backfill} over={over} />}
          {release.comparison && <ComparisonCard comparison={release.comparison} />}
          <Lanes jobs={lanes} authoritative={authoritative} refusedByPosition={refusedByPosition(release.facts)} />
          <ReleaseCharts
            key={lanes.length}
            lanes={lanes.map((one) => (one.job?.observed === 'RUNNING' ? one : { ...one, metrics: null }))}
            gates={release.gates}
          />
        </div>
        <div className="stack">
          <Gates gates={release.gates} />
          <ReleaseLog facts={release.facts} />
          <ReleaseRequest request={release.request} />
        </div>
      </div>
    </>
  )
}
