/**
 * Where a job's next run begins: a wish that was not followed yet (a chosen checkpoint, a savepoint, from the start), else the
 * newest completed checkpoint. A corrupt newest one is not passed over here: the job finds it, stops and says so.
 */
import type { Db } from '../../db/client.ts'
import type { OutOfRangeChoice, ToJob } from '../../contract/job-ipc.ts'
import { onlyFeatures } from '../../definition/restrict.ts'
import { definitionOf, type DesiredJob } from './desired-jobs.ts'

type StartMessage = Extract<ToJob, { type: 'start' }>

export interface RestorePoint {
  readonly kind: 'checkpoint' | 'savepoint'
  readonly path: string
  readonly checkpointId: number | null
  readonly savepointId: number | null
  readonly outOfRange: OutOfRangeChoice | null
  /** the online rows of all restored keys have to be written */
  readonly rewrites?: boolean
  /** the savepoint is of another version, see contract/job-ipc.ts */
  readonly adapt?: NonNullable<StartMessage['restoreFrom']>['adapt']
}

const NO_RUN = 2 ** 31 - 1

/** What was asked for is not there: a person must choose again. */
export class RestorePointMissing extends Error {
  override readonly name = 'RestorePointMissing'
}

export async function restorePointOf(db: Db, job: DesiredJob): Promise<RestorePoint | null> {
  const { startFrom } = job
  const wish = Boolean(startFrom.savepointId || startFrom.checkpointId || startFrom.fresh)
  const newest = await db.checkpoint.findFirst({
    where: {
      jobId: job.id,
      kind: 'checkpoint',
      status: 'COMPLETED',
      discardedAt: null,
      ...(wish && { run: { gte: startFrom.appliedRun ?? NO_RUN } }),
    },
    orderBy: { id: 'desc' },
  })
  const isFollowed = newest && newest.run >= (startFrom.outOfRangeRun ?? NO_RUN)
  const outOfRange = isFollowed ? null : (startFrom.outOfRange ?? null)
  if (newest?.path) return { kind: 'checkpoint', path: newest.path, checkpointId: newest.id, savepointId: null, outOfRange }
  if (startFrom.savepointId) {
    const savepoint = await db.savepoint.findUnique({ where: { id: startFrom.savepointId } })
    if (savepoint?.status !== 'COMPLETED' || !savepoint.path)
      throw new RestorePointMissing(
        `Savepoint ${startFrom.savepointId} cannot be used: it is ${savepoint ? savepoint.status.toLowerCase() : 'not there'}. Choose another savepoint or checkpoint.`,
      )
    const adapt = await adaptOf(db, job)
    return {
      kind: 'savepoint',
      path: savepoint.path,
      checkpointId: null,
      savepointId: savepoint.id,
      outOfRange,
      ...(startFrom.storeIsEmpty === true && { rewrites: true }),
      ...(adapt && { adapt }),
    }
  }
  if (startFrom.checkpointId) {
    const checkpoint = await db.checkpoint.findUnique({ where: { id: startFrom.checkpointId } })
    if (checkpoint?.status !== 'COMPLETED' || !checkpoint.path || checkpoint.discardedAt)
      throw new RestorePointMissing(
        `Checkpoint ${startFrom.checkpointId} cannot be used: it is ${checkpoint ? 'no longer kept' : 'not there'}. Choose another checkpoint or savepoint.`,
      )
    return { kind: 'checkpoint', path: checkpoint.path, checkpointId: checkpoint.id, savepointId: null, outOfRange }
  }
  return null
}

async function adaptOf(db: Db, { viewId, startFrom, definition }: DesiredJob): Promise<RestorePoint['adapt']> {
  if (!startFrom.adapt) return undefined
  const { fromVersion, backfill } = startFrom.adapt
  const built = backfill && (await db.savepoint.findUnique({ where: { id: backfill.savepointId } }))
  if (backfill && (built?.status !== 'COMPLETED' || !built.path))
    throw new RestorePointMissing(`The backfill's savepoint ${backfill.savepointId} cannot be used any more. Release the version again.`)
  return {
    definition: await definitionOf(db, viewId, fromVersion),
    backfill: backfill && { path: built!.path!, definition: onlyFeatures(definition, backfill.features) },
  }
}
