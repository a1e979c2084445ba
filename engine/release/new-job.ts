/** What the steps between STARTING and the cutover share. */
import { addFact, moveTo, type ReleaseRow, type StepContext, type StepResult } from './release-record.ts'

export async function job2Of(release: ReleaseRow, { db }: StepContext) {
  return db.job.findUniqueOrThrow({ where: { id: release.job2Id ?? -1 }, omit: { metrics: true } })
}

/** The new job will not make it: the release ends, the old job was never touched. */
export function abandon(
  release: ReleaseRow,
  context: StepContext,
  job: { id: number; desired: string; observedReason: string | null },
): Promise<StepResult> {
  const why = job.desired === 'STOPPED' ? 'it was stopped' : (job.observedReason ?? 'no reason is known')
  return moveTo(context, release, 'FAILED', { data: { failure: `Job ${job.id} did not catch up: ${why}` } })
}

export async function abort(release: ReleaseRow, context: StepContext, by: unknown): Promise<StepResult> {
  if (release.job2Id !== null) await context.db.job.updateMany({ where: { id: release.job2Id }, data: { desired: 'STOPPED' } })
  await addFact(context, release, 'aborted', { by, job: release.job2Id })
  context.wake()
  return moveTo(context, release, 'ABORTED', { payload: { by } })
}
