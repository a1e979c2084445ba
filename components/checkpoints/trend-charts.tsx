'use client'
import { useLocale, useTranslations } from 'next-intl'
import { useMemo } from 'react'
import type { Checkpoint } from '@/contract/http-api.ts'
import { ChartCard } from '@/components/charts/chart-card.tsx'
import { formatBytes, formatDuration } from '@/components/ui/format.ts'
import { trendGapMs, trendSamples } from './timeline.ts'

/** How duration and size went over the checkpoints shown. */
export function TrendCharts({ checkpoints }: { checkpoints: Checkpoint[] }) {
  const t = useTranslations('checkpoints')
  const locale = useLocale()
  const samples = useMemo(() => trendSamples(checkpoints), [checkpoints])
  const [duration, size] = useMemo(
    () => [0, 1].map((i) => samples.map((sample) => ({ atMs: sample.atMs, values: [sample.values[i] ?? null] }))),
    [samples],
  )
  const gapMs = trendGapMs(samples)
  return (
    <div className="three">
      <ChartCard
        title={t('trend.duration')}
        unit={t('trend.endToEnd')}
        samples={duration ?? []}
        gapMs={gapMs}
        series={[{ label: t('trend.duration'), tone: 'accent' }]}
        format={(value) => formatDuration(value, locale)}
        empty={t('trend.empty')}
      />
      <ChartCard
        title={t('trend.size')}
        unit={t('trend.full')}
        samples={size ?? []}
        gapMs={gapMs}
        series={[{ label: t('trend.size'), tone: 'accent' }]}
        format={(value) => formatBytes(value, locale)}
        empty={t('trend.empty')}
      />
    </div>
  )
}
