/** QUEUED → CHECKED: its turn has come (one release of a view at a time) and what is to be released is there. */
import { endedStates } from '../../contract/release-machine.ts'
import { definitionOf } from '../supervise/desired-jobs.ts'
import { addFact, fail, moveOn, type ReleaseRow, type Step, type StepContext } from './release-record.ts'
import { versionChange } from './version-change.ts'

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
    payload: {
      toVersion: release.toVersion,
      replacesJob: kind.job1?.id ?? null,
      ...(kind.because !== null && { readsAgainBecause: kind.because }),
    },
  })
}

/** What was asked for is judged by what runs now, not by what ran when it was asked for. `because`: why the whole stream is read again. */
async function kindNow({ viewId, view, toVersion, request }: ReleaseRow, context: StepContext) {
  const { db } = context
  const authority = await db.authority.findUnique({ where: { viewId } })
  const job1 = authority?.jobId == null ? null : await db.job.findUnique({ where: { id: authority.jobId }, omit: { metrics: true } })
  if (!job1) return { name: 'new_job', job1, because: null } as const
  const change = (because: string) => ({ name: 'change', job1, because }) as const
  if (request.historyEventTimeMs !== undefined) return change('historyEventTime was given')
  if (job1.observed !== 'RUNNING') return change(`job ${job1.id} does not run and cannot give its state`)
  if (job1.version === toVersion) return { name: 'rescale', job1, because: null } as const
  const { refusal } = await versionChange(context, { id: viewId, name: view }, job1.version, toVersion)
  return refusal === null ? ({ name: 'new_features', job1, because: null } as const) : change(refusal)
}
