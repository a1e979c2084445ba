'use client'
import { useLocale } from 'next-intl'
import { formatDuration, formatInstant, formatRelative, toMs } from './format.ts'
import { useNow } from './now.ts'
import { usePreferences } from './preferences.tsx'

/** Both zones, for the tooltip of every time on the screen. */
const exact = (ms: number) =>
  `${formatInstant(ms, 'local', { millis: true, label: true })}\n${formatInstant(ms, 'utc', { millis: true, label: true })}`

type Props = { value: number | string | null | undefined; mode?: 'relative' | 'exact'; millis?: boolean }

/** "3 min ago"; exact in the reader's zone and in UTC on hover. `mode="exact"` for event times. */
export function Time({ value, mode = 'relative', millis = false }: Props) {
  const locale = useLocale()
  const now = useNow()
  const { zone } = usePreferences()
  const ms = toMs(value)
  if (ms === null) return <span className="dim">–</span>
  return (
    <time
      dateTime={new Date(ms).toISOString()}
      title={exact(ms)}
      className={mode === 'exact' ? 'mono' : undefined}
      suppressHydrationWarning
    >
      {mode === 'exact' || now === 0 ? formatInstant(ms, zone, { millis }) : formatRelative(ms, now, locale)}
    </time>
  )
}

/** How long since an instant, counting: "2 m 04 s". */
export function Since({ value }: { value: number | string | null | undefined }) {
  const locale = useLocale()
  const now = useNow()
  const ms = toMs(value)
  if (ms === null || now === 0) return <span className="dim">–</span>
  return (
    <span title={exact(ms)} className="n">
      {formatDuration(Math.max(0, now - ms), locale)}
    </span>
  )
}
