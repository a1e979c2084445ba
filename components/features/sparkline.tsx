'use client'
import { useLocale, useTranslations } from 'next-intl'
import type { Cell, PreviewAnswer } from '@/contract/engine-api.ts'
import { formatCell, formatInstant, toMs } from '../ui/format.ts'
import { usePreferences } from '../ui/preferences.tsx'
import styles from './features.module.css'

const W = 300
const H = 120

/** One feature of one key over event time; the table beside it holds the same numbers. A null is a gap, not a zero. */
export function Sparkline({
  answer,
  feature,
  keyText,
  wantedKey,
}: {
  answer: PreviewAnswer
  feature: string
  keyText: (cells: Cell[]) => string
  wantedKey: string
}) {
  const t = useTranslations('features')
  const locale = useLocale()
  const { zone } = usePreferences()
  const column = answer.columns.findIndex((each) => each.role === 'feature' && each.name === feature)
  const timeColumn = answer.columns.findIndex((each) => each.role === 'event_time' || each.role === 'window')
  const points = answer.rows
    .filter((cells) => keyText(cells) === wantedKey)
    .map((cells) => ({ at: toMs(cells[timeColumn] as number | string | null), value: cells[column] }))
    .filter((point): point is { at: number; value: Cell } => point.at !== null)
  const numbers = points.flatMap((point) => (typeof point.value === 'number' ? [point.value] : []))
  if (numbers.length < 2) return <p className="dim">{t('preview.tooFew', { key: wantedKey })}</p>
  const [low, high] = [Math.min(...numbers), Math.max(...numbers)]
  const times = points.map((point) => point.at)
  const [first, last] = [Math.min(...times), Math.max(...times)]
  const x = (at: number) => (last === first ? W / 2 : ((at - first) / (last - first)) * (W - 4) + 2)
  const y = (value: number) => (high === low ? H / 2 : H - 18 - ((value - low) / (high - low)) * (H - 34))
  let pen = 'M'
  let path = ''
  for (const point of points) {
    if (typeof point.value !== 'number') {
      pen = 'M'
      continue
    }
    path += `${pen}${x(point.at).toFixed(1)} ${y(point.value).toFixed(1)}`
    pen = 'L'
  }
  const label = t('preview.chart', {
    feature,
    key: wantedKey,
    low: formatCell(Number(low.toPrecision(4)), locale),
    high: formatCell(Number(high.toPrecision(4)), locale),
  })
  return (
    <figure style={{ margin: 0 }}>
      <figcaption className="mono dim" style={{ fontSize: 11 }}>
        {label}
      </figcaption>
      <svg className={styles.spark} viewBox={`0 0 ${W} ${H}`} role="img" aria-label={label} preserveAspectRatio="none">
        <line x1="0" x2={W} y1={H - 12} y2={H - 12} stroke="var(--line)" />
        <path d={path} fill="none" stroke="var(--job2)" strokeWidth="1.8" vectorEffect="non-scaling-stroke" strokeLinejoin="round" />
      </svg>
      <div className="row mono dim" style={{ fontSize: 11, justifyContent: 'space-between' }}>
        <span>{formatInstant(first, zone).slice(5, 16)}</span>
        <span>{formatInstant(last, zone).slice(5, 16)}</span>
      </div>
    </figure>
  )
}
