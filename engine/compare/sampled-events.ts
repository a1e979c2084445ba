/**
 * The events of some keys, read again from the log up to the positions, and judged by the plain extractor as a job judges them: refused,
 * late, skipped, or good. Of each good one is kept what a second computation needs.
 */
import type { JobArchive } from '../../contract/archive.ts'
import type { JobParameters } from '../../contract/job-ipc.ts'
import { compileEvaluator, type Evaluator } from '../compile/evaluator.ts'
import type { Value } from '../compile/value.ts'
import { oldestNeeded } from '../plan/frame.ts'
import type { Plan } from '../plan/plan.ts'
import { needsByCount } from '../plan/row-need.ts'
import type { Source } from '../source/port.ts'
import { isLifetime } from '../plan/state-change.ts'
import type { RowBatch } from '../state/operator.ts'
import { Ttl } from '../state/ttl.ts'
import { readingStart, startingAt } from './reading-start.ts'
import type { Order } from './savepoint-values.ts'
import { PlainIntake } from '../task/event-intake.ts'
import { SourceSubtask } from '../task/source-task.ts'

export interface SampledEvent {
  readonly partition: number
  readonly offset: number
  readonly timeMs: number
  /** in the order in which events were judged, with the watermark before it */
  readonly order: number
  readonly watermarkMs: number
  /** values of the plan's fields, and of its columns */
  readonly fields: readonly Value[]
  readonly columns: readonly Value[]
}

export interface SampledEvents {
  /** by key, in order of (event time, partition, offset); of a key that was forgotten in between, those since */
  readonly byKey: ReadonlyMap<string, readonly SampledEvent[]>
  readonly eventsRead: number
  /** events before this instant may have gone from the log; −Infinity: it is whole */
  readonly wholeFromMs: number
}

export interface Reread {
  /** the stream as the job has read it, up to the positions, behind its archive where it has one */
  readonly log: Source
  readonly plan: Plan
  readonly parameters: JobParameters
  /** the job takes no events before it; null: from the first */
  readonly historyEventTimeMs: number | null
  readonly archive: JobArchive | null
  /** events wait for the watermark, so that those after `atMs` are in no state yet */
  readonly order: Order
  /** values are asked for at this instant: what no window of it holds is left out */
  readonly atMs: number
  readonly isSampled: (key: string) => boolean
}

const RECORDS_PER_POLL = 5000
const EDGE_RECORDS = 200

export function readSampledEvents(reread: Reread): SampledEvents {
  const { log, plan, parameters, historyEventTimeMs, archive } = reread
  const evaluator = compileEvaluator(plan)
  const intake = new SamplingIntake(evaluator, reread.isSampled)
  const neededFromMs = neededFrom(reread)
  // Late ones are judged by what came before them.
  const slackMs = parameters.outOfOrdernessMs + parameters.allowedLatenessMs + parameters.futureSkewMs
  const start = readingStart(log, evaluator, plan.latest.size > 0 || archive ? Number.NEGATIVE_INFINITY : neededFromMs - slackMs)
  const source = new SourceSubtask(startingAt(log, start), evaluator, intake, {
    ...parameters,
    idleTimeoutMs: Number.POSITIVE_INFINITY,
    deadLetterRateLimit: 1,
    historyEventTimeMs,
    maxEventTimeMs: archive?.maxEventTimeMs ?? null,
  })
  source.open(null, 0)
  const keeper = new Keeper(reread, neededFromMs)
  const isCut = (partition: number, logStart: number) => logStart > 0 && start[String(partition)] === logStart
  const cut = new Set(log.partitions().flatMap(({ partition, logStart }) => (isCut(partition, logStart) ? [partition] : [])))
  let wholeFromMs = Number.NEGATIVE_INFINITY
  for (let before = -1; source.counts.read > before; ) {
    before = source.counts.read
    const batches = source.poll(RECORDS_PER_POLL, 0) as RowBatch[]
    const fields = intake.takeFields()
    for (const [i, rows] of batches.entries()) {
      keeper.take(rows, fields[i]!)
      // Around the edge of what is left, events of about that time may be on either side.
      if (cut.delete(rows.partition))
        for (let r = 0; r < Math.min(EDGE_RECORDS, rows.count); r++)
          wholeFromMs = Math.max(wholeFromMs, rows.eventTimesMs[r]! + parameters.outOfOrdernessMs + 1)
    }
  }
  // What the log no longer has is in the archive, where that reaches so far.
  const isCovered = archive !== null && archive.maxEventTimeMs >= wholeFromMs
  return {
    byKey: keeper.byKey(),
    eventsRead: source.counts.read,
    wholeFromMs: isCovered ? (archive.fromMs ?? Number.NEGATIVE_INFINITY) : wholeFromMs,
  }
}

/** Older events are in no window of the instant; −Infinity: any may be. */
function neededFrom({ plan, atMs }: Reread): number {
  const needsAll =
    plan.group || plan.code.length > 0 || needsByCount(plan) || plan.aggregates.some((aggregate) => isLifetime(plan, aggregate))
  return needsAll ? Number.NEGATIVE_INFINITY : oldestNeeded(plan, atMs)
}

/** The plain intake, which also keeps what the fields of sampled events were. */
class SamplingIntake extends PlainIntake {
  private readonly isSampled: (key: string) => boolean
  private fields: (readonly Value[] | null)[] = []
  private finished: (readonly Value[] | null)[][] = []

  constructor(evaluator: Evaluator, isSampled: (key: string) => boolean) {
    super(evaluator)
    this.isSampled = isSampled
  }

  override keep(offset: number, watermarkMs: number): void {
    super.keep(offset, watermarkMs)
    this.fields.push(this.isSampled(this.batch.keys.at(-1)!) ? [...this.row] : null)
  }

  override finish(bytes: number): RowBatch {
    this.finished.push(this.fields)
    this.fields = []
    return super.finish(bytes)
  }

  /** By batch and row since the last call; null: not of the sample. */
  takeFields(): readonly (readonly (readonly Value[] | null)[])[] {
    const taken = this.finished
    this.finished = []
    return taken
  }
}

class Keeper {
  private readonly reread: Reread
  /** older events are in no window of the instant; of them the newest is kept, for what is said of the key's latest event */
  private readonly neededFromMs: number
  private readonly kept = new Map<string, SampledEvent[]>()
  private readonly older = new Map<string, SampledEvent>()
  private order = 0

  constructor(reread: Reread, neededFromMs: number) {
    this.reread = reread
    this.neededFromMs = neededFromMs
  }

  take(rows: RowBatch, fieldsOf: readonly (readonly Value[] | null)[]): void {
    for (let i = 0; i < rows.count; i++) {
      const order = this.order++
      const fields = fieldsOf[i]!
      if (fields === null) continue
      const key = rows.keys[i]!
      this.keep(key, {
        partition: rows.partition,
        offset: rows.offsets[i]!,
        timeMs: rows.eventTimesMs[i]!,
        order,
        watermarkMs: rows.watermarksMs[i]!,
        fields,
        columns: rows.columns.map((column) => column[i]!),
      })
    }
  }

  private keep(key: string, event: SampledEvent): void {
    const { order, atMs, plan } = this.reread
    if (order === 'event_time' && !plan.group && event.timeMs > atMs) return
    if (event.timeMs >= this.neededFromMs) {
      const events = this.kept.get(key)
      if (events) events.push(event)
      else this.kept.set(key, [event])
      return
    }
    const known = this.older.get(key)
    if (!known || isBefore(known, event)) this.older.set(key, event)
  }

  byKey(): Map<string, SampledEvent[]> {
    const ttl = new Ttl(this.reread.parameters.ttlMs)
    const keys = new Set([...this.kept.keys(), ...this.older.keys()])
    return new Map(
      [...keys].map((key) => {
        const older = this.older.get(key)
        const events = [...(older ? [older] : []), ...(this.kept.get(key) ?? [])].sort((a, b) => (isBefore(a, b) ? -1 : 1))
        const anew = events.findLastIndex((event, i) => i > 0 && ttl.isOver(events[i - 1]!.timeMs, event.timeMs))
        return [key, anew > 0 ? events.slice(anew) : events]
      }),
    )
  }
}

const isBefore = (a: SampledEvent, b: SampledEvent): boolean =>
  a.timeMs - b.timeMs < 0 || (a.timeMs === b.timeMs && (a.partition - b.partition || a.offset - b.offset) < 0)
