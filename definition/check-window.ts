/** Windows: their frames and what hints say about them. Functions over them are checked where they stand (`check-expr.ts`). */
import type { Report } from './check-scope.ts'
import { formatInterval, isNegative, roughMs } from './interval.ts'
import type { Bound, RangeWindow, RowBound, ViewDefinition, Window } from './model.ts'
import type { ProblemCode } from './problem-codes.ts'

/** Rows that a ROWS frame reaches back, or that MAX_ROWS takes: they are kept one by one, for every key. */
export const MAX_FRAME_ROWS = 100_000

export function checkWindows(definition: ViewDefinition, report: Report): void {
  const seen = new Map<string, Window>()
  for (const window of definition.windows) {
    const lower = window.name.toLowerCase()
    if (seen.has(lower)) report('duplicate_window', window, `window \`${window.name}\` is defined twice`, undefined, 'name')
    seen.set(lower, window)
    const frame = frameProblem(window)
    if (frame) report(frame.code, window, frame.message, frame.hint, frame.part)
    const maxRows = window.maxRows === undefined ? undefined : maxRowsProblem(window.maxRows)
    if (maxRows) report('bad_hint', window, maxRows, undefined, 'maxRows')
    const precision = window.mode === 'range' && !frame ? precisionProblem(window) : undefined
    if (precision) report('bad_hint', window, precision, undefined, 'precision')
  }
}

type Frame = { start: Bound | RowBound; end: Bound | RowBound }
type FrameProblem = { code: ProblemCode; message: string; hint?: string; part: 'start' | 'end' }

/** A frame looks back from the current event, its far end first. */
export function frameProblem({ start, end }: Frame): FrameProblem | undefined {
  if (end.kind === 'unbounded')
    return { code: 'bad_frame', part: 'end', message: 'a frame cannot end at UNBOUNDED PRECEDING', hint: 'AND CURRENT ROW' }
  for (const [part, bound] of [
    ['start', start],
    ['end', end],
  ] as const) {
    if (bound.kind === 'preceding' && isNegative(bound.interval))
      return { code: 'bad_interval', part, message: 'the bound of a window cannot be negative' }
    if (bound.kind === 'rows' && (bound.count < 0 || bound.count > MAX_FRAME_ROWS))
      return { code: 'bad_frame', part, message: `the bound of a ROWS frame is a number of rows from 0 to ${MAX_FRAME_ROWS}` }
  }
  if (distance(start) >= distance(end) && !(start.kind === 'current' && end.kind !== 'current')) return undefined
  return {
    code: 'swapped_frame',
    part: 'start',
    message: 'this frame ends before it starts',
    hint: 'the far end comes first: swap the two bounds',
  }
}

/** How far back a bound lies: in milliseconds, or in rows. */
function distance(bound: Bound | RowBound): number {
  if (bound.kind === 'current') return 0
  if (bound.kind === 'unbounded') return Number.POSITIVE_INFINITY
  return bound.kind === 'rows' ? bound.count : roughMs(bound.interval)
}

const maxRowsProblem = (maxRows: number): string | undefined =>
  maxRows >= 1 && maxRows <= MAX_FRAME_ROWS ? undefined : `a row cap is a number from 1 to ${MAX_FRAME_ROWS}`

/** PRECISION keeps panes: they have one length, none is longer than what the window holds, and no row can be told from another. */
function precisionProblem({ name, start, end, exclude, maxRows, precision }: RangeWindow): string | undefined {
  if (!precision) return undefined
  if (precision.months !== 0) return 'a precision has no months or years, their length varies: say days'
  if (isNegative(precision) || roughMs(precision) === 0) return 'a precision must be longer than nothing'
  if (roughMs(precision) > distance(start) - distance(end))
    return `the precision of ${formatInterval(precision)} is longer than the window \`${name}\` itself`
  if (exclude) return `window \`${name}\` leaves rows out, which panes cannot: EXCLUDE and PRECISION do not go together`
  if (maxRows !== undefined) return `window \`${name}\` counts rows, which panes do not keep: MAX_ROWS and PRECISION do not go together`
  return undefined
}
