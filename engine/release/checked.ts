/** CHECKED → STARTING: the job's row is made, once; the supervisor starts whatever the rows say. */
import { moveTo, type Step } from './release-record.ts'

export const checked: Step = async (release, context) => {
  const { db } = context
  const made = await db.job.findFirst({ where: { releaseId: release.id } })
  const historyEventTimeMs = instantOf(release.request.historyEventTimeMs ?? release.request.historyEventTime)
  const job =
    made ??
    (await db.job.create({
      data: {
        viewId: release.viewId,
        version: release.toVersion,
        releaseId: release.id,
        parallelism: 1,
        startFrom: historyEventTimeMs === null ? {} : { historyEventTimeMs },
        desired: 'RUNNING',
      },
    }))
  context.wake()
  return moveTo(context, release, 'STARTING', { data: { job2Id: job.id }, payload: { job: job.id, historyEventTimeMs } })
}

function instantOf(value: unknown): number | null {
  if (typeof value === 'number') return value
  return typeof value === 'string' ? new Date(value).getTime() : null
}
