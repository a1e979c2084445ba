/** How much a release reads, how long that takes, and how much memory the new job's state comes to. */
import type { StreamStats } from '../../../contract/engine-api.ts'
import type { JobMetrics } from '../../../contract/job-ipc.ts'
import type { ReleaseCheck } from '../../../contract/release-check.ts'
import { told } from '../../../contract/release-words.ts'
import type { Db } from '../../../db/client.ts'
import { estimateStateBytes, type PlannedState } from '../../plan/state-size.ts'
import type { KindNow } from '../release-kind.ts'
import type { StepContext } from '../release-record.ts'
import { readingRate } from './reading-rate.ts'

/** `isBuilt`: something has to be computed for what was read already. */
export async function readingOf(
  at: {
    kind: KindNow
    isBuilt: boolean
    /** of a release that begins with a savepoint: events after it */
    eventsAfter: number | null
    historyEventTimeMs: number | undefined
    archiveRows: number
    stats: StreamStats
    view: { id: string; streamId: string }
  },
  db: Db,
): Promise<ReleaseCheck['reading']> {
  const goesOn = at.kind.name === 'rescale' || at.kind.name === 'new_features'
  const from = at.eventsAfter !== null ? 'savepoint' : !goesOn ? 'log' : at.isBuilt ? 'backfill' : 'savepoint'
  const started = (at.kind.job1?.startFrom ?? {}) as { historyEventTimeMs?: number | null }
  const historyEventTimeMs = at.historyEventTimeMs ?? (from === 'backfill' ? (started.historyEventTimeMs ?? null) : null)
  const events = at.eventsAfter ?? (from === 'savepoint' ? 0 : at.stats.events) // events before historyEventTime are read and passed over
  const toRead = events + at.archiveRows
  const rate = toRead === 0 ? null : await readingRate(db, at.view)
  return {
    from,
    historyEventTimeMs,
    events,
    eventsPerSecond: rate?.eventsPerSecond ?? null,
    measuredBy: rate?.release ?? null,
    tookMs: toRead === 0 ? 0 : rate && (toRead / rate.eventsPerSecond) * 1000,
  }
}

export async function memoryOf(
  wanted: PlannedState,
  running: PlannedState | null,
  at: { job1: KindNow['job1']; stats: StreamStats; limitBytes: number },
  context: Pick<StepContext, 'db' | 'running'>,
): Promise<ReleaseCheck['memory']> {
  const { stats, limitBytes, job1 } = at
  const metrics = running && job1 ? await metricsOf(job1.id, context) : null
  const held = running && metrics && metrics.keys > 0 ? { ...running, keys: metrics.keys, stateBytes: metrics.stateBytes } : null
  const spanMs = stats.minEventTimeMs === null || stats.maxEventTimeMs === null ? 0 : stats.maxEventTimeMs - stats.minEventTimeMs
  const estimate = estimateStateBytes(wanted, { events: stats.events, spanMs }, held)
  const basis =
    estimate === null
      ? told('memory_unknown')
      : held && job1
        ? told('memory_of_job', { job: job1.id, stateBytes: held.stateBytes, keys: held.keys })
        : told('memory_of_log', { events: stats.events })
  return { estimateBytes: estimate && Math.round(estimate.bytes), limitBytes, isLeast: estimate?.isLeast ?? false, basis }
}

async function metricsOf(
  jobId: number,
  { db, running }: Pick<StepContext, 'db' | 'running'>,
): Promise<Pick<JobMetrics, 'keys' | 'stateBytes'> | null> {
  const live = running(jobId)?.metrics
  if (live) return live
  const stored = await db.job.findUnique({ where: { id: jobId }, select: { metrics: true } })
  return (stored?.metrics ?? null) as JobMetrics | null
}

/** What stands in the logs of several streams; where retention has cut some of them, all of it is there since the last one begins. */
export function togetherOf(stats: readonly StreamStats[]): StreamStats {
  const sum = (of: (one: StreamStats) => number) => stats.reduce((total, one) => total + of(one), 0)
  const known = (of: (one: StreamStats) => number | null) => stats.flatMap((one) => of(one) ?? [])
  const oldest = known(({ minEventTimeMs }) => minEventTimeMs)
  const cut = stats.flatMap(({ partitions, minEventTimeMs }) => (partitions.some(({ start }) => start > 0) ? (minEventTimeMs ?? []) : []))
  const newest = known(({ maxEventTimeMs }) => maxEventTimeMs)
  return {
    partitions: stats.flatMap(({ partitions }) => partitions),
    events: sum(({ events }) => events),
    bytes: sum(({ bytes }) => bytes),
    eventsPerSecond: sum(({ eventsPerSecond }) => eventsPerSecond),
    minEventTimeMs: cut.length > 0 ? Math.max(...cut) : oldest.length > 0 ? Math.min(...oldest) : null,
    maxEventTimeMs: newest.length > 0 ? Math.max(...newest) : null,
  }
}
