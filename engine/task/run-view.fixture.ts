/** For tests: a view's whole pipeline over events in memory, with every choice that must not matter left to the test. */
import type { SourceSchema, ViewDefinition } from '../../definition/model.ts'
import type { Evaluator } from '../compile/evaluator.ts'
import { planView } from '../plan/plan.ts'
import { QueueSource } from '../replay/queue-source.ts'
import type { ResultRow, Sink, Value } from '../sink/port.ts'
import type { KeyedOperator } from '../state/operator.ts'
import { compileView } from './compile-view.ts'
import { Pipeline, type PipelineOptions } from './pipeline.ts'
import { type SourceOptions, SourceSubtask } from './source-task.ts'

export interface TestEvent {
  readonly partition?: number
  readonly value: Record<string, unknown> | string
}

export interface RunOptions extends Partial<SourceOptions> {
  readonly definition: ViewDefinition
  readonly stream: SourceSchema
  readonly order?: 'arrival' | 'event_time'
  readonly partitions?: number | readonly number[]
  readonly parallelism?: number
  /** the plain road unless the test says that the planner may choose */
  readonly road?: 'plain' | 'planned'
  readonly sinks?: Sink[]
  readonly acknowledge?: PipelineOptions['acknowledge']
  readonly forgiveCode?: boolean
}

export class CollectingSink implements Sink {
  readonly name = 'collecting'
  readonly rows: ResultRow[] = []
  flushes = 0
  write(rows: readonly ResultRow[]): void {
    this.rows.push(...rows)
  }
  async flush(): Promise<void> {
    this.flushes++
  }
  async close(): Promise<void> {}
}

/** The newest row by key, as an online store keeps it: only a newer version is written. */
export class NewestSink extends CollectingSink {
  readonly byKey = new Map<string, ResultRow>()
  override write(rows: readonly ResultRow[]): void {
    for (const row of rows) {
      const known = this.byKey.get(row.key)
      if (!known || compareVersions(row.version, known.version) > 0) this.byKey.set(row.key, row)
    }
  }
}

export function compareVersions(a: readonly number[], b: readonly number[]): number {
  return a[0]! - b[0]! || a[1]! - b[1]! || a[2]! - b[2]!
}

const DEFAULTS: SourceOptions = {
  outOfOrdernessMs: 0,
  allowedLatenessMs: 0,
  futureSkewMs: Number.POSITIVE_INFINITY,
  idleTimeoutMs: Number.POSITIVE_INFINITY,
  historyEventTimeMs: null,
  deadLetterRateLimit: 1,
}

/** A pipeline that a test can feed step by step. */
export class TestRun {
  readonly queue: QueueSource
  readonly source: SourceSubtask
  readonly operators: readonly KeyedOperator[]
  readonly evaluators: readonly Evaluator[]
  readonly history = new CollectingSink()
  readonly online = new NewestSink()
  readonly pipeline: Pipeline
  readonly road: 'compiled' | 'plain'
  nowMs = 0
  private readonly partitions: readonly number[]
  private readonly nextOffset = new Map<number, number>()

  constructor(options: RunOptions) {
    const { definition, stream, order = 'arrival', parallelism = 1 } = options
    const { partitions = 1 } = options
    this.partitions = typeof partitions === 'number' ? Array.from({ length: partitions }, (_, i) => i) : partitions
    const plan = planView(definition, stream)
    const source = { ...DEFAULTS, ...options }
    this.queue = new QueueSource(this.partitions)
    const { allowedLatenessMs } = source
    const view = compileView(plan, {
      order,
      allowedLatenessMs,
      clockSlackMs: 0,
      ttlMs: source.ttlMs ?? null,
      parallelism,
      forgiveCode: options.forgiveCode ?? false,
      ...(options.road === 'planned' ? {} : { road: 'plain' as const }),
    })
    this.source = new SourceSubtask(this.queue, view.sourceEvaluator, view.intake, source)
    this.evaluators = view.evaluators
    this.operators = view.operators
    this.road = view.road
    this.pipeline = new Pipeline({
      source: this.source,
      operators: this.operators,
      sinks: { rows: [this.history, ...(options.sinks ?? [])], current: [this.online] },
      nowMs: () => 0,
      acknowledge: options.acknowledge ?? (() => {}),
    })
  }

  open(): this {
    this.source.open(null, this.nowMs)
    return this
  }

  /** Puts events into the log, unread. `offset` of the next event of a partition can be set to go on from a position. */
  put(events: readonly TestEvent[]): void {
    for (const { partition = 0, value } of events) {
      const offset = this.nextOffset.get(partition) ?? 0
      this.nextOffset.set(partition, offset + 1)
      this.queue.put(partition, offset, Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)))
    }
  }

  continueAt(partition: number, offset: number): void {
    this.nextOffset.set(partition, offset)
  }

  async feed(events: readonly TestEvent[]): Promise<void> {
    this.put(events)
    this.pipeline.read(Number.MAX_SAFE_INTEGER, this.nowMs)
    await this.pipeline.drain()
  }

  /** The end of the stream: what waited fires. */
  async end(): Promise<void> {
    for (const partition of this.partitions) this.source.watermarks.end(partition)
    await this.feed([])
  }
}

/** All events through a pipeline, in batches of the given sizes (the last size goes on), to the end. */
export async function runView(
  options: RunOptions,
  events: readonly TestEvent[],
  batches: readonly number[] = [events.length || 1],
): Promise<TestRun> {
  const run = new TestRun(options).open()
  for (let at = 0, i = 0; at < events.length; i++) {
    const size = batches[Math.min(i, batches.length - 1)]!
    await run.feed(events.slice(at, at + size))
    at += size
  }
  await run.end()
  return run
}

export const valuesByOffset = (rows: readonly ResultRow[]): Map<string, readonly Value[]> =>
  new Map(rows.map((row) => [`${row.partition}/${row.offset}`, row.values]))
