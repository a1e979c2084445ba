/** CUTTING_OVER → SOAKING, or DONE where there is no job to go back to. From here there is no abort: the step is tried until it is done. */
import { addFact, lastFact, moveOn, type Step } from './release-record.ts'
import { handOver } from './hand-over.ts'

export const cuttingOver: Step = async (release, context) => {
  const job = release.job2Id ?? -1
  const moved = await handOver(release, context, { from: release.job1Id, to: job, version: release.toVersion })
  if (!moved) return 'waiting'
  if (!lastFact(release, 'authority_moved'))
    await addFact(context, release, 'authority_moved', { job, from: release.job1Id, version: release.toVersion, ...moved })
  context.wake()
  return moveOn(context, release, 'step_done', { payload: { job, from: release.job1Id, version: release.toVersion } })
}
