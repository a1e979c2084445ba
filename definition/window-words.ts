/** A window in words: its structure for screens that translate, and an English sentence of it. */
import { formatInterval, intervalPieces } from './interval.ts'
import type { Bound, Interval, RangeWindow, RowBound, RowsWindow, Window } from './model.ts'

export type WindowWords =
  | { kind: 'last'; length: Interval } // the last 3 hours
  | { kind: 'between'; from: Interval; to: Interval } // from 3 hours ago to 30 minutes ago
  | { kind: 'lifetime' } // all time up to now
  | { kind: 'until'; to: Interval } // all time up to 30 minutes ago
  | { kind: 'instant' } // the same millisecond only
  | { kind: 'rows'; from: number | 'all'; to: number } // from so many rows back (the current one is 0) to so many

type RangeFrame = Pick<RangeWindow, 'mode' | 'start' | 'end'>
type Frame = RangeFrame | Pick<RowsWindow, 'mode' | 'start' | 'end'>

export function windowWords(frame: Frame): WindowWords {
  if (frame.mode === 'rows') {
    const rowsBack = (bound: RowBound): number => (bound.kind === 'rows' ? bound.count : 0)
    return { kind: 'rows', from: frame.start.kind === 'unbounded' ? 'all' : rowsBack(frame.start), to: rowsBack(frame.end) }
  }
  const { start, end } = frame
  const to = end.kind === 'preceding' ? end.interval : undefined
  if (start.kind === 'unbounded') return to ? { kind: 'until', to } : { kind: 'lifetime' }
  if (start.kind === 'current') return { kind: 'instant' }
  return to ? { kind: 'between', from: start.interval, to } : { kind: 'last', length: start.interval }
}

/** The frame that some words mean: for the form. */
export function frameOf(words: WindowWords): Frame {
  const current: Bound = { kind: 'current' }
  const preceding = (interval: Interval): Bound => ({ kind: 'preceding', interval })
  const rowsBack = (count: number): RowBound => (count === 0 ? { kind: 'current' } : { kind: 'rows', count })
  switch (words.kind) {
    case 'last':
      return { mode: 'range', start: preceding(words.length), end: current }
    case 'between':
      return { mode: 'range', start: preceding(words.from), end: preceding(words.to) }
    case 'lifetime':
      return { mode: 'range', start: { kind: 'unbounded' }, end: current }
    case 'until':
      return { mode: 'range', start: { kind: 'unbounded' }, end: preceding(words.to) }
    case 'instant':
      return { mode: 'range', start: current, end: current }
    case 'rows':
      return { mode: 'rows', start: words.from === 'all' ? { kind: 'unbounded' } : rowsBack(words.from), end: rowsBack(words.to) }
  }
}

export function windowInEnglish(frame: Frame): string {
  const words = windowWords(frame)
  switch (words.kind) {
    case 'last':
      return `the last ${formatInterval(words.length).replace(/^1 (\w+)$/, '$1')}`
    case 'between':
      return `from ${formatInterval(words.from)} ago to ${formatInterval(words.to)} ago`
    case 'lifetime':
      return 'all time'
    case 'until':
      return `all time up to ${formatInterval(words.to)} ago`
    case 'instant':
      return 'the same millisecond'
    case 'rows':
      return rowsInEnglish(words.from, words.to)
  }
}

function rowsInEnglish(from: number | 'all', to: number): string {
  if (from === 'all') return to === 0 ? 'all events' : `all events but the last ${to}`
  if (to === 0) return from === 0 ? 'the last event' : `the last ${from + 1} events`
  return from === to ? `the event ${from} back` : `from ${from} to ${to} events back`
}

const SHORT = { year: 'y', month: 'mo', day: 'd', hour: 'h', minute: 'm', second: 's', millisecond: 'ms' } as const

/** A name that says the frame: w3h, w1d, w3h_30m (from 3 hours to 30 minutes ago), wall (all time), rows10, rows10_1, w3h_no_ties. */
export function frameName({ exclude, ...frame }: Frame & Pick<Window, 'exclude'>): string {
  const without = exclude ? `_no_${exclude === 'current_row' ? 'current' : exclude}` : ''
  return `${frame.mode === 'rows' ? rowsName(frame) : rangeName(frame)}${without}`
}

function rowsName(frame: Frame): string {
  const words = windowWords(frame)
  if (words.kind !== 'rows') return 'rows'
  return words.to > 0 ? `rows${words.from}_${words.to}` : `rows${words.from === 'all' ? 'all' : words.from + 1}`
}

function rangeName({ start, end }: RangeFrame): string {
  const short = (bound: Bound): string => {
    if (bound.kind === 'unbounded') return 'all'
    if (bound.kind === 'current') return '0s'
    return intervalPieces(bound.interval)
      .map(({ count, unit }) => `${count}${SHORT[unit]}`)
      .join('')
  }
  return end.kind === 'current' ? `w${short(start)}` : `w${short(start)}_${short(end)}`
}
