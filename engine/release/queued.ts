/** QUEUED → CHECKED: its turn has come (one release of a view at a time) and what is to be released is there. */
import { ReleaseCheckRequest } from '../../contract/engine-api.ts'
import { endedStates } from '../../contract/release-machine.ts'
import { told } from '../../contract/release-words.ts'
import { definitionOf } from '../supervise/desired-jobs.ts'
import { type AskedRelease, checkRelease } from './check/check-release.ts'
import { kindNow } from './release-kind.ts'
import { addFact, fail, lastFact, moveOn, type ReleaseRow, type Step, type StepContext } from './release-record.ts'
import { storedHash } from './same-definition.ts'

/** How long a running job that starts again is waited for before the release goes on without its state. */
const STARTS_AGAIN_WITHIN_MS = 60_000

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
  const check = await checkRelease(askedAgain(release), context)
  const [stop] = check.refusals
  if (stop) return fail(context, release, stop.why, stop.way)
  const kind = await kindNow(release, context, check.archive?.cutAtMs ?? null)
  if (kind.because?.code === 'again_job' && (await startsAgain(kind.job1!, release, context))) return 'waiting'
  return moveOn(context, release, 'step_done', {
    data: { kind: kind.name, ...(kind.job1 && { job1Id: kind.job1.id, fromVersion: kind.job1.version }) },
    payload: {
      toVersion: release.toVersion,
      definitionHash: await storedHash(release, context),
      replacesJob: kind.job1?.id ?? null,
      ...(check.archive && { archive: check.archive }),
      ...(kind.because !== null && { readsAgainBecause: kind.because }),
    },
  })
}

/** The check of the request, now that its turn has come. */
function askedAgain({ id, view, toVersion, request }: ReleaseRow): AskedRelease {
  const { historyEventTimeMs, savepointId, allowDroppedState } = request
  const { archive } = ReleaseCheckRequest.pick({ archive: true }).parse({ archive: request.archive })
  return {
    view,
    version: toVersion,
    releaseId: id,
    ...(typeof historyEventTimeMs === 'number' && { historyEventTimeMs }),
    ...(archive && { archive }),
    ...(typeof savepointId === 'number' && { savepointId }),
    ...(allowDroppedState === true && { allowDroppedState }),
  }
}

/** After a crash of the engine or of the job: it will be there in a moment, and its state is worth waiting for. */
async function startsAgain(
  job: { id: number; desired: string; observed: string },
  release: ReleaseRow,
  context: StepContext,
): Promise<boolean> {
  if (job.desired !== 'RUNNING' || job.observed === 'FAILED') return false
  const begun = lastFact(release, 'waits_for_job')
  if (!begun) await addFact(context, release, 'waits_for_job', { job: job.id })
  return !begun || context.now() - begun.atMs < STARTS_AGAIN_WITHIN_MS
}
