/** What the steps share that make, watch and give up the new job. */
import { told } from '../../contract/release-words.ts'
import { definitionOf, type StartFrom } from '../supervise/desired-jobs.ts'
import { sourceOf } from '../supervise/source-streams.ts'
import { ensureForwardStream } from './forward-stream.ts'
import { addFact, fail, moveOn, type ReleaseRow, type StepContext, type StepResult } from './release-record.ts'

/** A release makes up to two jobs: the one that takes over, and one that computes its new features' past. */
export type JobRole = 'job2' | 'backfill'

export async function findJob(release: ReleaseRow, { db }: StepContext, role: JobRole) {
  const jobs = await db.job.findMany({ where: { releaseId: release.id }, omit: { metrics: true } })
  return jobs.find(({ startFrom }) => (role === 'backfill') === ((startFrom as StartFrom).backfill != null)) ?? null
}

/**
 * The job's row, made once; the supervisor starts whatever the rows say. `prepare` is done before it may start, and is done
 * again where a crash fell in between.
 */
export async function makeJob(
  release: ReleaseRow,
  context: StepContext,
  role: JobRole,
  startFrom: StartFrom,
  prepare: (jobId: number) => Promise<void> = async () => {},
): Promise<number> {
  const { db, wake } = context
  const found = await findJob(release, context, role)
  const forward = found || role === 'backfill' ? null : await forwardOf(release, context)
  const job =
    found ??
    (await db.job.create({
      data: {
        viewId: release.viewId,
        version: release.toVersion,
        releaseId: release.id,
        parallelism: Number(release.request.parallelism ?? 1),
        startFrom: { ...startFrom, ...(forward !== null && { forward }) },
        desired: 'STOPPED',
      },
    }))
  if (job.run === 0 && job.desired === 'STOPPED') {
    await prepare(job.id)
    await db.job.update({ where: { id: job.id }, data: { desired: 'RUNNING' } })
  }
  wake()
  return job.id
}

/** Where the new job's rows go: the stream is there before the job is. */
async function forwardOf({ viewId, view, toVersion }: ReleaseRow, { db, now, parameters }: StepContext): Promise<string | null> {
  const definition = await definitionOf(db, viewId, toVersion)
  const target = parameters(view, definition.hints).forward.value
  if (target === null) return null
  await ensureForwardStream(db, { view, target, definition, stream: await sourceOf(db, definition) }, now)
  return target
}

export async function job2Of(release: ReleaseRow, { db }: StepContext) {
  return db.job.findUniqueOrThrow({ where: { id: release.job2Id ?? -1 }, omit: { metrics: true } })
}

/** Restarted with back-off so many times, a job is not waited for any longer. */
const MOST_RESTARTS = 5

/** Why a release's job will not make it; null: it still may. */
export function whyLost(job: { desired: string; observed: string; observedReason: string | null; restarts: number }): string | null {
  const reason = job.observedReason ?? 'no reason is known'
  if (job.desired === 'STOPPED') return 'it was stopped'
  if (job.observed === 'FAILED') return reason
  return job.restarts >= MOST_RESTARTS ? `it failed ${job.restarts} times, the last time so: ${reason}` : null
}

/** The release ends, the old job was never touched. */
export const abandon = (release: ReleaseRow, context: StepContext, job: { id: number }, why: string): Promise<StepResult> =>
  fail(context, release, told('failed_job', { job: job.id, why }))

export async function abort(release: ReleaseRow, context: StepContext, by: unknown): Promise<StepResult> {
  if (release.job1Id !== null) context.running(release.job1Id)?.resume() // whatever a step held it for
  await addFact(context, release, 'aborted', { by, job: release.job2Id })
  return moveOn(context, release, 'abort', { payload: { by } })
}
