/** What a person chooses in the window picker, as text, and the frame that it means. Pure. */
import { MAX_FRAME_ROWS } from '../../definition/check-window.ts'
import { formatInterval, parseInterval, roughMs } from '../../definition/interval.ts'
import type { Exclude, RowBound } from '../../definition/model.ts'
import { type Frame, parseFrame } from './form-model.ts'

export type WindowChoice = {
  by: 'time' | 'events'
  /** by time: `3 hours` or `all`, and how long before now it ends */
  from: string
  until: string
  /** by events: how many or `all`, and how many of the newest to pass over */
  last: string
  skip: string
  exclude: Exclude | ''
  /** at most so many rows; empty: all */
  maxRows: string
  /** width of panes; empty: exact */
  precision: string
}

/** What is wrong, as a key of the messages or as a sentence. */
export type ChoiceProblem = { field: keyof WindowChoice; key?: 'badCount' | 'badSkip' | 'badCap'; sentence?: string }

export function choiceOf(frame: Frame): WindowChoice {
  const choice: WindowChoice = {
    by: frame.mode === 'rows' ? 'events' : 'time',
    from: '1 hour',
    until: '',
    last: '10',
    skip: '',
    exclude: frame.exclude ?? '',
    maxRows: frame.maxRows === undefined ? '' : String(frame.maxRows),
    precision: frame.precision ? formatInterval(frame.precision) : '',
  }
  if (frame.mode === 'range') {
    const { start, end } = frame
    const from = start.kind === 'unbounded' ? 'all' : start.kind === 'current' ? '0 seconds' : formatInterval(start.interval)
    return { ...choice, from, until: end.kind === 'preceding' ? formatInterval(end.interval) : '' }
  }
  const skip = rowsBack(frame.end)
  const last = frame.start.kind === 'unbounded' ? 'all' : String(rowsBack(frame.start) - skip + 1)
  return { ...choice, last, skip: skip === 0 ? '' : String(skip) }
}

const rowsBack = (bound: RowBound): number => (bound.kind === 'rows' ? bound.count : 0)

export function frameOfChoice(choice: WindowChoice): { frame: Frame; problem?: undefined } | { problem: ChoiceProblem } {
  const maxRows = choice.maxRows.trim() === '' ? undefined : countOf(choice.maxRows, 1)
  if (maxRows === null) return { problem: { field: 'maxRows', key: 'badCap' } }
  const more = { ...(choice.exclude && { exclude: choice.exclude }), ...(maxRows !== undefined && { maxRows }) }
  return choice.by === 'events' ? eventsFrame(choice, more) : timeFrame(choice, more)
}

type More = { exclude?: Exclude; maxRows?: number }

function eventsFrame({ last, skip }: WindowChoice, more: More): ReturnType<typeof frameOfChoice> {
  const passed = skip.trim() === '' ? 0 : countOf(skip, 0)
  if (passed === null) return { problem: { field: 'skip', key: 'badSkip' } }
  const taken = isAll(last) ? Number.POSITIVE_INFINITY : countOf(last, 1)
  if (taken === null || (Number.isFinite(taken) && taken + passed - 1 > MAX_FRAME_ROWS))
    return { problem: { field: 'last', key: 'badCount' } }
  const bound = (count: number): RowBound => (count === 0 ? { kind: 'current' } : { kind: 'rows', count })
  const start: RowBound = Number.isFinite(taken) ? bound(taken + passed - 1) : { kind: 'unbounded' }
  return { frame: { mode: 'rows', start, end: bound(passed), ...more } }
}

/** Panes tell no row from another: with EXCLUDE or a row cap there are none. */
export const takesPrecision = ({ by, exclude, maxRows }: WindowChoice): boolean => by === 'time' && exclude === '' && maxRows.trim() === ''

function timeFrame(choice: WindowChoice, more: More): ReturnType<typeof frameOfChoice> {
  let field: keyof WindowChoice = 'until'
  try {
    const frame = parseFrame(choice.from, choice.until)
    field = 'precision'
    if (!takesPrecision(choice) || choice.precision.trim() === '') return { frame: { ...frame, ...more } }
    return { frame: { ...frame, ...more, precision: parseInterval(choice.precision) } }
  } catch (error) {
    return { problem: { field, sentence: error instanceof Error ? error.message : String(error) } }
  }
}

const isAll = (text: string): boolean => /^(all|lifetime|unbounded)$/i.test(text.trim())

function countOf(text: string, least: number): number | null {
  const count = /^\d{1,9}$/.test(text.trim()) ? Number(text) : Number.NaN
  return count >= least && count <= MAX_FRAME_ROWS ? count : null
}

/** How many panes of a key are kept at most; null where it keeps none, or everything before the panes comes to one value anyway. */
export function panesOf({ start, precision }: Frame): number | null {
  if (!precision || start.kind !== 'preceding' || roughMs(precision) <= 0) return null
  return Math.ceil(roughMs(start.interval) / roughMs(precision)) + 1
}
