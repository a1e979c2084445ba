/** Windows: their frames and what hints say about them. Functions over them are checked where they stand (`check-expr.ts`). */
import type { Report } from './check-scope.ts'
import { formatInterval, isNegative, roughMs } from './interval.ts'
import type { Bound, ViewDefinition, Window } from './model.ts'
import type { ProblemCode } from './problem-codes.ts'

export function checkWindows(definition: ViewDefinition, report: Report): void {
  const seen = new Map<string, Window>()
  for (const window of definition.windows) {
    const lower = window.name.toLowerCase()
    if (seen.has(lower)) report('duplicate_window', window, `window \`${window.name}\` is defined twice`, undefined, 'name')
    seen.set(lower, window)
    const frame = frameProblem(window.start, window.end)
    if (frame) report(frame.code, window, frame.message, frame.hint, frame.part)
    else checkPrecision(window, report)
  }
}

type FrameProblem = { code: ProblemCode; message: string; hint?: string; part: 'start' | 'end' }

/** A frame looks back from the current event, its far end first. */
export function frameProblem(start: Bound, end: Bound): FrameProblem | undefined {
  if (end.kind === 'unbounded')
    return { code: 'bad_frame', part: 'end', message: 'a frame cannot end at UNBOUNDED PRECEDING', hint: 'AND CURRENT ROW' }
  for (const [part, bound] of [
    ['start', start],
    ['end', end],
  ] as const) {
    if (bound.kind === 'preceding' && isNegative(bound.interval))
      return { code: 'bad_interval', part, message: 'the bound of a window cannot be negative' }
  }
  const startMs = start.kind === 'current' ? 0 : start.kind === 'preceding' ? roughMs(start.interval) : Number.POSITIVE_INFINITY
  const endMs = end.kind === 'preceding' ? roughMs(end.interval) : 0
  if (startMs >= endMs && !(start.kind === 'current' && end.kind === 'preceding')) return undefined
  return {
    code: 'swapped_frame',
    part: 'start',
    message: 'this frame ends before it starts',
    hint: 'the far end comes first: swap the two bounds',
  }
}

/** PRECISION keeps panes: they have one length, and none is longer than what the window holds. */
function checkPrecision(window: Window, report: Report): void {
  const { precision, start, end } = window
  if (!precision) return
  const width = roughMs(precision)
  const length = start.kind === 'unbounded' ? Number.POSITIVE_INFINITY : boundMs(start) - boundMs(end)
  const wrong =
    precision.months !== 0
      ? 'a precision has no months or years, their length varies: say days'
      : isNegative(precision) || width === 0
        ? 'a precision must be longer than nothing'
        : width > length
          ? `the precision of ${formatInterval(precision)} is longer than the window \`${window.name}\` itself`
          : undefined
  if (wrong) report('bad_hint', window, wrong, undefined, 'precision')
}

const boundMs = (bound: Bound): number => (bound.kind === 'preceding' ? roughMs(bound.interval) : 0)
