'use client'
import { useLocale, useTranslations } from 'next-intl'
import type { JobMetrics } from '@/contract/job-ipc.ts'
import { ChartCard } from '@/components/charts/chart-card.tsx'
import { useSamples } from '@/components/charts/use-samples.ts'
import { formatBytes, formatCompact, formatInstant, formatNumber, formatRate } from '@/components/ui/format.ts'
import { usePreferences } from '@/components/ui/preferences.tsx'

/** Rate, lag, event time and state since the page was opened. */
export function JobCharts({ metrics, authoritative }: { metrics: JobMetrics | null; authoritative: boolean }) {
  const t = useTranslations('jobs')
  const locale = useLocale()
  const { zone } = usePreferences()
  const atMs = metrics?.atMs ?? null
  const rate = useSamples(atMs, [metrics?.eventsPerSecond ?? null, metrics?.rowsPerSecond ?? null])
  const lag = useSamples(atMs, [metrics?.lagRecords ?? null])
  const times = useSamples(atMs, [metrics?.maxEventTimeMs ?? null, metrics?.watermarkMs ?? null])
  const state = useSamples(atMs, [metrics?.stateBytes ?? null])
  const tone = authoritative ? ('job1' as const) : ('job2' as const)
  const compact = (value: number) => formatCompact(value, locale)
  return (
    <div className="three">
      <ChartCard
        title={t('charts.rate')}
        unit={t('charts.perSecond')}
        samples={rate}
        format={(value) => formatRate(value, locale)}
        formatAxis={compact}
        series={[
          { label: t('charts.events'), tone },
          { label: t('charts.rows'), tone: 'accent', dashed: true },
        ]}
      />
      <ChartCard
        title={t('charts.lag')}
        unit={t('records')}
        samples={lag}
        format={(value) => `${formatNumber(value, locale)} ${t('records')}`}
        formatAxis={compact}
        series={[{ label: t('charts.lag'), tone }]}
      />
      <ChartCard
        title={t('charts.eventTime')}
        unit={t('charts.instant')}
        samples={times}
        tight
        format={(value) => formatInstant(value, zone)}
        formatAxis={(value) => formatInstant(value, zone).slice(5, 16)}
        series={[
          { label: 'maxEventTime', tone },
          { label: t('figures.watermark'), tone: 'accent', dashed: true },
        ]}
      />
      <ChartCard
        title={t('charts.state')}
        unit={t('charts.bytes')}
        samples={state}
        format={(value) => formatBytes(value, locale)}
        series={[{ label: t('charts.state'), tone }]}
      />
    </div>
  )
}
