/**
 * Where forwarded rows go. Rows are staged beside the job and handed to the target when the checkpoint that covers them is complete;
 * the target takes them together with how far they reach, all or nothing. What lies before that is never taken again, whoever brings
 * it: the same job after a crash, or another version's job that has taken over.
 */
import type { PositionMap } from '../../contract/job-ipc.ts'
import { renumbered } from '../../definition/union-partitions.ts'

/**
 * How far a view has been forwarded: all that was said about events before these positions. A view in event_time order, or with
 * GROUP BY, says it when the watermark comes: then only rows of a time before `beforeMs`. Null: rows wait for nothing.
 */
export interface Reach {
  /** that the view reads, by branch: what the numbers of `positions` stand for */
  readonly streams: readonly string[]
  readonly positions: PositionMap
  readonly beforeMs: number | null
}

/** The view's epoch, raised with each change of authority, then the job's own, raised with each start. Compared in that order. */
export type Fence = readonly [authority: number, start: number]

export interface ForwardTransaction {
  /** as staged-rows.ts writes them, whole rows each, in order */
  readonly chunks: readonly Uint8Array[]
  readonly upTo: Reach
  readonly fence: Fence
}

export interface Appended {
  readonly rows: number
  /** rows that had been forwarded before */
  readonly skipped: number
}

export interface ForwardTarget {
  readonly name: string
  /** Null: nothing was ever forwarded. */
  reached(): Promise<Reach | null>
  /** From now on a lower fence is refused. @throws Fenced where a higher one has been here */
  take(fence: Fence): Promise<void>
  /**
   * Appends those rows that lie beyond what was reached, and moves that on: visible together, durable when it resolves.
   * Where `upTo` is covered nothing changes; it never lies aside (`liesBeyond`). What another version reached, whose union has other
   * branches, is read as this one numbers them (`numberedAs`). @throws Fenced
   */
  append(transaction: ForwardTransaction): Promise<Appended>
  /** Appending may take as long as somebody else pleases: a job that stops does not wait for it. */
  readonly takesTime?: boolean
  /** What keeps it from going on; null: nothing. */
  trouble?(): string | null
  close(): Promise<void>
}

/** Before the time of every event: no watermark has come yet. */
export const NOTHING_YET_MS = Number.MIN_SAFE_INTEGER

export function numberedAs(reached: Reach | null, streams: readonly string[]): Reach | null {
  if (reached === null || JSON.stringify(reached.streams) === JSON.stringify(streams)) return reached
  return { ...reached, streams, positions: renumbered(reached.positions, reached.streams, streams) }
}

/** Whether everything up to `upTo` was said by what reached so far: nothing of it is to be forwarded any more. */
export function isCovered(upTo: Reach, reached: Reach | null): boolean {
  if (reached === null || !isAtLeast(reached, upTo)) return false
  return reached.beforeMs === null || (upTo.beforeMs !== null && reached.beforeMs >= upTo.beforeMs)
}

/** Whether `upTo` may take the place of what was reached: it holds all of it. Rows up to a place that lies aside of it wait for the next. */
export function liesBeyond(upTo: Reach, reached: Reach | null): boolean {
  if (reached === null) return true
  return isAtLeast(upTo, reached) && (upTo.beforeMs === null || reached.beforeMs === null || upTo.beforeMs >= reached.beforeMs)
}

export const isAtLeast = ({ positions }: Reach, least: Reach): boolean =>
  Object.entries(least.positions).every(([partition, position]) => (positions[partition] ?? 0) >= position)

export const isLower = (a: Fence, b: Fence): boolean => a[0] < b[0] || (a[0] === b[0] && a[1] < b[1])
