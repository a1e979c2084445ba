/**
 * Where everything of a view with panes stands. A pane is a few words: its number (event time ÷ width, rounded down) and what its events
 * come to, each measure once for all features and windows that ask for it. A window that ends now keeps the same words in the key's
 * record, summed over its panes; one that ends earlier is summed when it is asked for.
 */
import { type ExprType, isDecimal } from '../../definition/types.ts'
import type { Plan } from '../plan/plan.ts'
import { FIXED_WORDS } from '../state/slab-keys.ts'
import type { Selection } from './kernel-layout.ts'
import { Words } from './words.ts'

export type MeasureKind = 'count' | 'countTrue' | 'sum' | 'wholeSum' | 'min' | 'max' | 'first' | 'last' | 'moments' | 'distinct'

/** `at`: place among the words, counted in 32-bit halves for counts. */
export interface Measure extends Selection {
  readonly kind: MeasureKind
  readonly at: number
  /** of a sum, moments: the measure that says of how many values; −1 */
  readonly count: number
  readonly isText: boolean
}

export interface PaneWindow {
  readonly startMs: number
  readonly endMs: number
  /** words of the record: the measures over all panes in the window; −1: the window ends before now */
  readonly totals: number
  /** 32-bit word: index of its oldest pane */
  readonly lo: number
  /** 64-bit word: the last moment at which that pane is in; Infinity while there is none */
  readonly leaveAt: number
}

export interface PaneLayout {
  readonly widthMs: number
  readonly recordWords: number
  readonly paneWords: number
  readonly measures: readonly Measure[]
  /** by aggregate of the plan */
  readonly measureOf: readonly number[]
  readonly windows: readonly PaneWindow[]
  /** by kept column: whether its values go on as hashes of texts */
  readonly texts: readonly boolean[]
}

/** 32-bit half of a pane with its number. Of a window's totals: 0 while they are right, else 1 + how often they were asked for since a pane left. */
export const NUMBER = 0
export const STALE = 0

/** 64-bit words of a measure; 0: half a one. */
export const WORDS: Record<MeasureKind, number> = {
  count: 0,
  countTrue: 0,
  sum: 1,
  wholeSum: 2, // and the part of the sum below the first word's precision
  min: 1,
  max: 1,
  first: 3, // and the row's time and position
  last: 3,
  moments: 2, // mean, sum of squared distances from it
  distinct: 1,
}

export function layOutPanes(plan: Plan, columnTypes: readonly ExprType[]): PaneLayout {
  const pane = new Words(0)
  pane.narrow() // NUMBER
  const measures: Measure[] = []
  const share = (kind: MeasureKind, rows: Selection, count = -1): number => {
    const known = measures.findIndex((item) => item.kind === kind && item.input === rows.input && item.filter === rows.filter)
    if (known >= 0) return known
    const at = WORDS[kind] === 0 ? pane.narrow() : pane.wide()
    for (let more = 1; more < WORDS[kind]; more++) pane.wide()
    return measures.push({ kind, ...rows, at, count, isText: columnTypes[rows.input] === 'string' }) - 1
  }
  /** Values that are never NULL are as many as the rows. */
  const counted = ({ input, filter }: Selection): Selection => ({ input: isNeverNull(plan, input) ? -1 : input, filter })
  const measureOf = plan.aggregates.map(({ expr, input, filter }): number => {
    const rows = { input, filter }
    switch (expr.fn) {
      case 'count_if':
        return share('countTrue', rows)
      case 'sum':
      case 'avg': {
        const type = columnTypes[input]!
        return share(type === 'int' || isDecimal(type) ? 'wholeSum' : 'sum', rows, share('count', counted(rows)))
      }
      case 'min':
      case 'bool_and':
        return share('min', rows)
      case 'max':
      case 'bool_or':
        return share('max', rows)
      case 'count':
        return share('count', counted(rows))
      case 'first':
      case 'last':
        return share(expr.fn, rows)
      case 'var_pop':
      case 'var_samp':
      case 'stddev_pop':
      case 'stddev_samp':
        return share('moments', rows, share('count', counted(rows)))
      case 'approx_count_distinct':
        return share('distinct', rows)
      default:
        throw new Error(`${expr.fn} has no measure: the planner leaves it to the plain operator`)
    }
  })
  const record = new Words(FIXED_WORDS)
  const windows = plan.windows.map(({ start, end }): PaneWindow => {
    const startMs = start === 'unbounded' ? Number.POSITIVE_INFINITY : start.ms
    if (end.ms > 0) return { startMs, endMs: end.ms, totals: -1, lo: -1, leaveAt: -1 }
    const lo = record.narrow()
    const leaveAt = record.wide()
    const totals = record.wide()
    for (let more = 1; more < pane.used; more++) record.wide()
    return { startMs, endMs: 0, totals, lo, leaveAt }
  })
  return {
    widthMs: plan.windows[0]!.precisionMs!,
    recordWords: record.used,
    paneWords: pane.used,
    measures,
    measureOf,
    windows,
    texts: columnTypes.map((type) => type === 'string'),
  }
}

function isNeverNull(plan: Plan, input: number): boolean {
  const expr = plan.columns[input]
  return expr?.kind === 'field' && !plan.fields.find(({ name }) => name === expr.name)?.nullable
}
