/** Whether the compiled operator can do a plan; what it cannot do stays with the plain one, and the plan says so. */
import type { ExprType } from '../../definition/types.ts'
import type { Plan } from './plan.ts'

/** Aggregates whose frames are kept up to date event by event; the others scan their frame. */
export const COMPILED_AGGREGATES = ['count', 'count_if', 'sum', 'avg', 'min', 'max', 'first', 'last'] as const
export type CompiledAggregateName = (typeof COMPILED_AGGREGATES)[number]

/** Null, or why the plan is left to the plain operator. */
export function fastPathRefusal(plan: Plan, columnTypes: readonly ExprType[]): string | null {
  for (const window of plan.windows) {
    if (window.precisionMs !== null) return `window ${window.name} keeps panes`
    if (window.start === 'unbounded') return `window ${window.name} has no far end`
    if (window.start.months > 0 || window.end.months > 0) return `window ${window.name} is measured in calendar months`
  }
  for (const { expr, input } of plan.aggregates) {
    if (!COMPILED_AGGREGATES.some((name) => name === expr.fn)) return `${expr.fn.toUpperCase()} scans its frame`
    const isText = input >= 0 && columnTypes[input] === 'string'
    if (isText && (expr.fn === 'min' || expr.fn === 'max')) return `${expr.fn.toUpperCase()} of a text`
  }
  return null
}
