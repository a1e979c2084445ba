/**
 * Authority goes from one job to another without a gap and without a step back: the giving job holds still at a position vector P,
 * the taking one must serve everything before P, then one conditional update moves the view's authority (job, epoch, version) and
 * with it readers and writers. Every part can be done again after a crash; until the update nothing has changed for anybody.
 */
import { withoutArchives } from '../../contract/archive.ts'
import type { JobMetrics, PositionMap } from '../../contract/job-ipc.ts'
import { renumbered, streamsOf } from '../../definition/union-partitions.ts'
import { databaseAuthority } from '../fence/authority.ts'
import { definitionOf } from '../supervise/desired-jobs.ts'
import type { ReleaseRow, StepContext } from './release-record.ts'

export interface HandOver {
  readonly from: number | null
  readonly to: number
  readonly version: number
}

/** Where the authority stands afterwards; null: not yet, ask again. The giving job stays held: readers may still be on their way to it. */
export async function handOver(
  release: ReleaseRow,
  context: StepContext,
  { from, to, version }: HandOver,
): Promise<{ epoch: number; positions: PositionMap } | null> {
  const store = databaseAuthority(context.db)
  const authority = await store.read(release.viewId)
  if (authority?.jobId === to) return { epoch: authority.epoch, positions: {} }
  const positions = from === null ? {} : await stillPositions(from, to, context)
  if (positions === null) return null
  if (!(await context.running(to)?.reach(positions))) {
    if (from !== null) context.running(from)?.resume()
    return null
  }
  const epoch = await store.move(release.viewId, authority, { jobId: to, version })
  if (epoch === null) return null // looked at again with what stands there now
  return { epoch, positions }
}

/** By branch of the version that the job runs. */
export async function streamsOfJob(id: number, { db }: StepContext): Promise<string[]> {
  const { viewId, version } = await db.job.findUniqueOrThrow({ where: { id }, select: { viewId: true, version: true } })
  return streamsOf(await definitionOf(db, viewId, version))
}

/**
 * Positions that the giving job will not pass, all applied, as the taking one numbers them. One that does not answer is stopped, and the way back to it given up;
 * what one without a process may have served ends where the log ended after it. Null: not yet.
 */
async function stillPositions(from: number, to: number, context: StepContext): Promise<PositionMap | null> {
  const { db, running, wake } = context
  const held = await running(from)?.hold()
  if (held) return renumbered(withoutArchives(held), await streamsOfJob(from, context), await streamsOfJob(to, context))
  const job = await db.job.findUniqueOrThrow({ where: { id: from }, omit: { metrics: true } })
  if (job.observed === 'STOPPED' || job.observed === 'FAILED') return endsSince(job.stoppedAt, running(to)?.metrics ?? null)
  running(from)?.endIfSilent()
  await db.job.update({ where: { id: from }, data: { desired: 'STOPPED' } })
  wake()
  return null
}

function endsSince(instant: Date | null, seen: JobMetrics | null): PositionMap | null {
  if (!seen || seen.atMs <= (instant?.getTime() ?? 0)) return null
  return Object.fromEntries(seen.partitions.map(({ partition, endOffset }) => [String(partition), endOffset]))
}
