'use client'
import { useLocale, useTranslations } from 'next-intl'
import type { Release } from '@/contract/http-api.ts'
import { Card } from '@/components/ui/card.tsx'
import { formatDuration, formatNumber, formatPercent, formatRate } from '@/components/ui/format.ts'

/** How far through the stream the new job has read, how fast, how long that leaves. */
export function ReleaseProgress({ progress, over }: { progress: NonNullable<Release['progress']>; over: boolean }) {
  const t = useTranslations('releases')
  const locale = useLocale()
  const share = progress.positionEnd <= 0 ? 1 : Math.min(1, progress.positionRead / progress.positionEnd)
  return (
    <Card
      title={t('progress.title')}
      actions={
        !over && (
          <span className="n">
            {formatRate(progress.eventsPerSecond, locale)} ·{' '}
            {progress.secondsLeft === null
              ? t('progress.leftUnknown')
              : t('progress.left', { time: formatDuration(progress.secondsLeft * 1000, locale) })}
          </span>
        )
      }
    >
      <div
        className="bar"
        role="progressbar"
        aria-label={t('progress.title')}
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
      </div>
    </Card>
  )
}
