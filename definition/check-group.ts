/** Group windows: `GROUP BY key, TUMBLE | HOP | SESSION(event_time, …)`, and what goes with them. */
import type { Report } from './check-scope.ts'
import { ignoresFrame } from './functions.ts'
import { formatInterval, isNegative, roughMs } from './interval.ts'
import { type Expr, GROUP_WINDOW, type GroupWindow, type Interval, type StreamSchema, type ViewDefinition } from './model.ts'

/** Every window of a key gives a row of its own: more of them than this for one event is a mistake. */
export const MAX_WINDOWS_PER_EVENT = 10_000
export const EDGE_NAMES: ReadonlySet<string> = new Set(['window_start', 'window_end'])

export function checkGroup(definition: ViewDefinition, stream: StreamSchema, report: Report): void {
  const { group, windows, hints, features } = definition
  if (!group) return
  const [over] = windows
  if (over) report('mixed_windows', over, MIXED, MIXED_HINT, 'name')
  if (hints.order === 'arrival')
    report(
      'bad_hint',
      definition,
      'a window of GROUP BY closes by event time: its order is event_time',
      "leave the hint out, or say ORDER('event_time')",
      'hints',
    )
  checkLengths(group, report)
  for (const feature of features) {
    const { name, expr } = feature
    const isEdge = expr.kind === 'windowEdge' && name === `window_${expr.edge}`
    const isField = stream.fields.some((field) => field.name === name)
    if (EDGE_NAMES.has(name) && !isEdge && !isField)
      report('alias_is_field', feature, `\`${name}\` is the name of an edge of the window`, 'choose another', 'name')
  }
}

const MIXED = 'a view has either windows of OVER (a row per event) or one of GROUP BY (a row per key and window)'
const MIXED_HINT = 'make two views of it'

function checkLengths(group: GroupWindow, report: Report): void {
  const refuse = (part: string, message: string, hint?: string) => report('bad_interval', group, message, hint, part)
  const positive = (part: string, what: string, length: Interval): boolean => {
    if (!isNegative(length) && roughMs(length) > 0) return true
    refuse(part, `the ${what} of a window must be longer than nothing`)
    return false
  }
  const fixed = (part: string, what: string, { months }: Interval): boolean => {
    if (months === 0) return true
    refuse(part, `the ${what} of this window has no months or years: their length varies`, 'say days')
    return false
  }
  if (group.kind === 'tumble') {
    const { months, days, ms } = group.size
    if (positive('size', 'length', group.size) && months > 0 && (days !== 0 || ms !== 0))
      refuse('size', 'a window goes by whole months or by a fixed length, not both', "INTERVAL '1' MONTH or INTERVAL '30' DAY")
  } else if (group.kind === 'session') {
    if (positive('gap', 'gap', group.gap)) fixed('gap', 'gap', group.gap)
  } else {
    const { slide, size } = group
    const sound = [
      positive('slide', 'slide', slide) && fixed('slide', 'slide', slide),
      positive('size', 'length', size) && fixed('size', 'length', size),
    ]
    if (sound.includes(false)) return
    if (roughMs(slide) > roughMs(size))
      refuse(
        'slide',
        `a new window every ${formatInterval(slide)} that holds only ${formatInterval(size)} leaves events in none`,
        'the slide comes first: HOP(event_time, slide, size)',
      )
    else if (roughMs(size) / roughMs(slide) > MAX_WINDOWS_PER_EVENT)
      refuse(
        'slide',
        `every event would be in ${Math.ceil(roughMs(size) / roughMs(slide))} windows; at most ${MAX_WINDOWS_PER_EVENT} are taken`,
      )
  }
}

/** An aggregate of a group view: over its group window, and none that looks back from one event. */
export function checkGroupAggregate(expr: Extract<Expr, { kind: 'aggregate' }>, report: Report): void {
  if (expr.window !== GROUP_WINDOW) report('mixed_windows', expr, MIXED, MIXED_HINT, 'window')
  else if (ignoresFrame(expr.fn))
    report(
      'aggregate_not_allowed',
      expr,
      `${expr.fn.toUpperCase()} looks back from one event, and a row of GROUP BY stands for all events of a window`,
      'use it OVER a window, in a view of its own',
    )
}
