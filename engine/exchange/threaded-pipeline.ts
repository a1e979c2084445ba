/**
 * The pipeline of a job whose keyed subtasks have threads of their own. This thread reads the log, gives record batches to the threads
 * in turn to be extracted, judges what comes back in the order of the log, and sends each judged batch to those subtasks that own some
 * of its rows; barriers and watermarks stand in that one line, so a subtask has one input and nothing to align. Where the features of
 * the same keys are split over several subtasks, their results are joined row by row. Results of all of them meet in the sink subtask,
 * which aligns their barriers.
 */
import type { SubtaskSnapshot } from '../checkpoint/coordinator.ts'
import type { Evaluator } from '../compile/evaluator.ts'
import type { Source } from '../source/port.ts'
import { subtasksOfGroups } from '../state/hash.ts'
import type { RestoreTarget, RowBatch } from '../state/operator.ts'
import type { Barrier } from '../task/channel.ts'
import { partOf } from '../task/event-intake.ts'
import type { ChangingParameters, JobPipeline } from '../task/job-pipeline.ts'
import type { KeyAnswer, Question } from '../task/key-question.ts'
import { sinkFiles, SOURCE_FILE } from '../task/pipeline.ts'
import { type Sinks, SinkSubtask } from '../task/sink-task.ts'
import { type SourceOptions, type SourceState, SourceSubtask } from '../task/source-task.ts'
import { askOwners } from './ask-owners.ts'
import { ExtractedSource } from './extracted-source.ts'
import { JoinedResults, RowJoin } from './joined-results.ts'
import { type JudgedBatch, JudgingIntake } from './judging-intake.ts'
import { type Layout, partIndexOf, subtaskCount } from './layout.ts'
import { MemoryPool } from './memory-pool.ts'
import type { FromSubtask, Told } from './messages.ts'
import { RemoteSubtask, type SubtaskPort } from './remote-subtask.ts'
import type { SharedRecords } from './shared-records.ts'
import { bytesFor } from './shared-rows.ts'
import { Sweeps } from './sweeps.ts'

export interface ThreadedOptions {
  readonly source: Source
  readonly sourceOptions: SourceOptions
  readonly sourceEvaluator: Evaluator
  readonly layout: Layout
  readonly sinks: Sinks
  /** monotonic, for durations */
  readonly nowMs: () => number
  readonly acknowledge: (barrier: Barrier, snapshot: SubtaskSnapshot) => void
  /** Starts the thread of a keyed subtask. `lost`: it ended without being asked to. */
  readonly connect: (index: number, receive: (message: FromSubtask) => void, lost: (error: Error) => void) => SubtaskPort
  /** something came: there may be work */
  readonly wake: () => void
}

/** What a subtask has been given and not done, at most; and batches on their way to be extracted, for each subtask. */
const UNFINISHED_ELEMENTS = 16
const BATCHES_AHEAD = 3
const SPARE_MEMORY = 64

export class ThreadedPipeline implements JobPipeline {
  readonly source: SourceSubtask<JudgedBatch>
  readonly keyed: readonly RemoteSubtask[]
  readonly sink: SinkSubtask
  private readonly options: ThreadedOptions
  private readonly extracted: ExtractedSource
  private readonly pool = new MemoryPool(SPARE_MEMORY)
  private readonly rangeOfGroup: Uint8Array
  /** by range of keys: those who own it, each with its part of the features */
  private readonly owners: readonly (readonly RemoteSubtask[])[]
  private readonly join: RowJoin
  private readonly sweeps: Sweeps | null
  private readonly given = new Map<number, SharedArrayBuffer | null>()
  private bytesPerRow = 0
  private turn = 0
  private busy = { source: 0, sink: 0 }
  private bytesSinceBarrier = 0
  private sentWatermarkMs = Number.NEGATIVE_INFINITY
  private barrierSentMs = 0
  private snapshotsUnderWay = 0
  private failure: Error | null = null
  private listeners: (() => void)[] = []

  constructor(options: ThreadedOptions) {
    this.options = options
    const { layout, nowMs, sourceEvaluator } = options
    const { ranges, parts } = layout
    this.keyed = Array.from({ length: subtaskCount(layout) }, (_, index) => this.newSubtask(index))
    this.owners = Array.from({ length: ranges }, (_, range) => this.keyed.slice(range * parts.length, (range + 1) * parts.length))
    this.rangeOfGroup = subtasksOfGroups(ranges)
    const { features } = sourceEvaluator.plan
    const places = parts.map((names) => features.flatMap(({ name }, i) => (names.includes(name) ? [i] : [])))
    this.join = new RowJoin(places)
    this.sweeps = parts.length > 1 ? new Sweeps(ranges, nowMs) : null
    this.extracted = new ExtractedSource(options.source, this.pool, (batch, records) => this.giveOut(batch, records))
    const intake = new JudgingIntake(sourceEvaluator, (records) => this.extracted.foundIn(records), this.rangeOfGroup, ranges)
    this.source = new SourceSubtask(this.extracted, sourceEvaluator, intake, options.sourceOptions)
    this.sink = new SinkSubtask(
      this.owners.map((parts) =>
        parts.length === 1
          ? parts[0]!.output
          : new JoinedResults(
              parts.map(({ output }) => output),
              this.join,
            ),
      ),
      options.sinks,
      nowMs,
      (barrier, { alignmentMs, syncMs }) =>
        options.acknowledge(barrier, {
          operator: 'sink',
          subtask: 0,
          files: sinkFiles(this.sink),
          startDelayMs: nowMs() - this.barrierSentMs - syncMs - alignmentMs,
          alignmentMs,
          syncMs,
          processedBytes: 0,
        }),
    )
  }

  private newSubtask(index: number): RemoteSubtask {
    const failed = (error: Error) => this.fail(error)
    const { parts } = this.options.layout
    return new RemoteSubtask(
      index,
      parts.length > 1 ? parts[partIndexOf(this.options.layout, index)] : undefined,
      (receive) =>
        this.options.connect(
          index,
          (message) => {
            receive(message)
            this.notify()
          },
          failed,
        ),
      {
        extracted: (batch, found) => {
          const { rows } = found
          const given = this.given.get(batch)!
          this.given.delete(batch)
          if ('memory' in rows) {
            // It took a larger piece where what it was given did not do.
            if (given && given.byteLength !== rows.memory.byteLength) this.pool.give(given)
            if (rows.count > 0) this.bytesPerRow = bytesFor(rows) / rows.count
          } else if (given) this.pool.give(given)
          this.extracted.extracted(batch, found)
        },
        snapshot: (barrier, snapshot) => {
          this.snapshotsUnderWay--
          this.options.acknowledge(barrier, snapshot)
        },
        failed,
      },
    )
  }

  private fail(error: Error): void {
    this.failure ??= error
    for (const subtask of this.keyed) subtask.lost(error)
    this.notify()
  }

  private notify(): void {
    for (const listener of this.listeners.splice(0)) listener()
    this.options.wake()
  }

  private giveOut(batch: number, records: SharedRecords): void {
    const memory = this.bytesPerRow > 0 ? this.pool.take(records.count * this.bytesPerRow) : null
    this.given.set(batch, memory)
    this.keyed[this.turn]!.post({ do: 'extract', batch, records, memory })
    this.turn = (this.turn + 1) % this.keyed.length
  }

  get restoreTargets(): readonly RestoreTarget[] {
    const { parts } = this.options.layout
    return this.owners.map((owners) => ({
      ...(parts.length > 1 && { parts }),
      restoreKeyGroup: (group, bytes, part) => {
        if (part === undefined) for (const owner of owners) owner.restoreKeyGroup(group, bytes, false)
        else owners[part]!.restoreKeyGroup(group, bytes, true)
      },
      // What was counted goes on in one of them.
      restoreOperator: (state) => {
        for (const [i, owner] of owners.entries()) owner.restoreOperator(i === 0 ? state : { ...state, counters: {} })
      },
    }))
  }

  get counted(): readonly RemoteSubtask[] {
    return this.owners.map(([first]) => first!)
  }

  get applied(): number {
    return this.owners.reduce((sum, owners) => sum + Math.min(...owners.map(({ recordsIn }) => recordsIn)), 0)
  }

  /** All owners of these keys do it between the same events. */
  private tell(owners: readonly RemoteSubtask[], told: Told): void {
    for (const owner of owners) owner.send(told)
  }

  /** Resolves when all threads stand and have restored what they were given. */
  async begin(): Promise<void> {
    await Promise.all(this.keyed.map((subtask) => subtask.begin()))
  }

  /** For checkpoints: who has to acknowledge. */
  subtasks(): { operator: string; subtask: number }[] {
    return [
      { operator: 'source', subtask: 0 },
      ...this.keyed.map(({ index }) => ({ operator: 'keyed', subtask: index })),
      { operator: 'sink', subtask: 0 },
    ]
  }

  /** What is spread over the threads counts as a share of each. */
  get busyMs(): { source: number; keyed: number; sink: number } {
    let extracting = 0
    let keyed = 0
    for (const { facts } of this.keyed) {
      extracting += facts.extractingMs
      keyed += facts.busyMs - facts.extractingMs
    }
    const threads = this.keyed.length
    return { source: this.busy.source + extracting / threads, keyed: keyed / threads, sink: this.busy.sink }
  }

  /** The barrier follows everything that was judged so far. */
  inject(barrier: Barrier): SourceState {
    const { nowMs, acknowledge } = this.options
    const startMs = nowMs()
    const state = this.source.snapshot()
    const parts = [Buffer.from(JSON.stringify(state))]
    this.barrierSentMs = nowMs()
    for (const subtask of this.keyed) {
      subtask.send({ kind: 'barrier', barrier, sentMs: this.barrierSentMs })
      subtask.flush()
    }
    this.snapshotsUnderWay += this.keyed.length
    acknowledge(barrier, {
      operator: 'source',
      subtask: 0,
      files: [{ name: SOURCE_FILE, parts }],
      startDelayMs: 0,
      alignmentMs: 0,
      syncMs: this.barrierSentMs - startMs,
      processedBytes: this.bytesSinceBarrier,
    })
    this.bytesSinceBarrier = 0
    return state
  }

  /** The source is about to be opened anew where it was judged up to. */
  forgetAhead(): void {
    this.extracted.forgetAhead()
  }

  private get isFull(): boolean {
    return this.keyed.some(({ unfinished }) => unfinished >= UNFINISHED_ELEMENTS)
  }

  /** Reads ahead, and judges what has been extracted where the subtasks have room. Returns how many records that were. */
  read(maxRecords: number, wallMs: number): number {
    if (this.failure) throw this.failure
    const startMs = this.options.nowMs()
    this.extracted.readAhead(maxRecords, BATCHES_AHEAD * this.keyed.length)
    if (this.isFull) return 0
    const before = this.source.counts.read
    for (const batch of this.source.poll(maxRecords, wallMs)) {
      this.bytesSinceBarrier += batch.bytes
      this.route(batch)
    }
    const { watermarkMs } = this.source.watermarks
    if (watermarkMs > this.sentWatermarkMs) {
      this.sentWatermarkMs = watermarkMs
      for (const subtask of this.keyed) subtask.send({ kind: 'watermark', watermarkMs })
      this.sweeps?.moved()
    }
    this.sweep()
    for (const subtask of this.keyed) subtask.flush()
    this.busy.source += this.options.nowMs() - startMs
    return this.source.counts.read - before
  }

  private route({ rows, kept }: JudgedBatch): void {
    const ranges = this.owners.flatMap((_, range) => (kept[range]! > 0 ? [range] : []))
    for (const range of ranges) this.sweeps?.sent(range, kept[range]!)
    if (!('memory' in rows)) {
      for (const range of ranges) {
        const own = this.ownRows(rows, range)
        for (const subtask of this.owners[range]!) subtask.send({ kind: 'plain', rows: own })
      }
      return
    }
    const receivers = ranges.flatMap((range) => this.owners[range]!)
    let left = receivers.length
    const done = () => {
      if (--left <= 0) this.pool.give(rows.memory)
    }
    if (left === 0) done()
    for (const subtask of receivers) subtask.send({ kind: 'shared', rows }, done)
  }

  /** Where nobody does it bit by bit: keys whose rows are to go are looked for between events, by all owners at once. */
  private sweep(): void {
    if (this.sweeps) for (const owners of this.sweeps.due(this.owners)) this.tell(owners, { kind: 'expire' })
  }

  private ownRows(rows: RowBatch, range: number): RowBatch {
    return partOf(rows, (group, i) => this.rangeOfGroup[group] === range && !Number.isNaN(rows.watermarksMs[i]!)) as RowBatch
  }

  /** What has come back goes to the sinks. */
  async step(): Promise<void> {
    if (this.failure) throw this.failure
    if (this.sink.waiting) {
      const startMs = this.options.nowMs()
      await this.sink.run()
      this.busy.sink += this.options.nowMs() - startMs
    }
    for (const subtask of this.keyed) subtask.flush()
  }

  /** Something was read that is not in the sinks yet, or a snapshot is being written. */
  get waiting(): boolean {
    return (
      this.snapshotsUnderWay > 0 ||
      this.sink.waiting ||
      this.keyed.some(({ unfinished, isDecaying, rewriting }) => unfinished > 0 || isDecaying || rewriting === 'asked')
    )
  }

  /** There is something that this thread can do now, without a message from the others. */
  get canStep(): boolean {
    return this.sink.waiting || (this.extracted.isReady && !this.isFull)
  }

  /** Everything that was judged is applied and handed to the sinks. */
  async drain(): Promise<void> {
    for (const subtask of this.keyed) subtask.flush()
    while (this.waiting) {
      await this.step()
      if (this.waiting && !this.sink.waiting) await new Promise<void>((resolve) => this.listeners.push(resolve))
    }
    if (this.failure) throw this.failure
  }

  /** Has online rows rewritten that time has changed; it is done when nothing is `waiting`. */
  decay(nowMs: number): boolean {
    if (this.isSplit) this.tell(this.keyed, { kind: 'decay', nowMs })
    else for (const subtask of this.keyed) subtask.decay(nowMs)
    for (const subtask of this.keyed) subtask.flush()
    return true
  }

  rewrite(): boolean {
    for (const subtask of this.keyed) subtask.rewrite(this.isSplit)
    for (const subtask of this.keyed) subtask.flush()
    return this.keyed.every(({ rewriting }) => rewriting === 'done')
  }

  endAt(watermarkMs: number): void {
    for (const subtask of this.keyed) {
      subtask.send({ kind: 'watermark', watermarkMs })
      subtask.flush()
    }
  }

  /** When time alone next changes a row; null: it does not. */
  nextDecayMs(): number | null {
    let next: number | null = null
    for (const { facts } of this.keyed) if (facts.nextDecayMs !== null) next = Math.min(next ?? facts.nextDecayMs, facts.nextDecayMs)
    return next
  }

  /** The newest event that all who had to have applied. */
  maxAppliedMs(): number {
    return Math.max(...this.owners.map((owners) => Math.min(...owners.map(({ facts }) => facts.maxEventTimeMs))))
  }

  /** Answers of the keys' owners, in the order of the keys. */
  async ask(question: Question): Promise<KeyAnswer[]> {
    if (this.failure) throw this.failure
    const { keys } = question
    const answers: KeyAnswer[] = new Array(keys.length)
    const ask = async (owners: readonly RemoteSubtask[], range: number): Promise<void> => {
      const places = keys.flatMap(({ group }, i) => (this.rangeOfGroup[group] === range ? [i] : []))
      if (places.length === 0) return
      const own = await askOwners(owners, { ...question, keys: places.map((i) => keys[i]!) }, this.join)
      for (const [k, i] of places.entries()) answers[i] = own[k]!
    }
    await Promise.all(this.owners.map(ask))
    return answers
  }

  /** Threads that do not go in step see to it themselves. */
  idle(): void {
    this.sweep()
    for (const subtask of this.keyed) subtask.flush()
  }

  configure({ ttlMs, ...parameters }: ChangingParameters): void {
    this.source.configure({ ttlMs, ...parameters })
    if (this.isSplit) this.tell(this.keyed, { kind: 'configure', parameters: { ttlMs } })
    else for (const subtask of this.keyed) subtask.post({ do: 'configure', parameters: { ttlMs } })
    this.sweeps?.moved()
  }

  private get isSplit(): boolean {
    return this.options.layout.parts.length > 1
  }

  counters(): Readonly<Record<string, number>>[] {
    return this.keyed.map(({ facts }) => facts.counters)
  }

  async close(): Promise<void> {
    await Promise.all(this.keyed.map((subtask) => subtask.close()))
  }
}
