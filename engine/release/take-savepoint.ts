/** A savepoint that a release needs: asked for, waited for, and asked for again a few times where it fails. */
import type { Db } from '../../db/client.ts'
import { addFact, lastFact, type ReleaseRow, type StepContext } from './release-record.ts'

const ATTEMPTS = 3

export interface WantedSavepoint {
  readonly jobId: number
  readonly version: number
  readonly name: string
  /** kind of the fact that says which row it is */
  readonly fact: 'savepoint_begun' | 'backfill_savepoint_begun'
}

type Savepoint = NonNullable<Awaited<ReturnType<Db['savepoint']['findUnique']>>>
export type TakenSavepoint = { state: 'waiting' } | { state: 'failed'; why: string } | { state: 'done'; savepoint: Savepoint }

/** The newest one that this fact names. */
async function savepointOf(release: ReleaseRow, { db }: StepContext, fact: WantedSavepoint['fact']): Promise<Savepoint | null> {
  const newest = lastFact(release, fact)
  return newest ? db.savepoint.findUnique({ where: { id: Number(newest.payload.savepointId) } }) : null
}

/** What the job has already been asked for and done; it need not run any more. */
export async function takenSavepoint(release: ReleaseRow, context: StepContext, fact: WantedSavepoint['fact']): Promise<Savepoint | null> {
  const savepoint = await savepointOf(release, context, fact)
  return savepoint?.status === 'COMPLETED' ? savepoint : null
}

/** Pinned until the release has ended (see moveOn). */
export async function takeSavepoint(release: ReleaseRow, context: StepContext, wanted: WantedSavepoint): Promise<TakenSavepoint> {
  const asked = release.facts.filter(({ kind }) => kind === wanted.fact)
  const savepoint = await savepointOf(release, context, wanted.fact)
  if (savepoint?.status === 'COMPLETED') return { state: 'done', savepoint }
  if (savepoint?.status === 'IN_PROGRESS') return { state: 'waiting' }
  if (asked.length >= ATTEMPTS) return { state: 'failed', why: savepoint?.failureMessage ?? 'no reason is known' }
  if (context.running(wanted.jobId)?.observed !== 'RUNNING') {
    const job = await context.db.job.findUnique({ where: { id: wanted.jobId }, select: { desired: true, observed: true } })
    const isComing = job?.desired === 'RUNNING' && job.observed !== 'FAILED'
    return isComing ? { state: 'waiting' } : { state: 'failed', why: 'the job does not run' }
  }
  await ask(release, context, wanted)
  return { state: 'waiting' }
}

async function ask(release: ReleaseRow, context: StepContext, { jobId, version, name, fact }: WantedSavepoint): Promise<void> {
  const { db } = context
  const savepoint = await db.savepoint.create({
    data: {
      jobId,
      viewId: release.viewId,
      version,
      name,
      status: 'IN_PROGRESS',
      pinned: true,
      pinnedReason: `Release ${release.id} begins here.`,
      createdAt: new Date(context.now()),
      createdBy: 'release',
    },
  })
  await addFact(context, release, fact, { savepointId: savepoint.id, job: jobId })
  try {
    await context.savepoint(jobId, savepoint.id)
  } catch (error) {
    await db.savepoint.update({
      where: { id: savepoint.id },
      data: { status: 'FAILED', pinned: false, failureMessage: (error as Error).message },
    })
  }
}
