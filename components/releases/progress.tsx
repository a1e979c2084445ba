'use client'
import Link from 'next/link'
import { useLocale, useTranslations } from 'next-intl'
import type { Release } from '@/contract/http-api.ts'
import { Card } from '@/components/ui/card.tsx'
import { formatDuration, formatNumber, formatPercent, formatRate } from '@/components/ui/format.ts'
import { progressFigures } from './progress-figures.ts'

type Props = { progress: NonNullable<Release['progress']>; backfill: number | null; over: boolean }

/** How far the backfill, and after it the new job, has read, how fast, how long that leaves. */
export function ReleaseProgress({ progress, backfill, over }: Props) {
  const t = useTranslations('releases')
  const locale = useLocale()
  const { isBackfill, isLoading, share, isFinished, eventsPerSecond, rowsPerSecond, leftMs } = progressFigures(progress)
  const title = isBackfill ? t('progress.backfill') : isLoading ? t('progress.loading') : t('progress.title')
  const left = leftMs === null ? t('progress.leftUnknown') : t('progress.left', { time: formatDuration(leftMs, locale) })
  return (
    <Card
      title={title}
      actions={
        !over && (
          <span className="n">
            {isFinished
              ? t('progress.finished')
              : `${eventsPerSecond === null ? t('progress.rateUnknown') : formatRate(eventsPerSecond, locale)} · ${left}`}
          </span>
        )
      }
    >
      <div
        className="bar"
        role="progressbar"
        aria-label={title}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(share * 100)}
      >
        <i style={{ width: `${share * 100}%`, background: 'var(--job2)' }} />
      </div>
      <div className="mid small" style={{ marginTop: 6 }}>
        {t('progress.read', {
          read: formatNumber(progress.positionRead, locale),
          end: formatNumber(progress.positionEnd, locale),
          share: formatPercent(share, locale),
        })}
        {isBackfill && (
          <>
            {' · '}
            {rowsPerSecond === null ? t('unknown') : formatNumber(rowsPerSecond, locale)} {t('progress.rows')}
          </>
        )}
        {isBackfill && backfill !== null && (
          <>
            {' · '}
            {t.rich('progress.job', { job: () => <Link href={`/jobs/${backfill}`}>{t('job', { id: backfill })}</Link> })}
          </>
        )}
      </div>
    </Card>
  )
}
