/** STARTING → CATCHING_UP: the new job runs. One that fails for good ends the release; the old job is untouched. */
import { abandon, job2Of } from './new-job.ts'
import { moveOn, type Step } from './release-record.ts'

export const starting: Step = async (release, context) => {
  const job = await job2Of(release, context)
  if (job.observed === 'FAILED' || job.desired === 'STOPPED') return abandon(release, context, job)
  if (job.observed !== 'RUNNING') return 'waiting'
  return moveOn(context, release, 'step_done', { payload: { job: job.id } })
}
