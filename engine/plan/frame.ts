/** Frames as instants: where a window of a given moment starts and ends, and when its content next changes by time alone. */
import { DAY_MS, shiftMs } from '../../definition/interval.ts'
import type { Plan, PlannedWindow, Reach } from './plan.ts'
import { rowNeed } from './row-need.ts'

export function back(atMs: number, reach: Reach): number {
  return reach.months === 0 ? atMs - reach.ms : shiftMs(atMs, { months: reach.months, days: 0, ms: reach.ms }, -1)
}

/** Panes are aligned to the epoch. An exact window has none: every millisecond is its own. */
export function paneStart({ precisionMs }: PlannedWindow, atMs: number): number {
  return precisionMs === null ? atMs : Math.floor(atMs / precisionMs) * precisionMs
}

/** Last millisecond of the pane. */
export function paneEnd(window: PlannedWindow, atMs: number): number {
  return window.precisionMs === null ? atMs : paneStart(window, atMs) + window.precisionMs - 1
}

/** First instant of the frame of the moment `atMs`, −Infinity where it has none. Both ends belong to it. */
export function frameStart(window: PlannedWindow, atMs: number): number {
  return window.start === 'unbounded' ? Number.NEGATIVE_INFINITY : paneStart(window, back(atMs, window.start))
}

/** With panes it may lie after `atMs`: rows behind it are known only where an event is late. */
export function frameEnd(window: PlannedWindow, atMs: number): number {
  return paneEnd(window, back(atMs, window.end))
}

/**
 * Calendar months are clamped to the end of the month, so the far end of such a frame can step back by up to three days.
 * Rows are kept that much longer.
 */
export const CALENDAR_SLACK_MS = 4 * DAY_MS

/** Rows older than this are in no frame of any moment at or after `momentMs`, but those that windows count (`row-need.ts`). */
export function oldestNeeded(plan: Plan, momentMs: number): number {
  let oldest = momentMs
  for (const window of plan.windows) {
    const reach = rowNeed(window).all
    oldest = Math.min(oldest, paneStart(window, back(momentMs, reach) - (reach.months > 0 ? CALENDAR_SLACK_MS : 0)))
  }
  return oldest
}

/** The earliest moment of which all frames are still whole when rows before `droppedBeforeMs` are gone. */
export function earliestWhole(plan: Plan, droppedBeforeMs: number): number {
  let low = droppedBeforeMs
  let high = droppedBeforeMs
  for (const window of plan.windows) {
    const reach = rowNeed(window).all
    const slack = (reach.months > 0 ? CALENDAR_SLACK_MS : 0) + (window.precisionMs ?? 0)
    high = Math.max(high, droppedBeforeMs + reach.ms + reach.months * 31 * DAY_MS + slack)
  }
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if (oldestNeeded(plan, middle) >= droppedBeforeMs) high = middle
    else low = middle + 1
  }
  return low
}

/**
 * The first moment after `atMs` at which a row of `instantMs` stands on another side of the bound `reach` than at `atMs`:
 * it enters (for a near end) or leaves (for a far end) the frame. Within a day (UTC) a calendar bound moves as the clock does.
 */
export function nextCrossing(reach: Reach, atMs: number, instantMs: number, leaving: boolean): number {
  return instantMs + (atMs - back(atMs, reach)) + (leaving ? 1 : 0)
}
