/** Numbers for people: every one with its unit, in the page's language. Pure; the caller passes the locale. An unknown value is the caller's to show. */
const zh = (locale: string) => locale.startsWith('zh')

const cache = new Map<string, Intl.NumberFormat>()
function numberFormat(locale: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = locale + JSON.stringify(options)
  const known = cache.get(key)
  if (known) return known
  const made = new Intl.NumberFormat(locale, options)
  cache.set(key, made)
  return made
}

/** A count in full: 1,204,331. */
export const formatCount = (locale: string, n: number): string => numberFormat(locale, { maximumFractionDigits: 0 }).format(n)

/** For axes and tight places: 2.4M, 241万. */
export const formatCompact = (locale: string, n: number): string => numberFormat(locale, { notation: 'compact', maximumSignificantDigits: 3 }).format(n)

/** A figure with three significant digits below 100 and none behind the point above. */
export const formatFigure = (locale: string, n: number): string =>
  Math.abs(n) >= 100 || Number.isInteger(n) ? formatCount(locale, n) : numberFormat(locale, { maximumSignificantDigits: 3 }).format(n)

/** A share of 1 as per cent: 12.5 %. */
export const formatShare = (locale: string, share: number): string => `${numberFormat(locale, { maximumFractionDigits: share < 0.1 ? 1 : 0 }).format(share * 100)} %`

const byteUnits = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const

/** Decimal bytes, as disks are sold: 212 MB. */
export function formatBytes(locale: string, bytes: number): string {
  let value = bytes
  let unit = 0
  while (Math.abs(value) >= 999.5 && unit < byteUnits.length - 1) {
    value /= 1000
    unit++
  }
  return `${unit === 0 ? formatCount(locale, value) : formatFigure(locale, value)} ${byteUnits[unit]}`
}

const words = {
  en: { ms: 'ms', s: 's', min: 'min', h: 'h', d: 'd' },
  zh: { ms: '毫秒', s: '秒', min: '分', h: '小时', d: '天' },
}

/** A length of time, two units at most: 0.4 ms, 12 ms, 1.1 s, 2 min 04 s, 3 h 05 min, 2 d 3 h. Negative ones keep their sign. */
export function formatDuration(locale: string, ms: number): string {
  if (ms < 0) return `−${formatDuration(locale, -ms)}`
  const w = zh(locale) ? words.zh : words.en
  if (ms < 1000) return `${formatFigure(locale, ms)} ${w.ms}`
  if (ms < 60_000) return `${numberFormat(locale, { maximumFractionDigits: ms < 10_000 ? 1 : 0 }).format(Math.floor(ms / 100) / 10)} ${w.s}`
  const seconds = Math.floor(ms / 1000)
  const two = (n: number) => String(n).padStart(2, '0')
  if (seconds < 3600) return `${Math.floor(seconds / 60)} ${w.min} ${two(seconds % 60)} ${w.s}`
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} ${w.h} ${two(Math.floor((seconds % 3600) / 60))} ${w.min}`
  return `${formatCount(locale, Math.floor(seconds / 86_400))} ${w.d} ${Math.floor((seconds % 86_400) / 3600)} ${w.h}`
}

/** An instant of event time, in UTC, as the events carry it: 2001-04-03 18:42:11. Out of range: the number itself. */
export function formatEventTime(ms: number): string {
  if (!Number.isFinite(ms) || Math.abs(ms) > 8.64e15) return String(ms)
  const text = new Date(ms).toISOString()
  return `${text.slice(0, 10)} ${text.slice(11, ms % 1000 === 0 ? 19 : 23)}`
}
