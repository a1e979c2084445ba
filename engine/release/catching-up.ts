/** CATCHING_UP → READY: the new job holds its gates for as many samples in a row as are needed, measured once a second. */
import { abandon, job2Of } from './new-job.ts'
import { addFact, lastFact, moveTo, type ReleaseRow, type Step, type StepContext } from './release-record.ts'

export const GATE_LAG_RECORDS = 1000
/** a little less than the pace at which jobs report */
const SAMPLE_EVERY_MS = 900
const SAMPLES_WHEN_REPLACING = 3

type Gate = {
  name: string
  state: 'waiting' | 'measuring' | 'held'
  measured: number | null
  threshold: number
  unit: string
  heldSamples: number
  neededSamples: number
}

/** Kept in memory: a restarted engine counts anew, which only makes it stricter. */
const held = new Map<number, { atMs: number; samples: number; progressAtMs: number }>()

export const catchingUp: Step = async (release, context) => {
  const job = await job2Of(release, context)
  if (job.observed === 'FAILED' || job.desired === 'STOPPED') return abandon(release, context, job)
  const metrics = context.metricsOf(job.id)
  const sample = held.get(release.id) ?? { atMs: 0, samples: 0, progressAtMs: 0 }
  held.set(release.id, sample)
  if (!metrics || job.observed !== 'RUNNING' || metrics.atMs - sample.atMs < SAMPLE_EVERY_MS) return 'waiting'
  const needed = release.job1Id === null ? 1 : SAMPLES_WHEN_REPLACING
  const ok = metrics.lagRecords <= GATE_LAG_RECORDS && !metrics.catchingUp
  sample.atMs = metrics.atMs
  sample.samples = ok ? sample.samples + 1 : 0
  const gate: Gate = {
    name: 'lag',
    state: sample.samples >= needed ? 'held' : ok ? 'measuring' : 'waiting',
    measured: metrics.lagRecords,
    threshold: GATE_LAG_RECORDS,
    unit: 'records',
    heldSamples: Math.min(sample.samples, needed),
    neededSamples: needed,
  }
  await recordProgress(release, context, metrics, gate, sample)
  if (sample.samples < needed) return 'waiting'
  held.delete(release.id)
  return moveTo(context, release, 'READY', {
    payload: { job: job.id, lagRecords: metrics.lagRecords, maxEventTimeMs: metrics.maxEventTimeMs },
  })
}

async function recordProgress(
  release: ReleaseRow,
  context: StepContext,
  metrics: NonNullable<ReturnType<StepContext['metricsOf']>>,
  gate: Gate,
  sample: { progressAtMs: number },
): Promise<void> {
  const shown = lastFact(release, 'gates')?.payload.gates as Gate[] | undefined
  if (metrics.atMs - sample.progressAtMs < 2 * SAMPLE_EVERY_MS && shown?.[0]?.state === gate.state) return
  sample.progressAtMs = metrics.atMs
  await addFact(context, release, 'gates', { gates: [gate] })
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
