'use client'
import Link from 'next/link'
import { useLocale, useTranslations } from 'next-intl'
import type { Checkpoint } from '@/contract/http-api.ts'
import { Card } from '@/components/ui/card.tsx'
import { formatDuration } from '@/components/ui/format.ts'
import { timelineBars } from './timeline.ts'

/** Recent checkpoints as bars: height is duration, pattern is outcome; each leads to its page. */
export function TimelineStrip({ checkpoints, jobId }: { checkpoints: Checkpoint[]; jobId: number }) {
  const t = useTranslations('checkpoints')
  const words = useTranslations('status')
  const locale = useLocale()
  const bars = timelineBars(checkpoints, 100)
  if (bars.length === 0) return null
  return (
    <Card title={t('timeline.title')} aside={t('timeline.aside')}>
      <div className="strip">
        {bars.map((bar) => {
          const text = t('timeline.bar', {
            label: bar.label,
            kind: t(`kinds.${bar.kind}`),
            status: words(`words.${bar.status}`),
            took: bar.durationMs === null ? t('unknown') : formatDuration(bar.durationMs, locale),
          })
          return (
            <Link
              key={bar.id}
              href={`/jobs/${jobId}/checkpoints/${bar.id}`}
              prefetch={false}
              title={text}
              aria-label={text}
              data-status={bar.status}
              data-kind={bar.kind}
              style={{ height: `${bar.heightShare * 100}%` }}
            />
          )
        })}
      </div>
      <div className="row wrap small mid" style={{ gap: 14 }}>
        <span>▇ {words('words.COMPLETED')}</span>
        <span>▨ {words('words.FAILED')}</span>
        <span>⬚ {words('words.IN_PROGRESS')}</span>
        <span>▔ {t('kinds.savepoint')}</span>
      </div>
    </Card>
  )
}
