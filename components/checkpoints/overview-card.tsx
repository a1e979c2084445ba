'use client'
import Link from 'next/link'
import { useTranslations } from 'next-intl'
import type { Checkpoint, CheckpointHistory } from '@/contract/http-api.ts'
import { Card } from '@/components/ui/card.tsx'
import { Copyable } from '@/components/ui/copy.tsx'
import { Figures } from '@/components/ui/figures.tsx'
import { Bytes, Duration, Num } from '@/components/ui/quantity.tsx'
import { Time } from '@/components/ui/time.tsx'
import { FailureSentence } from './failure.tsx'

/** Counts over all that is kept, and the newest of each outcome. */
export function OverviewCard({ history, jobId }: { history: CheckpointHistory; jobId: number }) {
  const t = useTranslations('checkpoints')
  const { counts, latestCompleted, latestFailed, latestRestore } = history
  const number = (one: Checkpoint) => (
    <Link className="mono" href={`/jobs/${jobId}/checkpoints/${one.id}`}>
      {`${one.run}.${one.number}`}
    </Link>
  )
  return (
    <Card title={t('overview.title')}>
      <Figures
        items={(['triggered', 'inProgress', 'completed', 'failed', 'restored'] as const).map((key) => ({
          label: t(`overview.${key}`),
          value: <Num value={counts[key]} />,
        }))}
      />
      <dl className="log" style={{ marginTop: 14 }}>
        <dt>{t('overview.latestCompleted')}</dt>
        <dd>
          {latestCompleted === null ? (
            <span className="dim">{t('overview.none')}</span>
          ) : (
            <>
              ✓ {number(latestCompleted)} · <Time value={latestCompleted.completedAt ?? latestCompleted.triggeredAt} /> ·{' '}
              <Duration value={latestCompleted.durationMs} /> · <Bytes value={latestCompleted.fullBytes} />
            </>
          )}
        </dd>
        <dt>{t('overview.latestFailed')}</dt>
        <dd>
          {latestFailed === null ? (
            <span className="dim">{t('overview.none')}</span>
          ) : (
            <>
              ✕ {number(latestFailed)} · <Time value={latestFailed.triggeredAt} /> · <FailureSentence checkpoint={latestFailed} />
            </>
          )}
        </dd>
        <dt>{t('overview.latestRestore')}</dt>
        <dd>
          {latestRestore === null ? (
            <span className="dim">{t('overview.none')}</span>
          ) : (
            <span className="row wrap" style={{ gap: 6 }}>
              <Time value={latestRestore.at} /> ·{' '}
              {t.has(`kinds.${latestRestore.kind}`) ? t(`kinds.${latestRestore.kind}`) : latestRestore.kind} ·{' '}
              <Copyable value={latestRestore.path} />
            </span>
          )}
        </dd>
      </dl>
    </Card>
  )
}
