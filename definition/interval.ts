/**
 * Calendar intervals and durations as text. Units as PostgreSQL takes them: months and years by calendar, a day is
 * 24 hours (UTC), the rest in milliseconds. Used by windows, by interval constants and by parameters.
 */
import type { Interval } from './model.ts'

const SECOND_MS = 1000
const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
export const DAY_MS = 86_400_000
/** Months have no fixed length; where two intervals must be compared, a month counts 30 days, as in PostgreSQL. */
export const MONTH_MS = 30 * DAY_MS
export const MAX_DURATION_DAYS = 3650

type Unit = { months: number } | { days: number } | { ms: number }
const UNITS: [string[], Unit][] = [
  [['microsecond', 'microseconds', 'us', 'usec', 'usecs', 'usecond', 'useconds'], { ms: 0.001 }],
  [['millisecond', 'milliseconds', 'ms', 'msec', 'msecs', 'msecond', 'mseconds'], { ms: 1 }],
  [['second', 'seconds', 's', 'sec', 'secs'], { ms: SECOND_MS }],
  [['minute', 'minutes', 'm', 'min', 'mins'], { ms: MINUTE_MS }],
  [['hour', 'hours', 'h', 'hr', 'hrs'], { ms: HOUR_MS }],
  [['day', 'days', 'd'], { days: 1 }],
  [['week', 'weeks', 'w'], { days: 7 }],
  [['month', 'months', 'mon', 'mons'], { months: 1 }],
  [['year', 'years', 'y', 'yr', 'yrs'], { months: 12 }],
  [['decade', 'decades', 'dec', 'decs'], { months: 120 }],
  [['century', 'centuries', 'c', 'cent'], { months: 1200 }],
  [['millennium', 'millennia', 'mil', 'mils'], { months: 12_000 }],
]
const UNIT_BY_NAME = new Map(UNITS.flatMap(([names, unit]) => names.map((name) => [name, unit] as const)))

export type IntervalUnit = 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second'

/**
 * Reads `3 hours`, `1 day 2:03:04.5`, `1-6` (years-months), `90` (seconds, or `bareUnit`), `P1DT2H`, `@ 5 min`, `1 day ago`.
 * @throws Error with a sentence that says what is wrong
 */
export function parseInterval(text: string, bareUnit: IntervalUnit = 'second'): Interval {
  let rest = text.trim().replace(/^@\s*/, '').toLowerCase()
  if (rest === '') throw new Error('an interval needs a number and a unit, such as 3 hours')
  const sign = /\sago$/.test(rest) ? -1 : 1
  rest = rest.replace(/\sago$/, '').trim()
  const sum = rest.startsWith('p') ? parseIso(rest, text) : parseParts(rest, text, bareUnit)
  return finish(sum.months * sign, sum.days * sign, sum.ms * sign, text)
}

type Sum = { months: number; days: number; ms: number }

function parseParts(rest: string, text: string, bareUnit: IntervalUnit): Sum {
  const sum: Sum = { months: 0, days: 0, ms: 0 }
  const part =
    /\s*(?:([+-]?)(\d+):(\d{1,2})(?::(\d{1,2}(?:\.\d+)?))?|([+-]?)(\d+)-(\d{1,2})(?![\d.])|([+-]?(?:\d+\.?\d*|\.\d+))\s*([a-zµ]*))\s*,?/y
  while (part.lastIndex < rest.length) {
    const at = part.lastIndex
    const match = part.exec(rest)
    if (!match) throw new Error(`"${text.slice(0, 60)}" is not an interval: it stops making sense at "${rest.slice(at, at + 20)}"`)
    const [, clockSign, hours, minutes, seconds, ymSign, years, months, number, unitName] = match
    if (hours !== undefined) {
      if (Number(minutes) > 59 || Number(seconds ?? 0) >= 60) throw new Error(`"${text}" has minutes or seconds above 59`)
      const ms = Number(hours) * HOUR_MS + Number(minutes) * MINUTE_MS + Number(seconds ?? 0) * SECOND_MS
      sum.ms += clockSign === '-' ? -ms : ms
    } else if (years !== undefined) {
      const all = Number(years) * 12 + Number(months)
      sum.months += ymSign === '-' ? -all : all
    } else {
      const unit = UNIT_BY_NAME.get(unitName || bareUnit)
      if (!unit) throw new Error(`"${unitName}" is not a unit of time; take seconds, minutes, hours, days, weeks, months or years`)
      add(sum, Number(number), unit)
    }
  }
  return sum
}

function parseIso(rest: string, text: string): Sum {
  const match = /^p(?:([\d.]+)y)?(?:([\d.]+)m)?(?:([\d.]+)w)?(?:([\d.]+)d)?(?:t(?:([\d.]+)h)?(?:([\d.]+)m)?(?:([\d.]+)s)?)?$/.exec(rest)
  const parts = match?.slice(1)
  if (!parts?.some((part) => part !== undefined)) throw new Error(`"${text.slice(0, 60)}" is not an ISO 8601 duration, such as P1DT2H`)
  const sum: Sum = { months: 0, days: 0, ms: 0 }
  for (const [i, name] of ['year', 'month', 'week', 'day', 'hour', 'minute', 'second'].entries()) {
    const unit = UNIT_BY_NAME.get(name)
    if (unit && parts[i] !== undefined) add(sum, Number(parts[i]), unit)
  }
  return sum
}

/** Fractions spill into smaller units as in PostgreSQL: of a year into months, of a month into days, of a day into ms. */
function add(sum: Sum, count: number, unit: Unit): void {
  if ('months' in unit) {
    const months = count * unit.months
    sum.months += Math.trunc(months)
    const days = cleanFraction(months - Math.trunc(months)) * 30
    if (unit.months === 1) add(sum, days, { days: 1 })
    else if (days !== 0) sum.months += Math.round(months - Math.trunc(months))
  } else if ('days' in unit) {
    const days = count * unit.days
    sum.days += Math.trunc(days)
    sum.ms += cleanFraction(days - Math.trunc(days)) * DAY_MS
  } else sum.ms += count * unit.ms
}

function cleanFraction(value: number): number {
  return Math.round(value * 1e9) / 1e9
}

function finish(months: number, days: number, ms: number, text: string): Interval {
  const rounded = Math.round(ms)
  if (Math.abs(ms - rounded) > 1e-6) throw new Error(`"${text.slice(0, 60)}" is finer than a millisecond`)
  if (![months, days, rounded].every(Number.isSafeInteger)) throw new Error(`"${text.slice(0, 60)}" is too long`)
  return { months: months + 0, days: days + 0, ms: rounded + 0 }
}

/** Length with a month of 30 days: for comparing and bounding, never for computing a window. */
export function roughMs(interval: Interval): number {
  return interval.months * MONTH_MS + interval.days * DAY_MS + interval.ms
}

export function isNegative(interval: Interval): boolean {
  return interval.months < 0 || interval.days < 0 || interval.ms < 0
}

/** An instant moved by an interval; months by calendar (UTC), clamped to the end of the month. */
export function shiftMs(instantMs: number, interval: Interval, direction: 1 | -1): number {
  let at = instantMs
  if (interval.months !== 0) {
    const date = new Date(instantMs)
    const day = date.getUTCDate()
    date.setUTCDate(1)
    date.setUTCMonth(date.getUTCMonth() + direction * interval.months)
    const lastDay = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate()
    date.setUTCDate(Math.min(day, lastDay))
    at = date.getTime()
  }
  return at + direction * (interval.days * DAY_MS + interval.ms)
}

type Piece = { count: number; unit: 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second' | 'millisecond' }

/** The interval in its largest whole units: { days: 1, ms: 5400000 } → 1 day, 90 minutes. */
export function intervalPieces(interval: Interval): Piece[] {
  const pieces: Piece[] = []
  const { months, days, ms } = interval
  if (months !== 0) pieces.push(months % 12 === 0 ? { count: months / 12, unit: 'year' } : { count: months, unit: 'month' })
  if (days !== 0) pieces.push({ count: days, unit: 'day' })
  if (ms !== 0 || pieces.length === 0) {
    if (ms === 0) pieces.push({ count: 0, unit: 'second' })
    else if (ms % HOUR_MS === 0) pieces.push({ count: ms / HOUR_MS, unit: 'hour' })
    else if (ms % MINUTE_MS === 0) pieces.push({ count: ms / MINUTE_MS, unit: 'minute' })
    else if (ms % SECOND_MS === 0) pieces.push({ count: ms / SECOND_MS, unit: 'second' })
    else pieces.push({ count: ms, unit: 'millisecond' })
  }
  return pieces
}

/** `3 hours`, `1 day 90 minutes`: reads back to the same interval. */
export function formatInterval(interval: Interval): string {
  return intervalPieces(interval)
    .map(({ count, unit }) => `${count} ${unit}${count === 1 ? '' : 's'}`)
    .join(' ')
}

/** A duration parameter: a non-negative interval without months, at most 3650 days. */
export function parseDurationMs(text: string): number {
  const interval = parseInterval(text)
  if (interval.months !== 0) throw new Error('a duration has no months or years, their length varies: say days')
  const ms = roughMs(interval)
  if (ms < 0) throw new Error('a duration cannot be negative')
  if (ms > MAX_DURATION_DAYS * DAY_MS) throw new Error(`a duration is at most ${MAX_DURATION_DAYS} days`)
  return ms
}

/** `90 seconds`, `2 minutes`, `30 days`: the largest single unit that fits. */
export function formatDurationMs(ms: number): string {
  return ms !== 0 && ms % DAY_MS === 0
    ? formatInterval({ months: 0, days: ms / DAY_MS, ms: 0 })
    : formatInterval({ months: 0, days: 0, ms })
}
