/** Whether the compiled operator can do a plan; what it cannot do stays with the plain one, and the plan says so. */
import { isListed } from '../../definition/check-call.ts'
import type { ExprType } from '../../definition/types.ts'
import { isRanked } from '../compile/ranks.ts'
import type { Plan, PlannedWindow } from './plan.ts'

/** Aggregates whose frames are kept up to date event by event; the others scan their frame. */
export const COMPILED_AGGREGATES = [
  'count',
  'count_if',
  'sum',
  'avg',
  'min',
  'max',
  'first',
  'last',
  'bool_and',
  'bool_or',
  'arg_min',
  'arg_max',
  'var_pop',
  'var_samp',
  'stddev_pop',
  'stddev_samp',
  'median',
  'quantile_cont',
  'quantile_disc',
] as const
export type CompiledAggregateName = (typeof COMPILED_AGGREGATES)[number]

/** The same over panes, which hold what their events come to instead of the events. */
export const PANE_AGGREGATES = [
  'count',
  'count_if',
  'sum',
  'avg',
  'min',
  'max',
  'first',
  'last',
  'bool_and',
  'bool_or',
  'var_pop',
  'var_samp',
  'stddev_pop',
  'stddev_samp',
  'approx_count_distinct',
] as const
export type PaneAggregateName = (typeof PANE_AGGREGATES)[number]

/** Pane numbers have 32 bits: enough for the years from 1900 to 2200. */
const LEAST_PANE_MS = 4000

/** Whether the compiled operator keeps panes for the plan, instead of rows. */
export const keepsPanes = (plan: Plan): boolean => plan.windows.some(({ precisionMs }) => precisionMs !== null)

/** Null, or why the plan is left to the plain operator. */
export function fastPathRefusal(plan: Plan, columnTypes: readonly ExprType[]): string | null {
  if (plan.group) return 'a window of GROUP BY is evaluated over its rows when it closes'
  if (plan.code.length > 0) return `${plan.code[0]!.feature.name} is a feature in TypeScript`
  for (const window of plan.windows) {
    if (window.rows) return `window ${window.name} counts rows`
    if (window.exclude) return `window ${window.name} leaves rows out`
    if (window.maxRows !== null) return `window ${window.name} has a row cap`
    if (window.start === 'unbounded') return `window ${window.name} has no far end`
    if (window.start.months > 0 || window.end.months > 0) return `window ${window.name} is measured in calendar months`
  }
  const panes = keepsPanes(plan)
  if (panes) {
    const [{ precisionMs }] = plan.windows as [PlannedWindow]
    const other = plan.windows.find((window) => window.precisionMs !== precisionMs)
    if (other) return `windows ${plan.windows[0]!.name} and ${other.name} differ in their precision`
    if (precisionMs! < LEAST_PANE_MS) return `panes of less than ${LEAST_PANE_MS / 1000} seconds`
    if (plan.latest.size > 0) return 'a feature asks for the latest event itself, and panes keep no events'
  }
  const known: readonly string[] = panes ? PANE_AGGREGATES : COMPILED_AGGREGATES
  for (const { expr, input, second } of plan.aggregates) {
    if (!known.includes(expr.fn) || isListed(expr) || (expr.distinct && expr.fn !== 'count'))
      return panes ? `${expr.fn.toUpperCase()} is not kept in panes` : `${expr.fn.toUpperCase()} scans its frame`
    if (panes && expr.distinct) return 'COUNT(DISTINCT) is not kept in panes'
    const isText = input >= 0 && columnTypes[input] === 'string'
    if (isRanked(expr.fn) && (isText || columnTypes[input] === 'boolean'))
      return `${expr.fn.toUpperCase()} of a ${isText ? 'text' : 'boolean'}`
    if (isText && (expr.fn === 'min' || expr.fn === 'max')) return `${expr.fn.toUpperCase()} of a text`
    if (second >= 0 && columnTypes[second] === 'string') return `${expr.fn.toUpperCase()} by a text`
    if (isText && panes && (expr.fn === 'first' || expr.fn === 'last')) return `${expr.fn.toUpperCase()} of a text is not kept in panes`
  }
  return null
}
