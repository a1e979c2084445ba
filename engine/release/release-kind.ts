/** Which kind of release it is: what was asked for is judged by what runs now, not by what ran when it was asked for. */
import { told } from '../../contract/release-words.ts'
import type { ReleaseKind } from '../../contract/release-machine.ts'
import type { Told } from '../../contract/told.ts'
import { needsNothingUpTo } from '../plan/archive-cut.ts'
import { planView } from '../plan/plan.ts'
import { definitionOf } from '../supervise/desired-jobs.ts'
import { sourceOf } from '../supervise/source-streams.ts'
import { beginningOf } from './release-archive.ts'
import type { ReleaseRow, StepContext } from './release-record.ts'
import { type VersionChange, versionChange } from './version-change.ts'

export type Asked = Pick<ReleaseRow, 'viewId' | 'view' | 'toVersion' | 'request'>

type RunningJob = NonNullable<Awaited<ReturnType<typeof runningJob>>>
export interface KindNow {
  readonly name: ReleaseKind
  /** the job that it replaces */
  readonly job1: RunningJob | null
  /** what the running version's state comes to; null: nothing of it is gone on with, or all */
  readonly change: VersionChange | null
  /** why the whole stream is read again; null: it is not */
  readonly because: Told | null
}

export async function kindNow(
  { viewId, view, toVersion, request }: Asked,
  context: Pick<StepContext, 'db' | 'parameters' | 'running'>,
  archiveCutMs: number | null,
): Promise<KindNow> {
  const job1 = await runningJob(context, viewId)
  if (!job1) return { name: 'new_job', job1, change: null, because: null }
  if (typeof request.savepointId === 'number') return { name: 'change', job1, change: null, because: null }
  const again = (because: Told): KindNow => ({ name: 'change', job1, change: null, because })
  if (request.historyEventTimeMs !== undefined) return again(told('again_history'))
  if (job1.observed !== 'RUNNING') return again(told('again_job', { job: job1.id }))
  if (job1.version === toVersion)
    return request.archive ? again(told('again_archive')) : { name: 'rescale', job1, change: null, because: null }
  const change = await versionChange(context, { id: viewId, name: view }, job1.version, toVersion)
  if (change.refusal !== null) return again(told(change.refusal))
  if (request.archive && !(archiveCutMs !== null && (await goesOnBeside(archiveCutMs, job1, change, { viewId, view }, context))))
    return again(told('again_archive'))
  return { name: 'new_features', job1, change, because: null }
}

/** True: what runs needs nothing of what the archive has, so that only the new features are computed from it. */
async function goesOnBeside(
  cutMs: number,
  job1: RunningJob,
  { stateIsThere }: VersionChange,
  { viewId, view }: { viewId: string; view: string },
  { db, parameters, running }: Pick<StepContext, 'db' | 'parameters' | 'running'>,
): Promise<boolean> {
  const metrics = running(job1.id)?.metrics
  if (stateIsThere || Object.keys(beginningOf(job1.startFrom)).length > 0 || metrics?.watermarkMs == null) return false
  const definition = await definitionOf(db, viewId, job1.version)
  const { allowedLateness, futureSkew } = parameters(view, definition.hints)
  const momentMs = Math.min(metrics.watermarkMs, metrics.maxEventTimeMs ?? metrics.watermarkMs) - allowedLateness.value - futureSkew.value
  return needsNothingUpTo(cutMs, planView(definition, await sourceOf(db, definition)), momentMs)
}

async function runningJob({ db }: Pick<StepContext, 'db'>, viewId: string) {
  const authority = await db.authority.findUnique({ where: { viewId } })
  return authority?.jobId == null ? null : db.job.findUnique({ where: { id: authority.jobId }, omit: { metrics: true } })
}
