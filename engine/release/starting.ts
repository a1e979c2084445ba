/** STARTING → CATCHING_UP: the new job runs. One that fails for good ends the release; the old job is untouched. */
import { recordLoading } from './loading-progress.ts'
import { abandon, job2Of, whyLost } from './new-job.ts'
import { moveOn, type Step } from './release-record.ts'

export const starting: Step = async (release, context) => {
  const job = await job2Of(release, context)
  const lost = whyLost(job)
  if (lost !== null) return abandon(release, context, job, lost)
  if (job.observed !== 'RUNNING') {
    await recordLoading(release, context, job.id)
    return 'waiting'
  }
  return moveOn(context, release, 'step_done', { payload: { job: job.id } })
}
