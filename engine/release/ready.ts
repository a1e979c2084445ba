/** READY → CUTTING_OVER: at once, or by hand where the release is gated. */
import { abandon, job2Of, whyLost } from './new-job.ts'
import { moveOn, pendingAction, type Step } from './release-record.ts'

export const ready: Step = async (release, context) => {
  const job = await job2Of(release, context)
  const lost = whyLost(job)
  if (lost !== null) return abandon(release, context, job, lost)
  const action = pendingAction(release)
  if (release.request.mode === 'gated' && action?.payload.action !== 'cutover') return 'waiting'
  return moveOn(context, release, 'step_done', { payload: { by: action?.payload.by ?? 'automatic' } })
}
