/**
 * READY → CUTTING_OVER: at once, or by hand where the release is gated. Where it replaces a job, not before a second person has approved
 * it, if it needs that, and not outside `cutoverHours`; meanwhile it says what it waits for.
 */
import { standsInTheWay } from '../../contract/release-rules.ts'
import { told } from '../../contract/release-words.ts'
import { nextOpenMs, parseHours } from '../../definition/cutover-hours.ts'
import { definitionOf } from '../supervise/desired-jobs.ts'
import { abandon, job2Of, whyLost } from './new-job.ts'
import { addFact, fail, lastFact, moveOn, pendingAction, type ReleaseRow, type Step, type StepContext } from './release-record.ts'
import { hasChanged } from './same-definition.ts'

export const ready: Step = async (release, context) => {
  const job = await job2Of(release, context)
  const lost = whyLost(job)
  if (lost !== null) return abandon(release, context, job, lost)
  const why = release.job1Id === null ? null : standsInTheWay(await permissions(release, context))
  if (why !== null) {
    const said = lastFact(release, 'cutover_waits')?.payload.why as { text?: string } | undefined
    if (said?.text !== why.text) await addFact(context, release, 'cutover_waits', { why })
    return 'waiting'
  }
  const action = pendingAction(release)
  if (release.request.mode === 'gated' && action?.payload.action !== 'cutover') return 'waiting'
  if (await hasChanged(release, context)) return fail(context, release, told('failed_definition', { version: release.toVersion }))
  return moveOn(context, release, 'step_done', { payload: { by: action?.payload.by ?? 'automatic' } })
}

async function permissions(release: ReleaseRow, context: StepContext) {
  const approved = lastFact(release, 'approved')
  const { hints } = await definitionOf(context.db, release.viewId, release.toVersion)
  const nowMs = context.now()
  const opensAtMs = nextOpenMs(parseHours(context.parameters(release.view, hints).cutoverHours.value), nowMs)
  return {
    approval: release.request.approval === true ? { by: approved ? String(approved.payload.by) : null } : null,
    opensAtMs: opensAtMs > nowMs ? opensAtMs : null,
  }
}
