/**
 * One position vector at which both jobs write a savepoint: the furthest that either has read, partition by partition, so that neither
 * is past it and no further event is needed to get there. The running job goes on as soon as its barrier is sent; the new one stays
 * until it has been asked. Nothing is held for longer than it takes the other one to answer.
 */
import { isArchivePartition } from '../../contract/archive.ts'
import type { PositionMap } from '../../contract/job-ipc.ts'
import { told } from '../../contract/release-words.ts'
import type { Told } from '../../contract/told.ts'
import { renumbered } from '../../definition/union-partitions.ts'
import { streamsOfJob } from './hand-over.ts'
import type { ReleaseRow, RunningJob, StepContext } from './release-record.ts'

/** A fact `compare_begun`. */
export interface CompareCut {
  readonly attempt: number
  /** as the new job numbers its partitions, and as the running one does, which may read other streams as well */
  readonly positions: PositionMap
  readonly positions1: PositionMap
  /** null: the running job does not run, there is nothing to hold the new one against but the stream */
  readonly savepoint1: number | null
  readonly savepoint2: number
  /** the new job's run at that time: another one does not stay at the positions */
  readonly run: number
}

interface AtTheCut {
  readonly id: number
  readonly process: RunningJob
  readonly stays: boolean
}

/** Null: asked for; else why not now. */
export async function takeCut(release: ReleaseRow, context: StepContext, attempt: number, run: number): Promise<Told | null> {
  const [job1, job2] = jobsOf(release, context)
  if (job2?.observed !== 'RUNNING') return told('compare_between_runs', { job: release.job2Id! })
  if (await isComing(release, context, job1)) return told('compare_between_runs', { job: release.job1Id! })
  const two: AtTheCut = { id: release.job2Id!, process: job2, stays: true }
  const one: AtTheCut | null = job1 && { id: release.job1Id!, process: job1, stays: false }
  try {
    const furthest = await furthestOf(two, one, context)
    if (furthest) {
      const cut = await recordCut(release, context, { attempt, ...furthest, run, one, two })
      if (one && cut.savepoint1 !== null) await ask(context, one, cut.savepoint1, cut.positions1)
      await ask(context, two, cut.savepoint2, cut.positions)
      return null
    }
  } catch (error) {
    letGo(release, context)
    throw error
  }
  letGo(release, context)
  return told('compare_no_answer')
}

export function jobsOf({ job1Id, job2Id }: ReleaseRow, { running }: StepContext): [RunningJob | null, RunningJob | null] {
  return [job1Id === null ? null : running(job1Id), job2Id === null ? null : running(job2Id)]
}

/** Nothing of a comparison keeps them from reading on. */
export function letGo(release: ReleaseRow, context: StepContext): void {
  for (const job of jobsOf(release, context)) job?.resume()
}

/** The running job is between two runs: it is waited for. */
async function isComing({ job1Id }: ReleaseRow, { db }: StepContext, process: RunningJob | null): Promise<boolean> {
  if (process) return process.observed !== 'RUNNING'
  if (job1Id === null) return false
  const job = await db.job.findUnique({ where: { id: job1Id }, select: { desired: true, observed: true } })
  return job?.desired === 'RUNNING' && job.observed !== 'FAILED'
}

/** The new one is held first: what then runs on is what readers are served by. */
async function furthestOf(
  two: AtTheCut,
  one: AtTheCut | null,
  context: StepContext,
): Promise<Pick<CompareCut, 'positions' | 'positions1'> | null> {
  const of2 = await two.process.hold()
  const of1 = of2 && one ? await one.process.hold() : {}
  if (!of1 || !of2) return null
  const streams2 = await streamsOfJob(two.id, context)
  const streams1 = one ? await streamsOfJob(one.id, context) : streams2
  const positions = furthest(of2, renumbered(of1, streams1, streams2), renumbered(of2, streams2, streams2))
  return { positions, positions1: one ? furthest(of1, renumbered(positions, streams2, streams1)) : {} }
}

/** Of the partitions of the first, without an archive: that has been read to its end by whoever has one. */
function furthest(own: PositionMap, ...others: readonly PositionMap[]): PositionMap {
  const ofStreams = Object.entries(own).filter(([partition]) => !isArchivePartition(Number(partition)))
  return Object.fromEntries(
    ofStreams.map(([partition, position]) => [partition, Math.max(position, ...others.map((other) => other[partition] ?? 0))]),
  )
}

/** The savepoints' rows and the fact that names them, or none of them. */
function recordCut(
  release: ReleaseRow,
  { db, now }: StepContext,
  {
    attempt,
    positions,
    positions1,
    run,
    one,
    two,
  }: Omit<CompareCut, 'savepoint1' | 'savepoint2'> & { one: AtTheCut | null; two: AtTheCut },
): Promise<CompareCut> {
  const at = new Date(now())
  return db.$transaction(async (tx) => {
    const savepoint = async (jobId: number, version: number) => {
      const made = await tx.savepoint.create({
        data: {
          jobId,
          viewId: release.viewId,
          version,
          name: `${release.view}-release-${release.id}-compare-${attempt}`,
          status: 'IN_PROGRESS',
          pinned: true,
          pinnedReason: `Release ${release.id} compares its jobs with it, and disposes of it then.`,
          createdAt: at,
          createdBy: 'release',
        },
      })
      return made.id
    }
    const savepoint1 = one && (await savepoint(one.id, release.fromVersion ?? release.toVersion))
    const cut: CompareCut = { attempt, positions, positions1, savepoint1, savepoint2: await savepoint(two.id, release.toVersion), run }
    const payload = { ...cut, job1: one?.id ?? null, job2: two.id }
    await tx.releaseFact.create({ data: { releaseId: release.id, generation: release.generation, at, kind: 'compare_begun', payload } })
    return cut
  })
}

async function ask({ db, savepoint }: StepContext, { id, stays }: AtTheCut, savepointId: number, positions: PositionMap): Promise<void> {
  try {
    await savepoint(id, savepointId, { positions, stays })
  } catch (error) {
    await db.savepoint.update({ where: { id: savepointId }, data: { status: 'FAILED', failureMessage: (error as Error).message } })
  }
}
