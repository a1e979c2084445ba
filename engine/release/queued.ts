/** QUEUED → CHECKED: its turn has come (one release of a view at a time) and what is to be released is there. */
import { definitionOf } from '../supervise/desired-jobs.ts'
import { addFact, moveTo, type Step } from './release-record.ts'

export const queued: Step = async (release, context) => {
  const { db } = context
  const before = await db.release.findFirst({
    where: { viewId: release.viewId, id: { lt: release.id }, state: { notIn: ['DRAFT', 'DONE', 'ABORTED', 'ROLLED_BACK', 'FAILED'] } },
    orderBy: { id: 'asc' },
  })
  if (before) {
    if (!release.facts.some((fact) => fact.kind === 'waits_for_release' && fact.payload.releaseId === before.id))
      await addFact(context, release, 'waits_for_release', { releaseId: before.id })
    return 'waiting'
  }
  if (release.kind !== 'new_job')
    return moveTo(context, release, 'FAILED', { data: { failure: `This engine cannot do a release of kind ${release.kind} yet.` } })
  if (Number(release.request.parallelism ?? 1) !== 1)
    return moveTo(context, release, 'FAILED', { data: { failure: 'A job runs with parallelism 1 in this version.' } })
  try {
    await definitionOf(db, release.viewId, release.toVersion)
  } catch {
    return moveTo(context, release, 'FAILED', {
      data: { failure: `Version ${release.toVersion} of the view is not there or cannot be read.` },
    })
  }
  const authority = await db.authority.findUnique({ where: { viewId: release.viewId } })
  const job1 = authority?.jobId == null ? null : await db.job.findUnique({ where: { id: authority.jobId } })
  return moveTo(context, release, 'CHECKED', {
    data: job1 ? { job1Id: job1.id, fromVersion: job1.version } : {},
    payload: { toVersion: release.toVersion, replacesJob: job1?.id ?? null },
  })
}
