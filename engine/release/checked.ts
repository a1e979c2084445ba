/** CHECKED → STARTING, or SAVEPOINTING where the new job begins with the old one's state. */
import { told } from '../../contract/release-words.ts'
import { makeJob } from './new-job.ts'
import { archiveOfRelease } from './release-archive.ts'
import { fail, moveOn, type Step } from './release-record.ts'
import { hasChanged } from './same-definition.ts'

export const checked: Step = async (release, context) => {
  if (await hasChanged(release, context)) return fail(context, release, told('failed_definition', { version: release.toVersion }))
  if (release.kind === 'rescale' || release.kind === 'new_features')
    return moveOn(context, release, 'step_done', { payload: { job: release.job1Id } })
  const historyEventTimeMs = instantOf(release.request.historyEventTimeMs ?? release.request.historyEventTime)
  const archive = await archiveOfRelease(release, context, historyEventTimeMs)
  const { savepointId } = release.request
  const job = await makeJob(release, context, 'job2', {
    ...(typeof savepointId === 'number' && { savepointId, storeIsEmpty: true }),
    ...(historyEventTimeMs !== null && { historyEventTimeMs }),
    ...(archive && { archive }),
  })
  return moveOn(context, release, 'step_done', {
    data: { job2Id: job },
    payload: { job, historyEventTimeMs, ...(typeof savepointId === 'number' && { savepointId }) },
  })
}

function instantOf(value: unknown): number | null {
  if (typeof value === 'number') return value
  return typeof value === 'string' ? new Date(value).getTime() : null
}
