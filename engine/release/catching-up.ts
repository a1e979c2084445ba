/** CATCHING_UP → COMPARING, or READY of a first release: the new job holds its gates for as many samples in a row as are needed. */
import type { JobMetrics } from '../../contract/job-ipc.ts'
import { definitionOf } from '../supervise/desired-jobs.ts'
import { type Gate, measureGates, type Sample, type Thresholds } from './gates.ts'
import { abandon, job2Of, whyLost } from './new-job.ts'
import { addFact, lastFact, moveOn, type ReleaseRow, type Step, type StepContext } from './release-record.ts'

/** jobs report about once a second: a little less, so that no report is missed */
const SLACK_MS = 100
const PROGRESS_EVERY_MS = 1800

/** Kept in memory: a restarted engine counts anew, which only makes it stricter. */
const held = new Map<number, { atMs: number; samples: number; progressAtMs: number }>()

export const catchingUp: Step = async (release, context) => {
  const job = await job2Of(release, context)
  const lost = whyLost(job)
  if (lost !== null) return abandon(release, context, job, lost)
  const metrics = context.running(job.id)?.metrics
  const counted = held.get(release.id) ?? { atMs: 0, samples: 0, progressAtMs: 0 }
  held.set(release.id, counted)
  if (!metrics || job.observed !== 'RUNNING') return 'waiting'
  const { limits, intervalMs } = await thresholds(release, context)
  if (metrics.atMs - counted.atMs < intervalMs - SLACK_MS) return 'waiting'
  const { holds, gates } = measureGates({ job2: metrics, job1: await job1Now(release, context) }, limits, counted.samples)
  counted.atMs = metrics.atMs
  counted.samples = holds ? counted.samples + 1 : 0
  await recordProgress(release, context, metrics, gates, counted)
  if (counted.samples < limits.samples) return 'waiting'
  held.delete(release.id)
  return moveOn(context, release, 'step_done', {
    payload: { job: job.id, lagRecords: metrics.lagRecords, maxEventTimeMs: metrics.maxEventTimeMs },
  })
}

/** A first release disturbs nobody: it is ready at the first sample that holds. */
async function thresholds(release: ReleaseRow, context: StepContext): Promise<{ limits: Thresholds; intervalMs: number }> {
  const { hints } = await definitionOf(context.db, release.viewId, release.toVersion)
  const e = context.parameters(release.view, hints)
  const replaySpeed = e.readClock.value === 'event' ? e.demoSpeed.value : 1
  return {
    limits: {
      lagRecords: e.gateLagRecords.value,
      maxEventTimeDeltaMs: e.gateMaxEventTimeDelta.value * replaySpeed,
      samples: release.job1Id === null ? 1 : e.gateSamples.value,
    },
    intervalMs: e.gateSampleInterval.value,
  }
}

async function job1Now({ job1Id }: ReleaseRow, { db, running }: StepContext): Promise<Sample['job1']> {
  if (job1Id === null) return null
  const process = running(job1Id)
  if (process) return { maxEventTimeMs: process.metrics?.maxEventTimeMs ?? null, runs: true }
  const stored = await db.job.findUnique({ where: { id: job1Id }, select: { metrics: true } })
  return { maxEventTimeMs: (stored?.metrics as JobMetrics | null)?.maxEventTimeMs ?? null, runs: false }
}

async function recordProgress(
  release: ReleaseRow,
  context: StepContext,
  metrics: JobMetrics,
  gates: readonly Gate[],
  counted: { progressAtMs: number },
): Promise<void> {
  const shown = lastFact(release, 'gates')?.payload.gates as Gate[] | undefined
  const isNew = gates.some((gate, i) => shown?.[i]?.state !== gate.state)
  if (metrics.atMs - counted.progressAtMs < PROGRESS_EVERY_MS && !isNew) return
  counted.progressAtMs = metrics.atMs
  await addFact(context, release, 'gates', { gates })
  const positionRead = metrics.partitions.reduce((sum, partition) => sum + partition.position, 0)
  const positionEnd = metrics.partitions.reduce((sum, partition) => sum + partition.endOffset, 0)
  const { eventsPerSecond } = metrics
  await addFact(context, release, 'progress', {
    positionRead,
    positionEnd,
    eventsPerSecond,
    secondsLeft: eventsPerSecond > 0 ? (positionEnd - positionRead) / eventsPerSecond : null,
  })
}
