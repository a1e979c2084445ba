/**
 * Values change without events, when a row leaves a frame (or enters one that ends before the current moment). The key's current
 * row stands for the moment `settledMs`; its version's step is how far that lies behind the newest event, so that it depends on
 * what is known and not on how often somebody looked.
 */
import { DAY_MS } from '../../definition/interval.ts'
import { frameRanges } from '../compile/frame-rows.ts'
import { back, CALENDAR_SLACK_MS, nextCrossing, paneEnd, paneStart } from '../plan/frame.ts'
import type { Plan, PlannedWindow, Reach } from '../plan/plan.ts'
import type { KeyRows } from './key-rows.ts'
import type { Ttl } from './ttl.ts'

/**
 * First moment after `atMs` at which a frame of the key may hold other rows than at `atMs`, or at which the key is forgotten;
 * null: never, without an event.
 */
export function nextChangeMs(plan: Plan, rows: KeyRows, atMs: number, ttl: Ttl): number | null {
  if (ttl.isOver(rows.asOfMs, atMs)) return null
  let next = ttl.endMs(rows.asOfMs)
  for (const window of plan.windows) {
    if (window.start !== 'unbounded') next = Math.min(next, crossing(rows, window, window.start, atMs, true))
    if (window.end.ms > 0 || window.end.months > 0) next = Math.min(next, crossing(rows, window, window.end, atMs, false))
  }
  return Number.isFinite(next) ? next : null
}

/** Of a window with panes, rows leave and enter by whole panes: the last millisecond of the pane leaves, the first enters. */
function crossing(rows: KeyRows, window: PlannedWindow, reach: Reach, atMs: number, leaving: boolean): number {
  const bound = back(atMs, reach)
  const index = leaving ? firstInside(rows, window, bound, atMs) : rows.upperBound(paneEnd(window, bound))
  const instant = (timeMs: number) => (leaving ? paneEnd(window, timeMs) : paneStart(window, timeMs))
  const next = index < rows.times.length ? nextCrossing(reach, atMs, instant(rows.times[index]!), leaving) : Number.POSITIVE_INFINITY
  if (reach.months === 0 || rows.lowerBound(bound - CALENDAR_SLACK_MS) >= rows.times.length) return next
  // A calendar bound may step back over a month's end, and rows come in again: it is looked at anew each midnight.
  return Math.min(next, (Math.floor(atMs / DAY_MS) + 1) * DAY_MS)
}

/** The row that leaves first. Beyond a row cap none does: such rows may be gone already. */
function firstInside(rows: KeyRows, window: PlannedWindow, bound: number, atMs: number): number {
  const [range] = window.maxRows === null ? [] : frameRanges(window, rows, atMs, rows.upperBound(atMs) - 1)
  return range ? range[0] : rows.lowerBound(paneStart(window, bound))
}

/** Moves the key's settled moment to the last change at or before `nowMs`. True where it moved. */
export function settleUpTo(plan: Plan, rows: KeyRows, nowMs: number, ttl: Ttl): boolean {
  let moved = false
  for (
    let next = nextChangeMs(plan, rows, rows.settledMs, ttl);
    next !== null && next <= nowMs;
    next = nextChangeMs(plan, rows, rows.settledMs, ttl)
  ) {
    rows.settledMs = next
    moved = true
  }
  if (moved) rows.validUntilMs = nextChangeMs(plan, rows, rows.settledMs, ttl)
  return moved
}
