/** READY → CUTTING_OVER: at once, or by hand where the release is gated. */
import { abandon, job2Of } from './new-job.ts'
import { moveOn, pendingAction, type Step } from './release-record.ts'

export const ready: Step = async (release, context) => {
  const job = await job2Of(release, context)
  if (job.observed === 'FAILED' || job.desired === 'STOPPED') return abandon(release, context, job)
  const action = pendingAction(release)
  if (release.request.mode === 'gated' && action?.payload.action !== 'cutover') return 'waiting'
  return moveOn(context, release, 'step_done', { payload: { by: action?.payload.by ?? 'automatic' } })
}
