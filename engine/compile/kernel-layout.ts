/**
 * Where everything of a view stands in the slabs: the words of a row and of a key's record, and the small set of running
 * quantities that its aggregates are made of. What can be shared is shared: a column is kept once for all features; rows in order
 * of value (for MIN and MAX) and rows of equal value (for COUNT(DISTINCT)) are linked once for all windows with the same near end.
 */
import type { ExprType } from '../../definition/types.ts'
import type { Plan } from '../plan/plan.ts'
import { FIXED_WORDS } from '../state/slab-keys.ts'
import { Words } from './words.ts'

export type ColumnKind = 'number' | 'boolean' | 'text'

/** A kept column in a row: word (32-bit for text and boolean, 64-bit for numbers) and, for booleans, its shift in there. */
export interface RowColumn {
  readonly kind: ColumnKind
  readonly at: number
  readonly shift: number
}

/** Rows that take part in an aggregate: those that pass `filter` (−1: all), with their value of `input` (−1: 1). */
export interface Selection {
  readonly input: number
  readonly filter: number
  /** column that must not be NULL either; −1 or not there: none */
  readonly beside?: number
}

/** A near end of windows. Rows before it have come in; with `endMs` 0 that is every row. */
export interface Edge {
  readonly endMs: number
  /** 32-bit word: sequence number of the first row that is not in yet */
  readonly hi: number
  /** 64-bit word: when that row comes in */
  readonly enterAt: number
}

/** The rows of a selection in an edge that a later row has not beaten: a linked list through the rows, newest on top. */
export interface Stack extends Selection {
  readonly edge: number
  readonly isMax: boolean
  /** a row does not beat one of equal value: the oldest of them counts */
  readonly keepsEqual: boolean
  readonly top: number
  readonly previous: number
  readonly next: number
}

/** Rows of equal value, linked backwards and forwards. */
export interface Twins extends Selection {
  readonly previous: number
  readonly next: number
}

export interface FastWindow {
  readonly startMs: number
  readonly edge: number
  /** 32-bit word: sequence number of the oldest row in the window */
  readonly lo: number
  /** 64-bit word: the last moment at which that row is in */
  readonly leaveAt: number
}

export type Quantity = Selection & { readonly window: number } & (
    | { readonly kind: 'count' | 'countTrue' | 'first' | 'last'; readonly at: number }
    | { readonly kind: 'distinct'; readonly at: number; readonly twins: number }
    | { readonly kind: 'extreme'; readonly at: number; readonly stack: number }
    | { readonly kind: 'ranked'; readonly at: number; readonly left: number; readonly right: number; readonly size: number }
    | { readonly kind: 'sum' | 'squares'; readonly at: number; readonly exact: boolean; readonly slides: number; readonly count: number }
  )

export interface KernelLayout {
  readonly recordWords: number
  readonly rowWords: number
  readonly columns: readonly RowColumn[]
  readonly edges: readonly Edge[]
  readonly windows: readonly FastWindow[]
  readonly stacks: readonly Stack[]
  readonly twins: readonly Twins[]
  readonly quantities: readonly Quantity[]
  /** by aggregate of the plan: the quantity that gives its value; −1: the window's rows alone do (COUNT(*), FIRST, LAST) */
  readonly quantityOf: readonly number[]
  /** 64-bit words for the values of the newest dropped row, −1 where no feature asks for the latest event */
  readonly dropped: number
}

export const TIME_WORD = 0
export const POSITION_WORD = 1

export function layOut(plan: Plan, columnTypes: readonly ExprType[]): KernelLayout {
  const row = new Words(2)
  const record = new Words(FIXED_WORDS)
  const columns = layOutColumns(columnTypes, row)
  const edges: Edge[] = []
  const windows = plan.windows.map(({ start, end }): FastWindow => {
    let edge = edges.findIndex(({ endMs }) => endMs === end.ms)
    if (edge < 0)
      edge =
        edges.push(end.ms === 0 ? { endMs: 0, hi: -1, enterAt: -1 } : { endMs: end.ms, hi: record.narrow(), enterAt: record.wide() }) - 1
    return { startMs: start === 'unbounded' ? Number.POSITIVE_INFINITY : start.ms, edge, lo: record.narrow(), leaveAt: record.wide() }
  })
  const stacks: Stack[] = []
  const twins: Twins[] = []
  const quantities: Quantity[] = []
  const share = <T>(list: T[], same: (item: T) => boolean, make: () => NoInfer<T>): number => {
    const known = list.findIndex(same)
    return known >= 0 ? known : list.push(make()) - 1
  }
  const quantityOf = plan.aggregates.map(({ expr, window, input, second, filter }): number => {
    const rows: Selection = { input, filter }
    const isSame = (item: Selection) => item.input === input && item.filter === filter
    const own = (kind: Quantity['kind']) => (item: Quantity) => item.kind === kind && item.window === window && isSame(item)
    const simple = (kind: 'count' | 'countTrue') =>
      share(quantities, own(kind), (): Quantity => ({ kind, ...rows, window, at: record.narrow() }))
    const sum = (kind: 'sum' | 'squares') => {
      const count = simple('count')
      const exact = kind === 'sum' && columnTypes[input] !== 'double'
      return share(quantities, own(kind), (): Quantity => {
        const at = record.wide()
        record.wide() // the part of the sum below the first word's precision
        if (!exact) record.wide() // the largest the sum has been
        return { kind, ...rows, window, at, exact, slides: exact ? -1 : record.narrow(), count }
      })
    }
    switch (expr.fn) {
      case 'count':
        if (input < 0 && filter < 0) return -1
        if (!expr.distinct) return simple('count')
        return share(quantities, own('distinct'), (): Quantity => {
          const at = share(twins, isSame, () => ({ ...rows, previous: row.narrow(), next: row.narrow() }))
          return { kind: 'distinct', ...rows, window, at: record.narrow(), twins: at }
        })
      case 'count_if':
        return simple('countTrue')
      case 'sum':
      case 'avg':
        return sum('sum')
      case 'var_pop':
      case 'var_samp':
      case 'stddev_pop':
      case 'stddev_samp':
        sum('sum')
        return sum('squares')
      case 'median':
      case 'quantile_cont':
      case 'quantile_disc':
        return share(quantities, own('ranked'), (): Quantity => {
          const at = record.narrow()
          return { kind: 'ranked', ...rows, window, at, left: row.narrow(), right: row.narrow(), size: row.narrow() }
        })
      case 'min':
      case 'max':
      case 'bool_and':
      case 'bool_or':
      case 'arg_min':
      case 'arg_max': {
        const isMax = expr.fn === 'max' || expr.fn === 'bool_or' || expr.fn === 'arg_max'
        const keepsEqual = second >= 0
        const chosen: Selection = keepsEqual ? { input: second, filter, beside: input } : rows
        const { edge } = windows[window]!
        const stack = share(
          stacks,
          (item) =>
            item.input === chosen.input &&
            item.filter === filter &&
            item.beside === chosen.beside &&
            item.edge === edge &&
            item.isMax === isMax &&
            item.keepsEqual === keepsEqual,
          () => ({ ...chosen, edge, isMax, keepsEqual, top: record.narrow(), previous: row.narrow(), next: row.narrow() }),
        )
        return share(
          quantities,
          (item) => item.kind === 'extreme' && item.window === window && item.stack === stack,
          (): Quantity => ({ kind: 'extreme', ...rows, window, at: record.narrow(), stack }),
        )
      }
      case 'first':
      case 'last':
        return filter < 0
          ? -1
          : share(
              quantities,
              (item) => item.kind === expr.fn && item.window === window && item.filter === filter,
              (): Quantity => {
                const kind = expr.fn === 'first' ? 'first' : 'last'
                return { kind, input: -1, filter, window, at: record.narrow() }
              },
            )
      default:
        throw new Error(`${expr.fn} has no kernel: the planner leaves it to the plain operator`)
    }
  })
  const dropped = plan.latest.size > 0 ? columns.map(() => record.wide())[0]! : -1
  return { recordWords: record.used, rowWords: row.used, columns, edges, windows, stacks, twins, quantities, quantityOf, dropped }
}

const BOOLEANS_PER_WORD = 16

function layOutColumns(types: readonly ExprType[], row: Words): RowColumn[] {
  const kinds = types.map((type): ColumnKind => (type === 'string' ? 'text' : type === 'boolean' ? 'boolean' : 'number'))
  const columns: RowColumn[] = kinds.map((kind) => ({ kind, at: kind === 'number' ? row.wide() : -1, shift: 0 }))
  let booleans = 0
  let word = -1
  for (const [c, kind] of kinds.entries()) {
    if (kind === 'text') columns[c] = { kind, at: row.narrow(), shift: 0 }
    if (kind !== 'boolean') continue
    if (booleans % BOOLEANS_PER_WORD === 0) word = row.narrow()
    columns[c] = { kind, at: word, shift: 2 * (booleans++ % BOOLEANS_PER_WORD) }
  }
  return columns
}
