'use client'
import { useLocale, useTranslations } from 'next-intl'
import type { Release } from '@/contract/http-api.ts'
import type { JobMetrics } from '@/contract/job-ipc.ts'
import { ChartCard } from '@/components/charts/chart-card.tsx'
import { useSamples } from '@/components/charts/use-samples.ts'
import { formatCompact, formatInstant, formatNumber, formatRate } from '@/components/ui/format.ts'
import { usePreferences } from '@/components/ui/preferences.tsx'

type Lane = { role: 'job1' | 'job2'; id: number; metrics: JobMetrics | null }

/** Lag, newest event time and rate of both jobs, since the page was opened. */
export function ReleaseCharts({ lanes, gates }: { lanes: Lane[]; gates: Release['gates'] }) {
  const t = useTranslations('releases')
  const locale = useLocale()
  const { zone } = usePreferences()
  const known = lanes.flatMap((lane) => (lane.metrics ? [lane.metrics.atMs] : []))
  const atMs = known.length === 0 ? null : Math.max(...known)
  const of = (pick: (metrics: JobMetrics) => number | null) =>
    lanes.map((lane) => (lane.metrics && atMs !== null && atMs - lane.metrics.atMs < 5000 ? pick(lane.metrics) : null))
  const lag = useSamples(
    atMs,
    of((metrics) => metrics.lagRecords),
  )
  const maxEventTime = useSamples(
    atMs,
    of((metrics) => metrics.maxEventTimeMs),
  )
  const rate = useSamples(
    atMs,
    of((metrics) => metrics.eventsPerSecond),
  )
  const series = lanes.map((lane) => ({ label: t('job', { id: lane.id }), tone: lane.role }))
  const gate = gates.find((one) => one.unit === 'records')?.threshold ?? null
  if (lanes.length === 0) return null
  return (
    <div className="three">
      <ChartCard
        title={t('charts.lag')}
        unit={t('records')}
        series={series}
        samples={lag}
        format={(value) => `${formatNumber(value, locale)} ${t('records')}`}
        formatAxis={(value) => formatCompact(value, locale)}
        threshold={gate === null ? null : { value: gate, label: t('charts.gate', { value: formatNumber(gate, locale) }) }}
      />
      <ChartCard
        title={t('charts.maxEventTime')}
        unit={t('charts.instant')}
        series={series}
        samples={maxEventTime}
        tight
        format={(value) => formatInstant(value, zone)}
        formatAxis={(value) => formatInstant(value, zone).slice(5, 16)}
      />
      <ChartCard
        title={t('charts.rate')}
        unit={t('charts.perSecond')}
        series={series}
        samples={rate}
        format={(value) => formatRate(value, locale)}
        formatAxis={(value) => formatCompact(value, locale)}
      />
    </div>
  )
}
