/** Which rows of a key are still needed, where that depends on how many there are. */
import { back, CALENDAR_SLACK_MS, paneStart } from '../plan/frame.ts'
import type { Plan, PlannedWindow, Reach } from '../plan/plan.ts'
import { type RowNeed, rowNeed } from '../plan/row-need.ts'
import type { KeyRows } from './key-rows.ts'

/**
 * Rows of the key before this event time are in no frame of any moment from `momentMs` on. Rows of one millisecond go or stay
 * together, so that what is gone is all that is older than the oldest row that is there.
 */
export function neededFromMs({ windows }: Plan, rows: KeyRows, momentMs: number): number {
  let first = rows.times.length
  for (const window of windows) first = Math.min(first, firstNeeded(window, rowNeed(window), rows, momentMs))
  return rows.times[first] ?? momentMs
}

function firstNeeded(window: PlannedWindow, need: RowNeed, rows: KeyRows, momentMs: number): number {
  const oldest = (reach: Reach) => paneStart(window, back(momentMs, reach) - (reach.months > 0 ? CALENDAR_SLACK_MS : 0))
  let first = rows.lowerBound(oldest(need.all))
  if (need.behindGroup) {
    const newest = rows.lowerBound(momentMs) - 1
    if (newest >= rows.head) first = Math.min(first, rows.lowerBound(rows.times[newest]!))
  }
  first -= need.count
  if (need.count > 0 && need.within !== 'unbounded') first = Math.max(first, rows.lowerBound(oldest(need.within)))
  return Math.max(first, rows.head)
}
