/** A frame as rows: which of a key's kept rows a window of a moment and a current row holds. */
import { frameEnd, frameStart } from '../plan/frame.ts'
import type { PlannedWindow } from '../plan/plan.ts'
import type { Base } from './aggregates.ts'
import type { Value } from './value.ts'

export interface Position {
  readonly partition: number
  readonly offset: number
}

/** What evaluation needs of a key: rows in order of (event time, partition, offset) and the bases of lifetime windows. */
export interface FrameRows {
  readonly times: readonly number[]
  readonly columns: readonly Value[][]
  readonly bases: readonly (Base | null)[] | null
  /** values of the view's features in TypeScript, by call; not there or null: none */
  readonly codeValues?: readonly Value[] | null
  /** index of the first kept row */
  readonly head: number
  /** index behind the row of this time and position */
  indexBehind(timeMs: number, position: Position): number
  /** index of the first kept row with event time ≥ atMs */
  lowerBound(atMs: number): number
  /** index behind the last kept row with event time ≤ atMs */
  upperBound(atMs: number): number
}

/** Index ranges [from, to) in order, none of them empty: more than one where EXCLUDE cuts the frame. */
export type RowRanges = readonly (readonly [from: number, to: number])[]

/** `current`: index of the current row, below `rows.head` where there is none. */
export function frameRanges(window: PlannedWindow, rows: FrameRows, atMs: number, current: number): RowRanges {
  const whole = window.rows ? rowsFrame(window.rows, rows, current) : rangeFrame(window, rows, atMs)
  const ranges = window.exclude && current >= rows.head ? without(window.exclude, rows, whole, current) : [whole]
  const filled = ranges.filter(([from, to]) => to > from)
  return window.maxRows === null ? filled : newest(filled, window.maxRows)
}

type Range = readonly [from: number, to: number]

function rangeFrame(window: PlannedWindow, rows: FrameRows, atMs: number): Range {
  return [rows.lowerBound(frameStart(window, atMs)), rows.upperBound(frameEnd(window, atMs))]
}

function rowsFrame({ start, end }: { start: number; end: number }, rows: FrameRows, current: number): Range {
  return [Math.max(rows.head, current - start), current - end + 1]
}

/** The other rows of the current one's millisecond are its ties; with it they are its group. */
function without(exclude: NonNullable<PlannedWindow['exclude']>, rows: FrameRows, [from, to]: Range, current: number): Range[] {
  const timeMs = rows.times[current]!
  const [first, behind] = exclude === 'current_row' ? [current, current + 1] : [rows.lowerBound(timeMs), rows.upperBound(timeMs)]
  const kept: Range[] = exclude === 'ties' ? [[Math.max(from, current), Math.min(to, current + 1)]] : []
  return [[from, Math.min(to, first)], ...kept, [Math.max(from, behind), to]]
}

function newest(ranges: RowRanges, count: number): RowRanges {
  const taken: Range[] = []
  let left = count
  for (let i = ranges.length - 1; i >= 0 && left > 0; i--) {
    const [from, to] = ranges[i]!
    const begin = Math.max(from, to - left)
    taken.unshift([begin, to])
    left -= to - begin
  }
  return taken
}
