'use client'
import { useLocale, useTranslations } from 'next-intl'
import type { Job } from '@/contract/http-api.ts'
import type { JobMetrics } from '@/contract/job-ipc.ts'
import { Card } from '@/components/ui/card.tsx'
import { Figures } from '@/components/ui/figures.tsx'
import { formatDuration, formatPercent } from '@/components/ui/format.ts'
import { Bytes, Num, Rate } from '@/components/ui/quantity.tsx'
import { Time } from '@/components/ui/time.tsx'

/** The figures an operator looks at first; unknown ones are called so. */
export function JobFigures({ job, metrics }: { job: Job; metrics: JobMetrics | null }) {
  const t = useTranslations('jobs')
  const locale = useLocale()
  const unknown = <span className="dim">{t('unknown')}</span>
  const instant = (ms: number | null | undefined) => (ms === null || ms === undefined ? unknown : <Time value={ms} mode="exact" />)
  const count = (value: number | null | undefined, unit: string) =>
    value === null || value === undefined ? (
      unknown
    ) : (
      <>
        <Num value={value} /> <span className="dim small">{unit}</span>
      </>
    )
  const lagMs =
    metrics?.partitions.reduce<number | null>(
      (most, partition) => (partition.lagMs === null ? most : Math.max(most ?? 0, partition.lagMs)),
      null,
    ) ?? null
  const counters = Object.entries(metrics?.counters ?? {}).filter(([, value]) => value > 0)
  return (
    <Card>
      <Figures
        items={[
          {
            label: t('figures.rate'),
            value: metrics ? <Rate value={metrics.eventsPerSecond} /> : unknown,
            note: metrics ? t('figures.total', { count: metrics.eventsTotal }) : undefined,
          },
          { label: t('figures.rows'), value: metrics ? <Rate value={metrics.rowsPerSecond} /> : unknown },
          {
            label: t('figures.lag'),
            value: count(metrics?.lagRecords ?? job.lagRecords, t('records')),
            note: lagMs === null ? t('figures.lagMsUnknown') : t('figures.lagMs', { time: formatDuration(lagMs, locale) }),
          },
          { label: 'maxEventTime', value: instant(metrics?.maxEventTimeMs ?? job.maxEventTimeMs) },
          { label: t('figures.watermark'), value: instant(metrics?.watermarkMs ?? job.watermarkMs) },
          {
            label: t('figures.state'),
            value: metrics || job.stateBytes !== null ? <Bytes value={metrics?.stateBytes ?? job.stateBytes} /> : unknown,
            note: metrics ? t('figures.keys', { count: metrics.keys }) : undefined,
          },
          { label: t('figures.heap'), value: metrics ? <Bytes value={metrics.heapBytes} /> : unknown },
          {
            label: t('figures.busy'),
            value: metrics ? formatPercent(metrics.busyShare, locale, 0) : unknown,
            note: metrics?.catchingUp ? `◔ ${t('figures.catchingUp')}` : undefined,
          },
          { label: t('figures.restarts'), value: count(job.restarts, t('figures.unplanned')) },
          {
            label: t('figures.refused'),
            value: count(metrics?.deadLetters, t('events')),
            note: metrics ? t('figures.late', { count: metrics.lateEvents }) : undefined,
          },
          ...counters.map(([key, value]) => ({
            label: t.has(`counters.${key}`) ? t(`counters.${key}`) : key.replaceAll('_', ' '),
            value: <Num value={value} />,
          })),
        ]}
      />
    </Card>
  )
}
