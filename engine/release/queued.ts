/** QUEUED → CHECKED: its turn has come (one release of a view at a time) and what is to be released is there. */
import { endedStates } from '../../contract/release-machine.ts'
import { told } from '../../contract/release-words.ts'
import { definitionOf } from '../supervise/desired-jobs.ts'
import { type AskedRelease, checkRelease } from './check/check-release.ts'
import { kindNow } from './release-kind.ts'
import { addFact, fail, moveOn, type ReleaseRow, type Step } from './release-record.ts'

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
    return fail(context, release, told('failed_version', { version: release.toVersion }))
  }
  const [stop] = (await checkRelease(askedAgain(release), context)).refusals
  if (stop) return fail(context, release, stop.why, stop.way)
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

/** The check of the request, now that its turn has come. */
function askedAgain({ id, view, toVersion, request }: ReleaseRow): AskedRelease {
  const { historyEventTimeMs } = request
  return { view, version: toVersion, releaseId: id, ...(typeof historyEventTimeMs === 'number' && { historyEventTimeMs }) }
}
