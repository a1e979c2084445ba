/**
 * Numbers, sizes, durations and instants as text. Pure: the locale, the zone and "now" are passed in, so that every screen
 * and every test says the same. Every number leaves here with its unit.
 */
export type Zone = 'local' | 'utc'
const NONE = '–'

const isChinese = (locale: string) => locale.startsWith('zh')
const known = (value: number | null | undefined): value is number => typeof value === 'number' && Number.isFinite(value)

/** 1204331 → "1,204,331"; at most `digits` decimals. */
export function formatNumber(value: number | null | undefined, locale: string, digits = 0): string {
  return known(value) ? new Intl.NumberFormat(locale, { maximumFractionDigits: digits }).format(value) : NONE
}

/** 2413870 → "2.41 M"; below 10,000 the number itself. */
export function formatCompact(value: number | null | undefined, locale: string): string {
  if (!known(value)) return NONE
  const size = Math.abs(value)
  if (size < 10_000) return formatNumber(value, locale, size < 10 ? 2 : size < 100 ? 1 : 0)
  const [unit, scale] = size >= 999_500_000 ? ['G', 1e9] : size >= 999_500 ? ['M', 1e6] : ['k', 1e3]
  return `${significant(value / (scale as number), locale)} ${unit}`
}

const significant = (value: number, locale: string) => new Intl.NumberFormat(locale, { maximumSignificantDigits: 3 }).format(value)

/** 212000000 → "202 MiB": powers of 1024, as memory is counted. */
export function formatBytes(value: number | null | undefined, locale: string): string {
  if (!known(value)) return NONE
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  let scaled = value
  let unit = 0
  while (Math.abs(scaled) >= 1023.5 && unit < units.length - 1) {
    scaled /= 1024
    unit++
  }
  return `${unit === 0 ? formatNumber(scaled, locale) : significant(scaled, locale)} ${units[unit]}`
}

/** 124000 → "2 m 04 s"; 230 → "230 ms". Two units at most. */
export function formatDuration(ms: number | null | undefined, locale: string): string {
  if (!known(ms)) return NONE
  const u = isChinese(locale) ? { d: '天', h: '小时', m: '分', s: '秒', ms: '毫秒' } : { d: 'd', h: 'h', m: 'm', s: 's', ms: 'ms' }
  if (ms < 0) return `−${formatDuration(-ms, locale)}`
  if (ms < 1000) return `${formatNumber(ms, locale, ms < 10 ? 1 : 0)} ${u.ms}`
  if (ms < 10_000) return `${formatNumber(ms / 1000, locale, 1)} ${u.s}`
  const seconds = Math.round(ms / 1000)
  if (seconds < 60) return `${seconds} ${u.s}`
  const two = (n: number) => String(n).padStart(2, '0')
  if (seconds < 3600) return `${Math.floor(seconds / 60)} ${u.m} ${two(seconds % 60)} ${u.s}`
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} ${u.h} ${two(Math.floor((seconds % 3600) / 60))} ${u.m}`
  return `${formatNumber(Math.floor(seconds / 86_400), locale)} ${u.d} ${Math.floor((seconds % 86_400) / 3600)} ${u.h}`
}

/** 310000 → "310 k/s" */
export function formatRate(perSecond: number | null | undefined, locale: string): string {
  return known(perSecond) ? `${formatCompact(perSecond, locale)}/${isChinese(locale) ? '秒' : 's'}` : NONE
}

export function formatPercent(share: number | null | undefined, locale: string, digits = 1): string {
  return known(share) ? `${formatNumber(share * 100, locale, digits)} %` : NONE
}

/** Epoch ms of a number or an ISO 8601 text; null if it is neither. */
export function toMs(value: number | string | null | undefined): number | null {
  if (value === null || value === undefined || value === '') return null
  const ms = typeof value === 'number' ? value : Date.parse(value)
  return Number.isFinite(ms) ? ms : null
}

/** "2001-04-03 18:42:10" in the reader's zone or UTC; with `millis` the ".123" too. */
export function formatInstant(
  value: number | string | null | undefined,
  zone: Zone,
  options: { millis?: boolean; label?: boolean } = {},
): string {
  const ms = toMs(value)
  if (ms === null) return NONE
  const shifted = zone === 'utc' ? ms : ms - new Date(ms).getTimezoneOffset() * 60_000
  const date = new Date(shifted)
  if (Number.isNaN(date.getTime())) return NONE
  const text = date.toISOString()
  return `${text.slice(0, 10)} ${text.slice(11, options.millis ? 23 : 19)}${options.label ? ` ${zoneLabel(zone, ms)}` : ''}`
}

/** "UTC", "UTC+8", "UTC+5:30" at that instant. */
export function zoneLabel(zone: Zone, ms: number): string {
  const minutes = zone === 'utc' ? 0 : -new Date(ms).getTimezoneOffset()
  if (minutes === 0) return 'UTC'
  const rest = Math.abs(minutes) % 60
  return `UTC${minutes < 0 ? '−' : '+'}${Math.floor(Math.abs(minutes) / 60)}${rest ? `:${String(rest).padStart(2, '0')}` : ''}`
}

/** "3 min ago", "in 5 s", "just now" */
export function formatRelative(value: number | string | null | undefined, nowMs: number, locale: string): string {
  const ms = toMs(value)
  if (ms === null) return NONE
  const seconds = Math.round((ms - nowMs) / 1000)
  const size = Math.abs(seconds)
  if (size < 2) return isChinese(locale) ? '刚刚' : 'just now'
  const format = new Intl.RelativeTimeFormat(locale, { numeric: 'always', style: 'short' })
  if (size < 60) return format.format(seconds, 'second')
  if (size < 3600) return format.format(Math.trunc(seconds / 60), 'minute')
  if (size < 86_400) return format.format(Math.trunc(seconds / 3600), 'hour')
  if (size < 30 * 86_400) return format.format(Math.trunc(seconds / 86_400), 'day')
  if (size < 365 * 86_400) return format.format(Math.trunc(seconds / (30 * 86_400)), 'month')
  return format.format(Math.trunc(seconds / (365 * 86_400)), 'year')
}

type Scalar = string | number | boolean | null
const SHOWN = 5

/** A value of a feature or a field as a person reads it; null is written out by the caller. Of a list or map the first few, and how many more. */
export function formatCell(value: Scalar | undefined | Scalar[] | Record<string, number>, locale: string): string {
  if (value === null || value === undefined) return NONE
  if (typeof value === 'object') {
    const items = Array.isArray(value)
      ? value.map((item) => (item === null ? 'null' : formatCell(item, locale)))
      : Object.entries(value).map(([key, count]) => `${key}: ${formatCell(count, locale)}`)
    const more = items.length > SHOWN ? [`… +${items.length - SHOWN}`] : []
    const text = [...items.slice(0, SHOWN), ...more].join(', ')
    return Array.isArray(value) ? `[${text}]` : `{${text}}`
  }
  if (typeof value === 'number')
    return new Intl.NumberFormat(locale, { maximumSignificantDigits: 17, maximumFractionDigits: 6, useGrouping: false }).format(value)
  return String(value)
}
