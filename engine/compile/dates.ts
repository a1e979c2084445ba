/** Date functions over epoch milliseconds, all in UTC, by DuckDB's meanings: `second` is whole, `millisecond` counts within the minute, `epoch` is seconds with a fraction. */
import type { DatePart } from '../../definition/scalars.ts'
import { DAY_MS } from '../../definition/interval.ts'

const UNIT_MS = { millisecond: 1, second: 1000, minute: 60_000, hour: 3_600_000, day: DAY_MS } as const
type Unit = keyof typeof UNIT_MS
const isUnit = (part: DatePart): part is Unit => Object.hasOwn(UNIT_MS, part)

const MONTHS = { year: 12, quarter: 3, month: 1 } as const
type Calendar = keyof typeof MONTHS
const isCalendar = (part: DatePart): part is Calendar => Object.hasOwn(MONTHS, part)

/** 1970-01-01 was a Thursday: 0 is a Monday. */
const weekday = (day: number) => (((day + 3) % 7) + 7) % 7
const dayOf = (ms: number) => Math.floor(ms / DAY_MS)

/** Months since the year 0. */
function monthOf(ms: number): number {
  const date = new Date(ms)
  return date.getUTCFullYear() * 12 + date.getUTCMonth()
}

function monthStart(month: number): number {
  const date = new Date(0) // Date.UTC takes years below 100 for those of the 20th century
  date.setUTCFullYear(Math.floor(month / 12), month - Math.floor(month / 12) * 12, 1)
  return date.getTime()
}

export function partOf(part: DatePart, ms: number): number {
  switch (part) {
    case 'year':
      return Math.floor(monthOf(ms) / 12)
    case 'quarter':
      return Math.floor(new Date(ms).getUTCMonth() / 3) + 1
    case 'month':
      return new Date(ms).getUTCMonth() + 1
    case 'week':
      return isoWeek(dayOf(ms))
    case 'day':
      return new Date(ms).getUTCDate()
    case 'dow':
      return (weekday(dayOf(ms)) + 1) % 7
    case 'isodow':
      return weekday(dayOf(ms)) + 1
    case 'doy':
      return dayOf(ms) - dayOf(monthStart(Math.floor(monthOf(ms) / 12) * 12)) + 1
    case 'hour':
      return new Date(ms).getUTCHours()
    case 'minute':
      return new Date(ms).getUTCMinutes()
    case 'second':
      return new Date(ms).getUTCSeconds()
    case 'millisecond':
      return ms - Math.floor(ms / 60_000) * 60_000
    case 'epoch':
      return ms / 1000
  }
}

/** The week that the Thursday of this week is in: 1 has the year's first Thursday. */
function isoWeek(day: number): number {
  const thursday = day - weekday(day) + 3
  const yearStart = dayOf(monthStart(Math.floor(monthOf(thursday * DAY_MS) / 12) * 12))
  return Math.floor((thursday - yearStart) / 7) + 1
}

export function truncated(part: DatePart, ms: number): number {
  if (isUnit(part)) return Math.floor(ms / UNIT_MS[part]) * UNIT_MS[part]
  if (isCalendar(part)) return monthStart(Math.floor(monthOf(ms) / MONTHS[part]) * MONTHS[part])
  return (dayOf(ms) - weekday(dayOf(ms))) * DAY_MS
}

/** How many bounds of this unit lie between two instants: 23:59 and 00:01 are a day apart. */
export function difference(part: DatePart, fromMs: number, toMs: number): number {
  const index = isCalendar(part)
    ? (ms: number) => Math.floor(monthOf(ms) / MONTHS[part])
    : (ms: number) => Math.floor(ms / UNIT_MS[part as Unit])
  return index(toMs) - index(fromMs)
}
