/**
 * Hours of the week in a time zone, as people write them: `any`, `09:00-17:00`, `Mon-Fri 22:00-04:00 Europe/Berlin`, several with commas.
 * Without a zone they are UTC. A span that ends before it begins goes on into the next day. Pure.
 */
export interface Hours {
  /** none: any hour */
  readonly spans: readonly Span[]
  readonly zone: string
}
interface Span {
  /** 0 is Sunday */
  readonly days: readonly number[]
  /** minutes of the day; `to` may pass midnight */
  readonly from: number
  readonly to: number
}

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const DAY_MINUTES = 24 * 60
const MINUTE_MS = 60_000
const SPAN = /^(?:([a-z]{3})(?:-([a-z]{3}))? )?(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})$/i

/** @throws Error with a sentence */
export function parseHours(text: string): Hours {
  const words = text
    .trim()
    .replaceAll(/\s*([-,])\s*/g, '$1')
    .replaceAll(/\s+/g, ' ')
  if (/^any$/i.test(words)) return { spans: [], zone: 'UTC' }
  const [, body = words, zone = 'UTC'] = /^(.*\d) ([A-Za-z][\w/+-]*)$/.exec(words) ?? []
  return { spans: body.split(',').map(parseSpan), zone: checkedZone(zone) }
}

function parseSpan(text: string): Span {
  const [, first, last, ...clock] = SPAN.exec(text) ?? []
  const [fromHour = 99, fromMinute = 0, toHour = 99, toMinute = 0] = clock.map(Number)
  if (fromHour > 23 || toHour > 24 || fromMinute > 59 || toMinute > 59 || (toHour === 24 && toMinute > 0))
    throw new Error(`"${text.slice(0, 40)}" are no hours, such as "Mon-Fri 09:00-17:00" or "any"`)
  const from = fromHour * 60 + fromMinute
  const until = toHour * 60 + toMinute
  if (from === until) throw new Error(`"${text.slice(0, 40)}" begins when it ends: say "any" for every hour`)
  return { days: daysOf(first, last), from, to: until > from ? until : until + DAY_MINUTES }
}

function daysOf(first: string | undefined, last: string | undefined): number[] {
  if (first === undefined) return [0, 1, 2, 3, 4, 5, 6]
  const from = dayOf(first)
  const length = last === undefined ? 1 : ((dayOf(last) - from + 7) % 7) + 1
  return Array.from({ length }, (_, i) => (from + i) % 7)
}

function dayOf(name: string): number {
  const day = DAYS.findIndex((one) => one.toLowerCase() === name.toLowerCase())
  if (day < 0) throw new Error(`"${name}" is no day: they are ${DAYS.join(', ')}`)
  return day
}

function checkedZone(zone: string): string {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone
  } catch {
    throw new Error(`"${zone.slice(0, 40)}" is no time zone, such as UTC or Asia/Shanghai`)
  }
}

export function formatHours({ spans, zone }: Hours): string {
  if (spans.length === 0) return 'any'
  const clock = (minutes: number) => `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`
  const days = (all: readonly number[]) => (all.length === 7 ? '' : `${DAYS[all[0]!]}${all.length > 1 ? `-${DAYS[all.at(-1)!]}` : ''} `)
  const span = ({ days: all, from, to }: Span) => `${days(all)}${clock(from)}-${clock(to > DAY_MINUTES ? to - DAY_MINUTES : to)}`
  return `${spans.map(span).join(', ')} ${zone}`
}

/** When it is next one of the hours: the instant itself where it is one now. */
export function nextOpenMs(hours: Hours, atMs: number): number {
  if (hours.spans.length === 0) return atMs
  let ms = atMs
  for (;;) {
    const { day, minute } = localMinute(hours.zone, ms)
    const waits = hours.spans.map((span) => minutesUntil(span, day, minute))
    const wait = Math.min(...waits)
    if (wait === 0) return ms
    // the clock may be put forward or back on the way: then it is looked at again from the minute that was reached
    ms = Math.floor(ms / MINUTE_MS) * MINUTE_MS + Math.min(wait, 60) * MINUTE_MS
  }
}

/** 0: the minute belongs to the span. */
function minutesUntil({ days, from, to }: Span, day: number, minute: number): number {
  const starts = days.map((one) => ((one - day + 7) % 7) * DAY_MINUTES + from - minute)
  // the span of an earlier day of this week may still go on
  if (starts.some((start) => isWithin(start, to - from) || isWithin(start - 7 * DAY_MINUTES, to - from))) return 0
  return Math.min(...starts.map((start) => (start > 0 ? start : start + 7 * DAY_MINUTES)))
}

const isWithin = (start: number, length: number): boolean => start <= 0 && -start < length

const clocks = new Map<string, Intl.DateTimeFormat>()

function localMinute(zone: string, ms: number): { day: number; minute: number } {
  let clock = clocks.get(zone)
  if (!clock) {
    clock = new Intl.DateTimeFormat('en-US', { timeZone: zone, weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
    clocks.set(zone, clock)
  }
  const parts = Object.fromEntries(clock.formatToParts(ms).map(({ type, value }) => [type, value]))
  return { day: DAYS.indexOf(parts.weekday!), minute: Number(parts.hour) * 60 + Number(parts.minute) }
}
