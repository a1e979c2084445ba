/** QUEUED → CHECKED: its turn has come (one release of a view at a time) and what is to be released is there. */
import { endedStates } from '../../contract/release-machine.ts'
import { definitionOf } from '../supervise/desired-jobs.ts'
import { addFact, fail, moveOn, type ReleaseRow, type Step, type StepContext } from './release-record.ts'

export const queued: Step = async (release, context) => {
  const { db } = context
  const before = await db.release.findFirst({
    where: { viewId: release.viewId, id: { lt: release.id }, state: { notIn: ['DRAFT', ...endedStates] } },
    orderBy: { id: 'asc' },
  })
  if (before) {
    if (!release.facts.some((fact) => fact.kind === 'waits_for_release' && fact.payload.releaseId === before.id))
      await addFact(context, release, 'waits_for_release', { releaseId: before.id })
    return 'waiting'
  }
  try {
    await definitionOf(db, release.viewId, release.toVersion)
  } catch {
    return fail(context, release, `Version ${release.toVersion} of the view is not there or cannot be read.`)
  }
  const kind = await kindNow(release, context)
  return moveOn(context, release, 'step_done', {
    data: { kind: kind.name, ...(kind.job1 && { job1Id: kind.job1.id, fromVersion: kind.job1.version }) },
    payload: { toVersion: release.toVersion, replacesJob: kind.job1?.id ?? null },
  })
}

/** What was asked for is judged by what runs now, not by what ran when it was asked for. */
async function kindNow({ viewId, toVersion, request }: ReleaseRow, { db }: StepContext) {
  const authority = await db.authority.findUnique({ where: { viewId } })
  const job1 = authority?.jobId == null ? null : await db.job.findUnique({ where: { id: authority.jobId }, omit: { metrics: true } })
  const canGoOn = job1?.version === toVersion && job1.observed === 'RUNNING' && request.historyEventTimeMs === undefined
  return { name: !job1 ? 'new_job' : canGoOn ? 'rescale' : 'change', job1 } as const
}
