/**
 * Source subtask → keyed subtasks → sink subtask, in one thread: a batch is the unit, barriers and watermarks travel with the
 * data. `step` works for a slice of time and returns, so that whoever drives it can serve reads in between.
 */
import { sha256Hex } from '../../definition/hash.ts'
import type { SubtaskSnapshot } from '../checkpoint/coordinator.ts'
import type { SnapshotFile } from '../checkpoint/snapshot-files.ts'
import type { Plan } from '../plan/plan.ts'
import { KEY_GROUPS, keyGroupRange } from '../state/hash.ts'
import type { EventBatch, KeyedOperator, RestoreTarget } from '../state/operator.ts'
import type { Barrier } from './channel.ts'
import { partOf } from './event-intake.ts'
import type { ChangingParameters, JobPipeline } from './job-pipeline.ts'
import { answerQuestion, DECAY_KEYS_PER_CALL, type KeyAnswer, type Question } from './key-question.ts'
import { KeyedSnapshots } from './keyed-snapshots.ts'
import { KeyedSubtask } from './keyed-task.ts'
import { type Sinks, type SinkState, SinkSubtask } from './sink-task.ts'
import type { SourceState, SourceSubtask } from './source-task.ts'

export const SOURCE_FILE = 'source-0.json'
export const SINK_FILE = 'sink-0.json'

export interface PipelineOptions {
  readonly source: SourceSubtask
  readonly operators: readonly KeyedOperator[]
  readonly sinks: Sinks
  /** monotonic, for durations */
  readonly nowMs: () => number
  readonly acknowledge: (barrier: Barrier, snapshot: SubtaskSnapshot) => void
}

const CHANNEL_ELEMENTS = 8
const IDLE_EXPIRE_KEYS = 128
const REWRITE_KEYS_PER_CALL = 256
const SNAPSHOT_KEYS_PER_STEP = 512

export class Pipeline implements JobPipeline {
  readonly source: SourceSubtask
  readonly keyed: readonly KeyedSubtask[]
  readonly sink: SinkSubtask
  busyMs = { source: 0, keyed: 0, sink: 0 }
  private readonly options: PipelineOptions
  private readonly keyedOfGroup: number[]
  private bytesSinceBarrier = 0
  private sentWatermarkMs = Number.NEGATIVE_INFINITY
  private barrierSentMs = 0
  private readonly snapshots: KeyedSnapshots

  constructor(options: PipelineOptions) {
    this.options = options
    this.source = options.source
    const parallelism = options.operators.length
    this.snapshots = new KeyedSnapshots(options.nowMs, options.acknowledge)
    this.keyed = options.operators.map(
      (operator, index) =>
        new KeyedSubtask({
          index,
          groups: keyGroupRange(index, parallelism),
          operator,
          capacity: CHANNEL_ELEMENTS,
          onBarrier: (subtask, barrier) => this.snapshots.begin(subtask, barrier, this.barrierSentMs),
        }),
    )
    this.keyedOfGroup = Array.from({ length: KEY_GROUPS }, (_, group) =>
      this.keyed.findIndex(({ groups }) => group >= groups.from && group < groups.to),
    )
    this.sink = new SinkSubtask(
      this.keyed.map(({ output }) => output),
      options.sinks,
      options.nowMs,
      (barrier, { alignmentMs, syncMs }) =>
        options.acknowledge(barrier, {
          operator: 'sink',
          subtask: 0,
          files: sinkFiles(this.sink),
          startDelayMs: options.nowMs() - this.barrierSentMs - syncMs - alignmentMs,
          alignmentMs,
          syncMs,
          processedBytes: 0,
        }),
    )
  }

  /** For checkpoints: who has to acknowledge. */
  subtasks(): { operator: string; subtask: number }[] {
    return [
      { operator: 'source', subtask: 0 },
      ...this.keyed.map(({ index }) => ({ operator: 'keyed', subtask: index })),
      { operator: 'sink', subtask: 0 },
    ]
  }

  get counted(): readonly KeyedSubtask[] {
    return this.keyed
  }

  get applied(): number {
    return this.keyed.reduce((sum, { recordsIn }) => sum + recordsIn, 0)
  }

  operatorOf(group: number): KeyedOperator {
    return this.keyed[this.keyedOfGroup[group]!]!.operator
  }

  get restoreTargets(): readonly RestoreTarget[] {
    return this.keyed.map(({ operator }) => operator)
  }

  async begin(): Promise<void> {}

  ask(question: Question): KeyAnswer[] {
    if (this.keyed.length === 1) return answerQuestion(this.keyed[0]!, question)
    return question.keys.map((one) => answerQuestion(this.keyed[this.keyedOfGroup[one.group]!]!, { ...question, keys: [one] })[0]!)
  }

  /** The barrier follows everything that was read so far. `extraFiles`: more that belongs to the source's part. */
  inject(barrier: Barrier, extraFiles: readonly SnapshotFile[] = []): SourceState {
    const startMs = this.options.nowMs()
    const state = this.source.snapshot()
    const files = [{ name: SOURCE_FILE, parts: [Buffer.from(JSON.stringify(state))] }, ...extraFiles]
    this.barrierSentMs = this.options.nowMs()
    const snapshot: SubtaskSnapshot = {
      operator: 'source',
      subtask: 0,
      files,
      startDelayMs: 0,
      alignmentMs: 0,
      syncMs: this.barrierSentMs - startMs,
      processedBytes: this.bytesSinceBarrier,
    }
    this.bytesSinceBarrier = 0
    for (const { input } of this.keyed) input.push({ kind: 'barrier', barrier })
    this.options.acknowledge(barrier, snapshot)
    return state
  }

  /** Takes records from the source where the channels have room. Returns how many good and bad ones came. */
  read(maxRecords: number, wallMs: number): number {
    if (this.keyed.some(({ input }) => input.full)) return 0
    const startMs = this.options.nowMs()
    const before = this.source.counts.read
    for (const batch of this.source.poll(maxRecords, wallMs)) {
      this.bytesSinceBarrier += batch.bytes
      if (batch.count > 0) this.route(batch)
    }
    const watermarkMs = this.source.watermarks.watermarkMs
    if (watermarkMs > this.sentWatermarkMs) {
      this.sentWatermarkMs = watermarkMs
      for (const { input } of this.keyed) input.push({ kind: 'watermark', watermarkMs })
    }
    this.busyMs.source += this.options.nowMs() - startMs
    return this.source.counts.read - before
  }

  private route(batch: EventBatch): void {
    if (this.keyed.length === 1) this.keyed[0]!.input.push({ kind: 'data', data: batch })
    else
      for (const { input, index } of this.keyed) {
        const part = partOf(batch, (group) => this.keyedOfGroup[group] === index)
        if (part.count > 0) input.push({ kind: 'data', data: part })
      }
  }

  /** Work that is waiting in channels, until `mustYield`. */
  async step(mustYield: () => boolean): Promise<void> {
    const startMs = this.options.nowMs()
    for (const subtask of this.keyed) subtask.run(mustYield)
    this.snapshots.advance(SNAPSHOT_KEYS_PER_STEP)
    const keyedMs = this.options.nowMs()
    this.busyMs.keyed += keyedMs - startMs
    for (const subtask of this.keyed) subtask.busyMs += (keyedMs - startMs) / this.keyed.length
    if (this.sink.waiting) {
      await this.sink.run()
      this.busyMs.sink += this.options.nowMs() - keyedMs
    }
  }

  get waiting(): boolean {
    return this.sink.waiting || this.snapshots.count > 0 || this.keyed.some(({ input }) => input.size > 0)
  }

  /** All of it is this thread's. */
  get canStep(): boolean {
    return this.waiting
  }

  /** Everything that was read is applied and handed to the sinks. */
  async drain(): Promise<void> {
    while (this.waiting) await this.step(() => false)
  }

  /** Rewrites online rows that time has changed; false: more are due. */
  decay(nowMs: number): boolean {
    let done = true
    for (const subtask of this.keyed) if (!subtask.output.full) done = subtask.decay(nowMs, DECAY_KEYS_PER_CALL) && done
    return done
  }

  /** Writes the online rows of keys that a restore brought, quiet ones too; false: more are due. */
  rewrite(): boolean {
    let done = true
    for (const subtask of this.keyed) done = !subtask.output.full && subtask.rewrite(REWRITE_KEYS_PER_CALL) && done
    return done
  }

  /** Nothing older comes any more, whatever the sources say of it. */
  endAt(watermarkMs: number): void {
    for (const { input } of this.keyed) input.push({ kind: 'watermark', watermarkMs })
  }

  nextDecayMs(): number | null {
    const due = this.keyed.flatMap(({ operator }) => operator.nextDecayMs() ?? [])
    return due.length === 0 ? null : Math.min(...due)
  }

  idle(): void {
    for (const { operator } of this.keyed) operator.expire(IDLE_EXPIRE_KEYS)
  }

  counters(): Readonly<Record<string, number>>[] {
    return this.keyed.map(({ operator }) => operator.snapshotOperator().counters)
  }

  async close(): Promise<void> {}

  /** What may change while the job runs. */
  configure(parameters: ChangingParameters): void {
    this.source.configure(parameters)
    for (const { operator } of this.keyed) operator.configure(parameters)
  }

  maxAppliedMs(): number {
    return Math.max(...this.keyed.map(({ operator }) => operator.maxEventTimeMs()))
  }
}

/** What the sink subtask's snapshot holds: `SinkState`, where there is anything to hold. */
export function sinkFiles(sink: SinkSubtask): SnapshotFile[] {
  const state: SinkState = { deadLetters: sink.deadLetters, prepared: sink.prepared() }
  if (state.deadLetters.length === 0 && state.prepared?.length === 0) return []
  return [{ name: SINK_FILE, parts: [Buffer.from(JSON.stringify(state))] }]
}

/** What the kept state looks like: state of another shape is never read into this plan. */
export function stateShape(plan: Plan, order: string): string {
  const { stream, columns, windows, group, aggregates } = plan
  const fields = plan.fields.map(({ name, type }) => [name, type])
  return sha256Hex(
    JSON.stringify({
      order,
      stream: stream.name,
      fields,
      key: plan.keySlots,
      where: plan.where ?? null,
      columns,
      windows,
      aggregates,
      latest: [...plan.latest],
      ...(plan.branches && { branches: plan.branches.map(({ stream, columns, where }) => [stream.name, columns, where ?? null]) }),
      ...(group && { group, features: plan.features }), // rows of closed windows are kept as they were made
      ...(plan.code.length > 0 && { code: plan.code.map(({ id }) => id) }),
    }),
  )
}
