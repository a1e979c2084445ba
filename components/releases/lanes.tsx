'use client'
import Link from 'next/link'
import { useLocale, useTranslations } from 'next-intl'
import type { Job } from '@/contract/http-api.ts'
import { Card } from '@/components/ui/card.tsx'
import { Chip } from '@/components/ui/chip.tsx'
import { formatNumber, formatPercent } from '@/components/ui/format.ts'
import { Num } from '@/components/ui/quantity.tsx'
import { Status } from '@/components/ui/status.tsx'
import { Time } from '@/components/ui/time.tsx'
import { streamShare } from './lane-position.ts'

type Role = 'job1' | 'job2'

type Props = {
  jobs: { role: Role; id: number; job: Job | undefined }[]
  authoritative: number | null
  /** of the new job: what it does not read because its state has it; null: it reads all */
  refusedByPosition: number | null
}

/** One lane a job: how far on the stream it is, whether its word counts, how far behind. */
export function Lanes({ jobs, authoritative, refusedByPosition }: Props) {
  const t = useTranslations('releases')
  return (
    <Card title={jobs.length > 1 ? t('lanes.two') : t('lanes.one')} aside={t('lanes.aside')} flush>
      {jobs.length === 0 && <div className="card-bd mid">{t('lanes.none')}</div>}
      {jobs.map((lane) => (
        <Lane
          key={lane.id}
          {...lane}
          authoritative={lane.id === authoritative}
          refusedByPosition={lane.role === 'job2' ? refusedByPosition : null}
        />
      ))}
    </Card>
  )
}

type LaneProps = Props['jobs'][number] & { authoritative: boolean; refusedByPosition: number | null }

function Lane({ role, id, job, authoritative, refusedByPosition }: LaneProps) {
  const t = useTranslations('releases')
  const locale = useLocale()
  const refusedByTime = job?.metrics?.refusedByMaxEventTime
  const at = streamShare(job?.metrics?.partitions ?? null)
  const text =
    at === null
      ? t('lanes.unknown')
      : t('lanes.position', {
          position: formatNumber(at.position, locale),
          end: formatNumber(at.end, locale),
          share: formatPercent(at.share, locale),
        })
  return (
    <div className="lane">
      <div>
        <Link href={`/jobs/${id}`}>
          <Chip tone={role}>
            {t('job', { id })}
            {job && ` · v${job.version}`}
          </Chip>
        </Link>{' '}
        {authoritative ? (
          <Chip tone="ok" shape="●">
            {t('authoritative')}
          </Chip>
        ) : (
          <Chip shape="◌">{t('shadow')}</Chip>
        )}
        <div className="dim small" style={{ marginTop: 4 }}>
          {job ? (
            <>
              <Status value={job.observed} /> {t('parallelism', { count: job.parallelism })}
            </>
          ) : (
            t('lanes.unknown')
          )}
        </div>
      </div>
      <div>
        <div className="track" role="img" aria-label={`${t('job', { id })}: ${text}`}>
          {at && <i style={{ width: `${at.share * 100}%`, background: `var(--${role})` }} />}
          <b />
          <small>{t('lanes.head')}</small>
        </div>
        <div className="dim small">
          {text}
          {at && job?.observed !== 'RUNNING' && ` · ${t('lastKnown')}`}
        </div>
        {(refusedByPosition !== null || refusedByTime !== undefined) && (
          <div className="dim small">
            {t('lanes.refused', {
              position: formatNumber(refusedByPosition ?? 0, locale),
              maxEventTime: formatNumber(refusedByTime ?? 0, locale),
            })}
          </div>
        )}
      </div>
      <div className="n">
        {t('lag')}{' '}
        {job?.lagRecords == null ? (
          t('unknown')
        ) : (
          <>
            <Num value={job.lagRecords} /> {t('records')}
          </>
        )}
        <br />
        <span className="dim">
          maxEventTime {job?.maxEventTimeMs == null ? t('unknown') : <Time value={job.maxEventTimeMs} mode="exact" />}
        </span>
      </div>
    </div>
  )
}
