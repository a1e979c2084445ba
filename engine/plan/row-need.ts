/**
 * Which of a key's rows a window may still ask for from a moment on: by time, by count, or both. No event comes before the moment, so
 * the rows before it stand as they are, and a count of them means the same rows for good.
 */
import type { Plan, PlannedWindow, Reach } from './plan.ts'

export interface RowNeed {
  /** every row that lies no further back than this before the moment, */
  readonly all: Reach
  /** and so many of the newest rows before those, */
  readonly count: number
  /** these as far back as this */
  readonly within: Reach | 'unbounded'
  /** counted from before the newest row's millisecond: EXCLUDE may leave all of that out */
  readonly behindGroup: boolean
}

const NOTHING: Reach = { months: 0, ms: 0 }

export function rowNeed(window: PlannedWindow): RowNeed {
  const { start, end, rows, exclude, maxRows } = window
  const excludes = exclude !== null
  if (rows) {
    const isOpen = rows.start === Number.POSITIVE_INFINITY
    // the current row itself is one, and may stand before the moment
    const count = 1 + (isOpen ? rows.end + (maxRows ?? 0) : rows.start)
    return { all: NOTHING, count, within: 'unbounded', behindGroup: excludes && isOpen }
  }
  if (maxRows !== null) return { all: end, count: maxRows, within: start, behindGroup: excludes }
  if (start !== 'unbounded') return { all: start, count: 0, within: start, behindGroup: false }
  return { all: end, count: 0, within: 'unbounded', behindGroup: excludes }
}

/** It is not by time alone. */
export const isByCount = ({ count, behindGroup }: RowNeed): boolean => count > 0 || behindGroup

/** True: which rows a key needs depends on how many it has, and is found out key by key. */
export function needsByCount({ windows }: Pick<Plan, 'windows'>): boolean {
  return windows.some((window) => isByCount(rowNeed(window)))
}
