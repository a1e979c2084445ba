/** JobMetrics from what the pipeline has counted, with rates over the time since the last call. */
import type { CodeFeatureReport, ForwardReport, JobMetrics, SplitDecision } from '../../contract/job-ipc.ts'
import { streamPartition } from '../../definition/union-partitions.ts'
import type { IntermediateTable } from '../plan/tables.ts'
import type { JobPipeline } from '../task/job-pipeline.ts'

const FORWARD_RATE_OVER_MS = 30_000

interface Counted {
  readonly atMs: number
  readonly read: number
  readonly applied: number
  readonly rows: number
  readonly written: number
  readonly busyMs: { readonly source: number; readonly keyed: number; readonly sink: number }
  readonly subtasks: readonly { readonly applied: number; readonly busyMs: number }[]
}

export interface MetricsInput {
  readonly pipeline: JobPipeline
  readonly wallMs: number
  readonly monotonicMs: number
  readonly readClock: 'wall' | 'event'
  readonly heapBytes: number
  readonly catchingUp: boolean
  readonly counters: Record<string, number>
  /** how several keyed subtasks share the work */
  readonly split?: SplitDecision | undefined
  readonly hasCut: boolean
  /** by branch */
  readonly streams: readonly string[]
  readonly plan: { readonly road: 'compiled' | 'plain'; readonly refusal: string | null; readonly tables: readonly IntermediateTable[] }
  readonly forward: Omit<ForwardReport, 'rowsPerSecond'> | null
}

export class MetricsReporter {
  private last: Counted
  /** of the last half minute: rows are forwarded a checkpoint at a time */
  private forwarded: { atMs: number; rows: number }[] = []

  /** Rates count from here: what a snapshot brought along was not done by this run. */
  constructor(pipeline: JobPipeline, startMs: number) {
    this.last = counted(pipeline, startMs)
  }

  take(input: MetricsInput): JobMetrics {
    const { pipeline } = input
    const { source, keyed, counted: ofKeys, sink } = pipeline
    const now = counted(pipeline, input.monotonicMs)
    const { last } = this
    this.last = now
    const elapsedMs = Math.max(1, now.atMs - last.atMs)
    const rate = (of: 'read' | 'applied' | 'rows' | 'written') => (1000 * (now[of] - last[of])) / elapsedMs
    const busy = (of: keyof Counted['busyMs']) => Math.min(1, (now.busyMs[of] - last.busyMs[of]) / elapsedMs)
    const subtasks = keyed.map((subtask, i) => {
      const before = last.subtasks[i]!
      return {
        subtask: subtask.index,
        recordsIn: subtask.recordsIn,
        recordsPerSecond: (1000 * (subtask.recordsIn - before.applied)) / elapsedMs,
        busyShare: Math.min(1, (subtask.busyMs - before.busyMs) / elapsedMs),
        waiting: subtask.unfinished,
        keys: subtask.keys,
        stateBytes: subtask.stateBytes,
        ...(subtask.features && { features: [...subtask.features] }),
      }
    })
    const partitions = partitionsOf(input)
    const stateBytes = sum(keyed.map((subtask) => subtask.stateBytes))
    return {
      atMs: input.wallMs,
      eventsTotal: now.read,
      eventsPerSecond: rate('read'),
      rowsPerSecond: rate('rows'),
      deadLetters: source.counts.refused,
      lateEvents: source.counts.late,
      lagRecords: sum(partitions.map(({ lagRecords }) => lagRecords)),
      maxEventTimeMs: finite(source.watermarks.maxEventTimeMs()),
      watermarkMs: finite(source.watermarks.watermarkMs),
      keys: sum(ofKeys.map((subtask) => subtask.keys)),
      stateBytes,
      heapBytes: input.heapBytes,
      // of the thread that has most to do: with one thread, of all three
      busyShare: Math.min(1, Math.max(busy('source') + busy('keyed') + busy('sink'), ...subtasks.map(({ busyShare }) => busyShare))),
      catchingUp: input.catchingUp,
      partitions,
      operators: [
        {
          operator: 'source',
          recordsIn: now.read,
          recordsOut: source.counts.good,
          recordsPerSecond: rate('read'),
          busyShare: busy('source'),
        },
        { operator: 'keyed', recordsIn: now.applied, recordsOut: now.rows, recordsPerSecond: rate('applied'), busyShare: busy('keyed') },
        {
          operator: 'sink',
          recordsIn: sink.recordsIn,
          recordsOut: now.written,
          recordsPerSecond: rate('written'),
          busyShare: busy('sink'),
        },
      ],
      ...(input.split && { split: input.split }),
      subtasks,
      counters: input.counters,
      ...(input.hasCut && { refusedByMaxEventTime: source.counts.refusedByMaxEventTime }),
      plan: planOf(input.plan, stateBytes),
      ...(input.forward && { forward: { ...input.forward, rowsPerSecond: this.forwardRate(now.atMs, input.forward.forwarded) } }),
      ...codeOf(keyed.flatMap((subtask) => subtask.codeReport())),
    }
  }

  private forwardRate(atMs: number, rows: number): number {
    this.forwarded = [...this.forwarded.filter((one) => atMs - one.atMs <= FORWARD_RATE_OVER_MS), { atMs, rows }]
    const first = this.forwarded[0]!
    return (1000 * (rows - first.rows)) / Math.max(1000, atMs - first.atMs)
  }
}

/** The features in TypeScript, each once: what the subtasks count is added up. */
function codeOf(reports: readonly CodeFeatureReport[]): Pick<JobMetrics, 'code'> {
  const byName = new Map<string, CodeFeatureReport>()
  for (const report of reports) {
    const known = byName.get(report.name)
    if (!known) byName.set(report.name, report)
    else
      byName.set(report.name, {
        ...known,
        calls: known.calls + report.calls,
        throws: known.throws + report.throws,
        disabled: known.disabled ?? report.disabled,
        fresh: known.fresh || report.fresh,
        lastError: known.lastError ?? report.lastError,
        log: [...known.log, ...report.log],
      })
  }
  return byName.size > 0 ? { code: [...byName.values()] } : {}
}

/** All keyed state of a view is in its one table. */
function planOf({ road, refusal, tables }: MetricsInput['plan'], stateBytes: number): JobMetrics['plan'] {
  const columns = ({ columns }: IntermediateTable) => columns.map(({ expr, readers }) => ({ expr, readers: [...readers] }))
  return {
    road,
    refusal,
    tables: tables.map((table) => ({ ...table, columns: columns(table), readers: [...table.readers], bytes: stateBytes })),
  }
}

function counted(pipeline: JobPipeline, atMs: number): Counted {
  const { source, keyed, sink } = pipeline
  return {
    atMs,
    read: source.counts.read,
    applied: pipeline.applied,
    rows: sum(pipeline.counted.map((subtask) => subtask.recordsOut)),
    written: sink.recordsWritten,
    busyMs: { ...pipeline.busyMs },
    subtasks: keyed.map(({ recordsIn, busyMs }) => ({ applied: recordsIn, busyMs })),
  }
}

function partitionsOf({ pipeline, wallMs, readClock, streams }: MetricsInput): JobMetrics['partitions'] {
  const { source } = pipeline
  const clockMs = readClock === 'wall' ? wallMs : source.watermarks.maxEventTimeMs()
  return source.ends().map(({ partition, position, end }) => {
    const own = source.watermarks.of(partition)
    const maxEventTimeMs = finite(own.maxEventTimeMs)
    // By the event clock, the time of what has not been read yet is not known.
    const isKnown = maxEventTimeMs !== null && (readClock === 'wall' || end <= position)
    return {
      partition,
      ...(streams.length > 1 && { of: streamPartition(streams, partition) }),
      position,
      endOffset: end,
      lagRecords: Math.max(0, end - position),
      lagMs: isKnown ? Math.max(0, clockMs - maxEventTimeMs) : null,
      maxEventTimeMs,
      watermarkMs: finite(source.watermarks.ownMs(own)),
      idle: own.idle,
    }
  })
}

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0)
const finite = (value: number): number | null => (Number.isFinite(value) ? value : null)
