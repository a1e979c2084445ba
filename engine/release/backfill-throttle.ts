/**
 * Live events come before a backfill: while the running job is behind, the backfill holds still. It stops at half of what
 * `backfillThrottle` allows, since what is known of the running job is a second or two old, and goes on at a quarter.
 */
import type { JobMetrics } from '../../contract/job-ipc.ts'
import { definitionOf } from '../supervise/desired-jobs.ts'
import { addFact, lastFact, type ReleaseRow, type StepContext } from './release-record.ts'

/** jobs report about once a second: one that has not for so long more is behind by that */
const REPORTS_WITHIN_MS = 1500

/** How far the running job is behind: what it has yet to read at the rate at which it reads, or how long it has said nothing. */
export function behindMs(live: JobMetrics | null | undefined, nowMs: number): number {
  if (!live) return 0 // it does not run: there is nobody to wait for
  const unreadMs = live.lagRecords > 0 ? (live.lagRecords / Math.max(1, live.eventsPerSecond)) * 1000 : 0
  return Math.max(0, unreadMs, nowMs - live.atMs - REPORTS_WITHIN_MS)
}

export async function throttleBackfill(release: ReleaseRow, context: StepContext, backfillJob: number): Promise<void> {
  const { hints } = await definitionOf(context.db, release.viewId, release.toVersion)
  const limitMs = context.parameters(release.view, hints).backfillThrottle.value
  const behind = behindMs(release.job1Id === null ? null : context.running(release.job1Id)?.metrics, context.now())
  const throttled = lastFact(release, 'backfill_throttled')
  const resumed = lastFact(release, 'backfill_resumed')
  const isHeld = throttled !== undefined && throttled.id > (resumed?.id ?? 0)
  const job = context.running(backfillJob)
  if (behind > (isHeld ? limitMs / 4 : limitMs / 2)) {
    if (!isHeld) await addFact(context, release, 'backfill_throttled', { behindMs: behind, limitMs })
    await job?.hold() // again at each look: a process that was started anew would read
  } else if (isHeld) {
    job?.resume()
    await addFact(context, release, 'backfill_resumed', { heldMs: context.now() - throttled.atMs, behindMs: behind })
  }
}
