/**
 * BACKFILLING → STARTING: a job of its own computes the new features from the log, up to exactly the savepoint's positions: their past
 * results go into the history, their state into a savepoint. The new job begins with both savepoints. It goes on from its own checkpoints
 * after a crash, and holds still while the old job's lag is above `backfillThrottle`.
 */
import { isArchivePartition } from '../../contract/archive.ts'
import { told } from '../../contract/release-words.ts'
import type { JobMetrics, PositionMap } from '../../contract/job-ipc.ts'
import { throttleBackfill } from './backfill-throttle.ts'
import { recordLoading } from './loading-progress.ts'
import { findJob, makeJob, whyLost } from './new-job.ts'
import { archiveOfRelease, beginningOf } from './release-archive.ts'
import { addFact, fail, lastFact, moveOn, type ReleaseRow, type Step, type StepContext, type StepResult } from './release-record.ts'
import { takenSavepoint, takeSavepoint } from './take-savepoint.ts'
import { type VersionChange, versionChange } from './version-change.ts'

const PROGRESS_EVERY_MS = 1000

export const backfilling: Step = async (release, context) => {
  const { db } = context
  const begun = lastFact(release, 'savepoint_begun')
  const cut = await db.savepoint.findUnique({ where: { id: Number(begun?.payload.savepointId) } })
  if (cut?.status !== 'COMPLETED') return fail(context, release, told('failed_cut_gone'))
  const change = await versionChange(context, { id: release.viewId, name: release.view }, release.fromVersion!, release.toVersion)
  if (change.built.length === 0) return beginJob2(release, context, cut.id, null)
  // A crash may have come after the backfill's end and before the next state: its job has been stopped then.
  const done = await takenSavepoint(release, context, 'backfill_savepoint_begun')
  if (done) return endBackfill(release, context, cut.id, change, done)
  const positions = cut.positions as PositionMap
  const job1 = await db.job.findUniqueOrThrow({ where: { id: release.job1Id ?? -1 }, select: { startFrom: true } })
  const archive = await archiveOfRelease(release, context, null)
  const id = await makeJob(release, context, 'backfill', {
    ...beginningOf(job1.startFrom),
    ...(archive && { archive }),
    backfill: { features: [...change.built], positions, watermarkMs: cut.watermarkMs },
  })
  const job = (await findJob(release, context, 'backfill'))!
  await recordLoading(release, context, id)
  const metrics = context.running(id)?.metrics
  const lost = whyLost(job) ?? (metrics && disabledFeature(metrics))
  if (lost) return fail(context, release, told('failed_backfill', { job: id, why: lost }))
  if (job.observed !== 'RUNNING' || !metrics) return 'waiting'
  await recordProgress(release, context, id, metrics, positions)
  if (metrics.partitions.some(({ partition, position }) => position < (positions[String(partition)] ?? 0)) || readsArchive(metrics)) {
    await throttleBackfill(release, context, id)
    return 'waiting'
  }
  const taken = await takeSavepoint(release, context, {
    jobId: id,
    version: release.toVersion,
    name: `${release.view}-release-${release.id}-backfill`,
    fact: 'backfill_savepoint_begun',
  })
  if (taken.state === 'waiting') return 'waiting'
  if (taken.state === 'failed') return fail(context, release, told('failed_backfill_savepoint', { job: id, why: taken.why }))
  return endBackfill(release, context, cut.id, change, taken.savepoint)
}

async function endBackfill(
  release: ReleaseRow,
  context: StepContext,
  cutId: number,
  { stateIsThere, built }: VersionChange,
  { id: savepointId, jobId }: { id: number; jobId: number },
): Promise<StepResult> {
  await context.db.job.update({ where: { id: jobId }, data: { desired: 'STOPPED' } })
  return beginJob2(release, context, cutId, stateIsThere ? null : { savepointId, features: [...built] })
}

async function beginJob2(
  release: ReleaseRow,
  context: StepContext,
  savepointId: number,
  backfill: { savepointId: number; features: string[] } | null,
): Promise<StepResult> {
  const job1 = await context.db.job.findUniqueOrThrow({ where: { id: release.job1Id ?? -1 }, select: { startFrom: true } })
  const archive = backfill && (await archiveOfRelease(release, context, null))
  const job = await makeJob(release, context, 'job2', {
    ...beginningOf(job1.startFrom),
    ...(archive && { archive }),
    savepointId,
    adapt: { fromVersion: release.fromVersion!, backfill },
  })
  return moveOn(context, release, 'step_done', { data: { job2Id: job }, payload: { job, savepointId } })
}

/** A feature in TypeScript that fails on the past is not released with half of it. */
function disabledFeature({ code }: JobMetrics): string | null {
  const feature = code?.find(({ disabled }) => disabled !== null)
  if (!feature) return null
  const last = feature.lastError === null ? '' : `; the last time: ${feature.lastError}`
  return `the feature ${feature.name} was disabled: ${feature.disabled}${last}`
}

const readsArchive = ({ partitions }: JobMetrics) =>
  partitions.some(({ partition, position, endOffset }) => isArchivePartition(partition) && position < endOffset)

type Partition = JobMetrics['partitions'][number]

async function recordProgress(
  release: ReleaseRow,
  context: StepContext,
  job: number,
  metrics: JobMetrics,
  positions: PositionMap,
): Promise<void> {
  const before = lastFact(release, 'progress')
  if (before && metrics.atMs - Number(before.payload.atMs) < PROGRESS_EVERY_MS) return
  const end = ({ partition, endOffset }: Partition) => (isArchivePartition(partition) ? endOffset : (positions[String(partition)] ?? 0))
  const positionRead = metrics.partitions.reduce((sum, partition) => sum + Math.min(partition.position, end(partition)), 0)
  const positionEnd = metrics.partitions.reduce((sum, partition) => sum + end(partition), 0)
  const { eventsPerSecond, rowsPerSecond, atMs } = metrics
  await addFact(context, release, 'progress', {
    step: 'BACKFILLING',
    job,
    atMs,
    positionRead,
    positionEnd,
    eventsPerSecond,
    rowsPerSecond,
    secondsLeft: eventsPerSecond > 0 ? (positionEnd - positionRead) / eventsPerSecond : null,
  })
}
