/**
 * Source subtask: records → good events as columns, with watermarks; refused and late ones go to lists that travel with the
 * positions. Everything is judged record by record in offset order, so that batch boundaries change nothing.
 */
import type { DeadLetterReport, OutOfRangeChoice } from '../../contract/job-ipc.ts'
import type { Evaluator } from '../compile/evaluator.ts'
import type { Refusal } from '../compile/extract.ts'
import type { Counters } from '../compile/value.ts'
import type { RecordBatch, Source } from '../source/port.ts'
import type { EventBatch } from '../state/operator.ts'
import { countForRate, type DeadLetterRate, TooManyDeadLetters } from './dead-letter-rate.ts'
import type { EventIntake } from './event-intake.ts'
import { Watermarks, type WatermarkState } from './watermarks.ts'

export interface SourceOptions {
  readonly outOfOrdernessMs: number
  readonly allowedLatenessMs: number
  /** how far event time may be ahead of the log's own time; Infinity: a replay, which has no clock */
  readonly futureSkewMs: number
  readonly idleTimeoutMs: number
  readonly historyEventTimeMs: number | null
  /** the log's events up to it are refused: they were taken from an archive, or by whoever wrote the state; null: none are */
  readonly maxEventTimeMs?: number | null
  readonly deadLetterRateLimit: number
  /** after so long without events a key is forgotten; an event that is later than that is too late in any case */
  readonly ttlMs?: number | null
}

/** Since when the windows hold everything. `whole`: the job has read the stream from its first event. */
export interface Coverage {
  whole: boolean
  fromMs: number | null
}

export interface SourceState {
  readonly positions: Record<string, number>
  readonly watermarks: WatermarkState
  readonly rate: DeadLetterRate
  readonly counts: SourceCounts
  readonly counters: Counters
  readonly coverage: Coverage
  /** refused and late events whose positions are passed by this snapshot but not by the one before */
  readonly deadLetters: readonly DeadLetterReport[]
  readonly late: readonly DeadLetterReport[]
}

export interface SourceCounts {
  read: number
  good: number
  refused: number
  late: number
  /** before historyEventTime, or not let through by WHERE */
  skipped: number
  /** of the log, at or before maxEventTime */
  refusedByMaxEventTime: number
}

const RAW_CHARACTERS = 4096

/** `Batch`: what its intake makes of good events. */
export class SourceSubtask<Batch = EventBatch> {
  readonly watermarks: Watermarks
  readonly counts: SourceCounts = { read: 0, good: 0, refused: 0, late: 0, skipped: 0, refusedByMaxEventTime: 0 }
  coverage: Coverage = { whole: false, fromMs: null }
  deadLetters: DeadLetterReport[] = []
  late: DeadLetterReport[] = []
  private options: SourceOptions
  private readonly source: Source
  readonly evaluator: Evaluator
  private readonly intake: EventIntake<Batch>
  private readonly next = new Map<number, number>()
  /** partitions that are read on elsewhere than the snapshot says */
  readonly moved: { partition: number; from: number; to: number }[] = []
  private rate: DeadLetterRate = { refused: 0, total: 0 }

  constructor(source: Source, evaluator: Evaluator, intake: EventIntake<Batch>, options: SourceOptions) {
    this.source = source
    this.evaluator = evaluator
    this.intake = intake
    this.options = options
    this.watermarks = new Watermarks(options.outOfOrdernessMs)
  }

  /**
   * Starts at the snapshot's positions, else at the oldest retained record of each partition. `outOfRange`: where a partition is
   * read on whose position its log no longer has. @throws PositionOutOfRange where that was not chosen
   */
  open(state: SourceState | null, nowMs: number, outOfRange: OutOfRangeChoice | null = null): void {
    const partitions = this.source.partitions()
    if (state) {
      for (const [partition, position] of Object.entries(state.positions)) this.next.set(Number(partition), position)
      this.watermarks.restore(state.watermarks, nowMs)
      this.rate = { ...state.rate }
      Object.assign(this.counts, state.counts)
      Object.assign(this.evaluator.counters, state.counters)
      this.coverage = { ...state.coverage }
      this.deadLetters = [...state.deadLetters]
      this.late = [...state.late]
    } else {
      const whole = this.options.historyEventTimeMs === null && partitions.every(({ logStart }) => logStart === 0)
      this.coverage = { whole, fromMs: this.options.historyEventTimeMs }
    }
    for (const { partition, logStart, end } of partitions) {
      const position = this.next.get(partition)
      if (position === undefined) this.next.set(partition, logStart)
      else if (outOfRange && (position < logStart || position > end))
        this.move(partition, position, outOfRange === 'oldest' ? logStart : end)
      this.watermarks.add(partition, nowMs)
      if (!state && this.source.first !== undefined && partition !== this.source.first) this.watermarks.rest(partition)
    }
    this.source.open(this.positions())
    this.passOn(nowMs)
  }

  /** The first partition is at its end: it holds nothing back any more, and all others are waited for from now on. */
  private passOn(nowMs: number): void {
    const { first } = this.source
    if (first === undefined || this.watermarks.of(first).ended) return
    const partitions = this.source.partitions()
    if (this.next.get(first)! < partitions.find(({ partition }) => partition === first)!.end) return
    this.watermarks.end(first)
    for (const { partition } of partitions) if (partition !== first) this.watermarks.wake(partition, nowMs)
  }

  /** What lies between is in no window: they are whole again when what comes now has filled them. */
  private move(partition: number, from: number, to: number): void {
    this.next.set(partition, to)
    this.moved.push({ partition, from, to })
    this.coverage = { whole: false, fromMs: null }
  }

  /** Takes effect from the next record on. */
  configure(options: Pick<SourceOptions, 'futureSkewMs' | 'idleTimeoutMs' | 'deadLetterRateLimit' | 'ttlMs'>): void {
    this.options = { ...this.options, ...options }
  }

  positions(): Record<string, number> {
    return Object.fromEntries([...this.next].map(([partition, position]) => [String(partition), position]))
  }

  /** What has come since the last call, at most `maxRecords` records. @throws TooManyDeadLetters */
  poll(maxRecords: number, nowMs: number): Batch[] {
    const batches: Batch[] = []
    this.wakeUnread(nowMs)
    const polled = this.source.poll(maxRecords)
    for (const { partition, count } of polled) if (count > 0) this.watermarks.wake(partition, nowMs)
    for (const records of polled) batches.push(this.take(records, nowMs))
    this.watchIdleness(nowMs)
    this.watermarks.advance()
    return batches
  }

  /** The log's ends as they are now, beside the positions: for lag. */
  ends(): readonly { partition: number; position: number; end: number }[] {
    return this.source.partitions().map(({ partition, end }) => ({ partition, position: this.next.get(partition) ?? 0, end }))
  }

  /** What has come to a silent partition counts before anything that came to others beside it: it is not late only because they are read first. */
  private wakeUnread(nowMs: number): void {
    if (!this.watermarks.anyIdle) return
    for (const { partition, end } of this.source.partitions())
      if ((this.next.get(partition) ?? 0) < end) this.watermarks.wake(partition, nowMs)
  }

  private watchIdleness(nowMs: number): void {
    for (const { partition, end } of this.source.partitions()) {
      if ((this.next.get(partition) ?? 0) >= end) this.watermarks.silent(partition, nowMs, this.options.idleTimeoutMs)
      else this.watermarks.of(partition).activeAtMs = nowMs
    }
  }

  private take(records: RecordBatch, nowMs: number): Batch {
    const { partition, baseOffset, offsetDelta } = records
    const own = this.watermarks.of(partition)
    const othersMs = this.watermarks.othersMs(partition)
    let watermarkMs = this.watermarks.watermarkMs
    let bytes = 0
    this.intake.begin(records)
    for (let i = 0; i < records.count; i++) {
      const offset = baseOffset + offsetDelta[i]!
      const before = watermarkMs
      const goesOn = this.judge(records, i, offset, own)
      watermarkMs = Math.max(watermarkMs, Math.min(othersMs, this.watermarks.ownMs(own)))
      bytes += Math.max(0, records.valueEnd[i]! - records.valueStart[i]!)
      if (goesOn) this.intake.keep(offset, before)
    }
    this.next.set(partition, records.nextOffset)
    this.watermarks.advance()
    if (partition === this.source.first) this.passOn(nowMs)
    return this.intake.finish(bytes)
  }

  /** Reads record i. False if it goes no further: refused, late or not asked for. */
  private judge(records: RecordBatch, i: number, offset: number, own: ReturnType<Watermarks['of']>): boolean {
    this.counts.read++
    const refusal = this.intake.extract(i) ?? this.tooFarAhead(records.timestamp[i]!)
    if (!countForRate(this.rate, refusal !== null, this.options.deadLetterRateLimit)) {
      throw new TooManyDeadLetters(this.rate, this.options.deadLetterRateLimit, refusal?.message ?? '')
    }
    if (refusal) {
      this.counts.refused++
      this.deadLetters.push(this.report(records, i, offset, refusal))
      return false
    }
    const eventTimeMs = this.intake.eventTimeMs()
    const { allowedLatenessMs, ttlMs } = this.options
    const lateBeforeMs = Math.max(this.watermarks.ownMs(own), own.floorMs) - Math.min(allowedLatenessMs, ttlMs ?? allowedLatenessMs)
    if (eventTimeMs > own.maxEventTimeMs) own.maxEventTimeMs = eventTimeMs
    const { historyEventTimeMs, maxEventTimeMs } = this.options
    if (maxEventTimeMs != null && eventTimeMs <= maxEventTimeMs && records.partition !== this.source.first) {
      this.counts.refusedByMaxEventTime++
      return false
    }
    if ((historyEventTimeMs !== null && eventTimeMs < historyEventTimeMs) || !this.intake.passes()) {
      this.counts.skipped++
      return false
    }
    if (eventTimeMs < lateBeforeMs) {
      this.counts.late++
      const byMs = lateBeforeMs - eventTimeMs
      this.late.push(
        this.report(records, i, offset, {
          code: 'late',
          message: `the event is ${byMs} ms older than outOfOrderness and allowedLateness${(ttlMs ?? allowedLatenessMs) < allowedLatenessMs ? ', here ttl,' : ''} allow`,
        }),
      )
      return false
    }
    if (!this.coverage.whole && this.coverage.fromMs === null) this.coverage.fromMs = eventTimeMs
    this.counts.good++
    return true
  }

  private tooFarAhead(takenAtMs: number): Refusal | null {
    const aheadMs = this.intake.eventTimeMs() - takenAtMs
    if (!(aheadMs > this.options.futureSkewMs)) return null
    return {
      code: 'event_time_in_future',
      message: `the event time lies ${aheadMs} ms after the moment at which the log took the event; futureSkew allows ${this.options.futureSkewMs}`,
    }
  }

  private report(records: RecordBatch, i: number, offset: number, why: { code: string; message: string }): DeadLetterReport {
    const [start, end] = [records.valueStart[i]!, records.valueEnd[i]!]
    const bytes = records.data.subarray(start, Math.max(start, Math.min(end, start + RAW_CHARACTERS * 4)))
    const raw = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8').slice(0, RAW_CHARACTERS)
    return { partition: records.partition, offset, code: why.code, message: why.message, raw }
  }

  snapshot(): SourceState {
    return {
      positions: this.positions(),
      watermarks: this.watermarks.snapshot(),
      rate: { ...this.rate },
      counts: { ...this.counts },
      counters: { ...this.evaluator.counters },
      coverage: { ...this.coverage },
      deadLetters: [...this.deadLetters],
      late: [...this.late],
    }
  }

  close(): Promise<void> {
    return this.source.close()
  }
}
