/** A window in words: its structure for screens that translate, and an English sentence of it. */
import { formatInterval, intervalPieces } from './interval.ts'
import type { Bound, Interval, Window } from './model.ts'

export type WindowWords =
  | { kind: 'last'; length: Interval } // the last 3 hours
  | { kind: 'between'; from: Interval; to: Interval } // from 3 hours ago to 30 minutes ago
  | { kind: 'lifetime' } // all time up to now
  | { kind: 'until'; to: Interval } // all time up to 30 minutes ago
  | { kind: 'instant' } // the same millisecond only

type Frame = Pick<Window, 'start' | 'end'>

export function windowWords({ start, end }: Frame): WindowWords {
  const to = end.kind === 'preceding' ? end.interval : undefined
  if (start.kind === 'unbounded') return to ? { kind: 'until', to } : { kind: 'lifetime' }
  if (start.kind === 'current') return { kind: 'instant' }
  return to ? { kind: 'between', from: start.interval, to } : { kind: 'last', length: start.interval }
}

/** The frame that some words mean: for the form. */
export function frameOf(words: WindowWords): Frame {
  const current: Bound = { kind: 'current' }
  const preceding = (interval: Interval): Bound => ({ kind: 'preceding', interval })
  switch (words.kind) {
    case 'last':
      return { start: preceding(words.length), end: current }
    case 'between':
      return { start: preceding(words.from), end: preceding(words.to) }
    case 'lifetime':
      return { start: { kind: 'unbounded' }, end: current }
    case 'until':
      return { start: { kind: 'unbounded' }, end: preceding(words.to) }
    case 'instant':
      return { start: current, end: current }
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
  }
}

const SHORT = { year: 'y', month: 'mo', day: 'd', hour: 'h', minute: 'm', second: 's', millisecond: 'ms' } as const

/** A name that says the frame: w3h, w1d, w3h_30m (from 3 hours to 30 minutes ago), wall (all time). */
export function frameName({ start, end }: Frame): string {
  const short = (bound: Bound): string => {
    if (bound.kind === 'unbounded') return 'all'
    if (bound.kind === 'current') return '0s'
    return intervalPieces(bound.interval)
      .map(({ count, unit }) => `${count}${SHORT[unit]}`)
      .join('')
  }
  return end.kind === 'current' ? `w${short(start)}` : `w${short(start)}_${short(end)}`
}
