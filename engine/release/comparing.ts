/**
 * COMPARING → READY: both jobs at one position vector, compared in a process of its own. What differs holds the release until a person
 * overrules it with a reason. An attempt that comes to nothing (a job restarted, took too long, or let go of what was needed) is told
 * and made again with another cut, as often as it takes; meanwhile readers are served as before.
 */
import { type Comparison, percentOf } from '../../contract/comparison.ts'
import type { PositionMap } from '../../contract/job-ipc.ts'
import { told } from '../../contract/release-words.ts'
import type { Told } from '../../contract/told.ts'
import { toJobParameters } from '../../definition/parameters.ts'
import type { ComparedJob, CompareTask } from '../compare/compare-task.ts'
import { definitionOf } from '../supervise/desired-jobs.ts'
import { sourceOf, storedStreams } from '../supervise/source-streams.ts'
import type { Gate } from './gates.ts'
import { type CompareCut, jobsOf, letGo, takeCut } from './compare-cut.ts'
import { abandon, findJob, job2Of, whyLost } from './new-job.ts'
import { beginningOf } from './release-archive.ts'
import {
  addFact,
  disposeOfCompared,
  lastFact,
  moveOn,
  pendingAction,
  type ReleaseRow,
  type Step,
  type StepContext,
  type StepResult,
} from './release-record.ts'

/** For both savepoints. A new job that is far behind reads up to the cut in that time, or another one is taken, nearer to where it is then. */
const CUT_WITHIN_MS = 120_000
const FIRST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 60_000

interface Going {
  readonly attempt: number
  outcome: Comparison | Error | null
}
/** Comparisons that this engine has begun, by release. A restarted engine has none: the jobs that it held began anew as well. */
const begun = new Map<number, Going>()

export const comparing: Step = async (release, context) => {
  const job2 = await job2Of(release, context)
  const lost = whyLost(job2)
  if (lost !== null) {
    letGo(release, context)
    return abandon(release, context, job2, lost)
  }
  const action = pendingAction(release)
  if (action?.payload.action === 'overrule') {
    letGo(release, context)
    await addFact(context, release, 'overruled', { by: action.payload.by, reason: action.payload.reason })
    return goOn(release, context)
  }
  const compared = lastFact(release, 'compared')
  if (!compared) return compare(release, context, job2.run)
  letGo(release, context)
  if (compared.payload.outcome !== 'equal') return 'waiting'
  return (await isNearTheHead(release, context, compared.atMs)) ? goOn(release, context) : 'waiting'
}

function goOn(release: ReleaseRow, context: StepContext): Promise<StepResult> {
  begun.delete(release.id)
  const [, job2] = jobsOf(release, context)
  const { lagRecords = null, maxEventTimeMs = null } = job2?.metrics ?? {}
  return moveOn(context, release, 'step_done', { payload: { job: release.job2Id, lagRecords, maxEventTimeMs } })
}

/** It stood still while it was asked: it has to catch up with what came since. */
async function isNearTheHead(release: ReleaseRow, context: StepContext, sinceMs: number): Promise<boolean> {
  const [, job2] = jobsOf(release, context)
  if (!job2?.metrics || job2.metrics.atMs < sinceMs) return false
  const { hints } = await definitionOf(context.db, release.viewId, release.toVersion)
  return job2.metrics.lagRecords <= context.parameters(release.view, hints).gateLagRecords.value
}

async function compare(release: ReleaseRow, context: StepContext, run: number): Promise<StepResult> {
  const last = lastFact(release, 'compare_begun')
  const failed = lastFact(release, 'compare_again')
  if (!last || (failed && failed.id > last.id)) return anotherCut(release, context, run)
  const cut = last.payload as unknown as CompareCut
  const again = (why: Told) => tryAgain(release, context, cut, why)
  if (cut.run !== run) return again(told('compare_restarted', { job: release.job2Id! }))
  const ids = [cut.savepoint1, cut.savepoint2].filter((id) => id !== null)
  const savepoints = await context.db.savepoint.findMany({ where: { id: { in: ids } } })
  const broken = savepoints.find(({ status }) => status !== 'IN_PROGRESS' && status !== 'COMPLETED')
  if (broken) return again(told('compare_no_savepoint', { job: broken.jobId, why: broken.failureMessage ?? 'no reason is known' }))
  if (savepoints.some(({ status }) => status === 'IN_PROGRESS')) {
    const isLate = context.now() - last.atMs > CUT_WITHIN_MS
    return isLate ? again(told('compare_late', { limitMs: CUT_WITHIN_MS })) : 'waiting'
  }
  const going = begun.get(release.id)
  if (going?.attempt !== cut.attempt) {
    await begin(release, context, cut)
    return 'waiting'
  }
  if (going.outcome === null) return 'waiting'
  if (going.outcome instanceof Error) return again(told('compare_nothing', { why: going.outcome.message }))
  await addFact(context, release, 'compared', going.outcome)
  await addFact(context, release, 'gates', { gates: [...gatesBefore(release), gateOf(going.outcome)] })
  return 'moved'
}

/** As they held before. */
const gatesBefore = (release: ReleaseRow): readonly Gate[] => (lastFact(release, 'gates')?.payload.gates as Gate[] | undefined) ?? []

/** The feature that is furthest off, in percent of its keys. */
function gateOf({ features, outcome, tolerancePercent }: Comparison): Gate {
  const percents = features.map((feature) => percentOf(feature.differing + feature.missing + feature.extra, feature))
  const state = outcome === 'equal' ? 'held' : 'failed'
  const measured = percents.length === 0 ? null : Math.max(...percents)
  return { name: 'compare', state, measured, threshold: tolerancePercent, unit: '%', heldSamples: 0, neededSamples: 0 }
}

async function anotherCut(release: ReleaseRow, context: StepContext, run: number): Promise<StepResult> {
  const failed = lastFact(release, 'compare_again')
  const attempt = Number(failed?.payload.attempt ?? 0)
  const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(attempt, 16))
  if (failed && context.now() - failed.atMs < pauseMs) return 'waiting'
  const why = await takeCut(release, context, attempt + 1, run)
  if (why !== null) await addFact(context, release, 'compare_again', { attempt: attempt + 1, why })
  return 'waiting'
}

async function tryAgain(release: ReleaseRow, context: StepContext, { attempt }: CompareCut, why: Told): Promise<StepResult> {
  begun.delete(release.id)
  letGo(release, context)
  await addFact(context, release, 'compare_again', { attempt, why })
  await disposeOfCompared(context.db, release, context.now())
  return 'waiting'
}

async function begin(release: ReleaseRow, context: StepContext, cut: CompareCut): Promise<void> {
  const task = await compareTask(release, context, cut)
  const going: Going = { attempt: cut.attempt, outcome: null }
  begun.set(release.id, going)
  const end = (outcome: Comparison | Error) => {
    going.outcome = outcome
    context.wake()
  }
  const [, job2] = jobsOf(release, context)
  void context
    .compare(task, () => job2?.resume())
    .then(end, (error: unknown) => end(error instanceof Error ? error : new Error(String(error))))
}

async function compareTask(release: ReleaseRow, context: StepContext, cut: CompareCut): Promise<CompareTask> {
  const { db } = context
  const compared = async (savepointId: number, version: number, positions: PositionMap): Promise<ComparedJob> => {
    const { path } = await db.savepoint.findUniqueOrThrow({ where: { id: savepointId } })
    const definition = await definitionOf(db, release.viewId, version)
    const parameters = toJobParameters(context.parameters(release.view, definition.hints))
    return { savepointPath: path ?? '', definition, source: await sourceOf(db, definition), parameters, positions }
  }
  const job2 = await compared(cut.savepoint2, release.toVersion, cut.positions)
  const parameters = context.parameters(release.view, job2.definition.hints)
  const [, process2] = jobsOf(release, context)
  return {
    dataDir: context.dataDir,
    view: release.view,
    streams: (await storedStreams(db, job2.definition)).map(({ name, partitions }) => ({ name, partitions })),
    attempt: cut.attempt,
    job1: cut.savepoint1 === null ? null : await compared(cut.savepoint1, release.fromVersion ?? release.toVersion, cut.positions1),
    job2: { ...job2, socketPath: process2?.socketPath ?? '', ...(await pastOf(release, context)) },
    sampleKeys: parameters.compareSampleKeys.value,
    tolerancePercent: parameters.compareTolerance.value,
  }
}

/** Where a new job begins with the old one's state, the past of what is new is what its backfill has read. */
async function pastOf(release: ReleaseRow, context: StepContext): Promise<Pick<CompareTask['job2'], 'historyEventTimeMs' | 'archive'>> {
  const id = release.kind === 'change' ? release.job2Id : release.job1Id
  const job =
    (release.kind === 'new_features' && (await findJob(release, context, 'backfill'))) ||
    (await context.db.job.findUnique({ where: { id: id ?? -1 }, select: { startFrom: true } }))
  const { historyEventTimeMs = null, archive = null } = beginningOf(job?.startFrom)
  return { historyEventTimeMs, archive }
}
