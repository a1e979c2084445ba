/** SOAKING → DONE when its time is over or a person finishes it, or ROLLED_BACK: the old job is kept warm until then. */
import { definitionOf } from '../supervise/desired-jobs.ts'
import { handOver } from './hand-over.ts'
import { addFact, moveOn, pendingAction, type ReleaseRow, type Step, type StepContext, type StepResult } from './release-record.ts'

/** Readers look up who is authoritative at most this late, with room for a slow answer. */
const READERS_HAVE_MOVED_MS = 1000

export const soaking: Step = async (release, context) => {
  const soakedMs = context.now() - release.stateSinceMs
  if (soakedMs >= READERS_HAVE_MOVED_MS && release.job1Id !== null) context.running(release.job1Id)?.resume()
  const action = pendingAction(release)
  if (action?.payload.action === 'rollback') return rollBack(release, context, action.payload.by)
  const { hints } = await definitionOf(context.db, release.viewId, release.toVersion)
  const isOver = soakedMs >= Math.max(READERS_HAVE_MOVED_MS, context.parameters(release.view, hints).soakTime.value)
  if (action?.payload.action !== 'finish' && !isOver) return 'waiting'
  await stop(release.job1Id, context)
  return moveOn(context, release, 'step_done', {
    payload: { job: release.job2Id, version: release.toVersion, by: action?.payload.by ?? 'soakTime' },
  })
}

/** The cutover the other way: the old job must serve at least what the new one has served. */
async function rollBack(release: ReleaseRow, context: StepContext, by: unknown): Promise<StepResult> {
  const { job1Id, job2Id, fromVersion } = release
  if (job1Id === null || job2Id === null || fromVersion === null) throw new Error(`release ${release.id} has nothing to go back to`)
  context.running(job1Id)?.resume()
  const moved = await handOver(release, context, { from: job2Id, to: job1Id, version: fromVersion })
  if (!moved) return 'waiting'
  await addFact(context, release, 'authority_moved', { job: job1Id, from: job2Id, version: fromVersion, ...moved })
  await stop(job2Id, context)
  return moveOn(context, release, 'roll_back', { payload: { job: job1Id, version: fromVersion, by } })
}

async function stop(jobId: number | null, { db, wake }: StepContext): Promise<void> {
  if (jobId !== null) await db.job.update({ where: { id: jobId }, data: { desired: 'STOPPED' } })
  wake()
}
