/** Group windows in numbers: [start, end), aligned to the epoch. Where they lie does not depend on any event, but for sessions. */
import { DAY_MS } from '../../definition/interval.ts'
import type { GroupWindow, Interval } from '../../definition/model.ts'

/** A window of `sizeMs` begins every `slideMs` (the same for TUMBLE). */
export type FixedGrid = { readonly kind: 'fixed'; readonly slideMs: number; readonly sizeMs: number }
/** One window after another, of whole months from January 1970. */
export type MonthGrid = { readonly kind: 'months'; readonly months: number }
export type WindowGrid = FixedGrid | MonthGrid
/** Events of a key that are less than `gapMs` apart; it ends `gapMs` after the last. */
export type SessionGap = { readonly kind: 'session'; readonly gapMs: number }
export type PlannedGroup = WindowGrid | SessionGap

export function planGroup(group: GroupWindow): PlannedGroup {
  switch (group.kind) {
    case 'session':
      return { kind: 'session', gapMs: lengthMs(group.gap) }
    case 'hop':
      return { kind: 'fixed', slideMs: lengthMs(group.slide), sizeMs: lengthMs(group.size) }
    case 'tumble':
      if (group.size.months > 0) return { kind: 'months', months: group.size.months }
      return { kind: 'fixed', slideMs: lengthMs(group.size), sizeMs: lengthMs(group.size) }
  }
}

const lengthMs = ({ days, ms }: Interval): number => days * DAY_MS + ms

/** How long a row is kept for its windows, months as their longest; of a session so long after its last row. */
export function reachOf(group: PlannedGroup): number {
  if (group.kind === 'session') return group.gapMs
  return group.kind === 'fixed' ? group.sizeMs : group.months * 31 * DAY_MS
}

/** The end of the first window that ends after the instant. */
export function endAfter(grid: WindowGrid, atMs: number): number {
  if (grid.kind === 'fixed') return (Math.floor((atMs - grid.sizeMs) / grid.slideMs) + 1) * grid.slideMs + grid.sizeMs
  const date = new Date(atMs)
  const month = (date.getUTCFullYear() - 1970) * 12 + date.getUTCMonth()
  return startOfMonth((Math.floor(month / grid.months) + 1) * grid.months)
}

/** Start of the window that ends there. */
export function startOf(grid: WindowGrid, endMs: number): number {
  if (grid.kind === 'fixed') return endMs - grid.sizeMs
  const end = new Date(endMs)
  return startOfMonth((end.getUTCFullYear() - 1970) * 12 + end.getUTCMonth() - grid.months)
}

/** `month` counts from January 1970. */
function startOfMonth(month: number): number {
  const start = new Date(0)
  start.setUTCFullYear(1970 + Math.floor(month / 12), ((month % 12) + 12) % 12, 1)
  return start.getTime()
}
