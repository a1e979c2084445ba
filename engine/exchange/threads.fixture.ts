/**
 * For tests: a view's pipeline with its keyed subtasks in threads, real ones or simulated ones. Simulated threads live in this one,
 * their messages are cloned as real ones are, and a seed chooses who goes on next: every run can be had again.
 */
import { onTestFinished } from 'vitest'
import type { SourceSchema, ViewDefinition } from '../../definition/model.ts'
import type { SubtaskSnapshot } from '../checkpoint/coordinator.ts'
import { compileEvaluator } from '../compile/evaluator.ts'
import { planView } from '../plan/plan.ts'
import { QueueSource } from '../replay/queue-source.ts'
import type { Sink } from '../sink/port.ts'
import type { Barrier } from '../task/channel.ts'
import { CollectingSink, NewestSink, type TestEvent } from '../task/run-view.fixture.ts'
import type { SourceOptions, SourceState } from '../task/source-task.ts'
import { startKeyedThread, type ThreadStart } from './keyed-thread.ts'
import type { FromSubtask, ToSubtask } from './messages.ts'
import type { SubtaskPort } from './remote-subtask.ts'
import { byKey, type Layout } from './layout.ts'
import { newSubtask } from './new-subtask.ts'
import type { Subtask } from './subtask.ts'
import { ThreadedPipeline } from './threaded-pipeline.ts'

export interface ThreadedRunOptions extends Partial<SourceOptions> {
  readonly definition: ViewDefinition
  readonly stream: SourceSchema
  readonly parallelism: number
  /** instead of so many ranges of keys */
  readonly layout?: Layout
  readonly order?: 'arrival' | 'event_time'
  readonly road?: 'plain'
  readonly partitions?: number | readonly number[]
  readonly ttlMs?: number | null
  readonly sinks?: readonly Sink[]
  /** of the simulation; none: real threads */
  readonly seed?: number
  /** instead of real threads as they are */
  readonly connect?: typeof startKeyedThread
}

const never = Number.POSITIVE_INFINITY
const DEFAULTS: SourceOptions = {
  outOfOrdernessMs: 0,
  allowedLatenessMs: 0,
  futureSkewMs: never,
  idleTimeoutMs: never,
  historyEventTimeMs: null,
  deadLetterRateLimit: 1,
}

export class ThreadedRun {
  readonly pipeline: ThreadedPipeline
  readonly history = new CollectingSink()
  readonly online = new NewestSink()
  readonly snapshots: { barrier: Barrier; snapshot: SubtaskSnapshot }[] = []
  private readonly queue: QueueSource
  private readonly nextOffset: Map<number, number>

  constructor(options: ThreadedRunOptions) {
    const { definition, stream, parallelism, order = 'arrival', partitions = 1 } = options
    const source = { ...DEFAULTS, ...options }
    const plan = planView(definition, stream)
    const layout = options.layout ?? byKey(plan, parallelism)
    const start: ThreadStart = {
      definition,
      stream,
      layout,
      callMemory: null,
      options: {
        order,
        allowedLatenessMs: source.allowedLatenessMs,
        clockSlackMs: 0,
        ttlMs: options.ttlMs ?? null,
        ...(options.road ? { road: options.road } : {}),
      },
    }
    const numbers = typeof partitions === 'number' ? Array.from({ length: partitions }, (_, i) => i) : partitions
    this.queue = new QueueSource(numbers)
    this.nextOffset = new Map(numbers.map((partition) => [partition, 0]))
    const simulation = options.seed === undefined ? null : new Simulation(options.seed)
    this.pipeline = new ThreadedPipeline({
      source: this.queue,
      sourceOptions: source,
      sourceEvaluator: compileEvaluator(plan),
      layout,
      sinks: { rows: [this.history, ...(options.sinks ?? [])], current: [this.online] },
      nowMs: () => 0,
      acknowledge: (barrier, snapshot) => void this.snapshots.push({ barrier, snapshot }),
      connect: (index, receive, lost) =>
        simulation ? simulation.connect(start, index, receive) : (options.connect ?? startKeyedThread)(start, index, receive, lost),
      wake: () => {},
    })
  }

  async open(state: SourceState | null = null): Promise<this> {
    await this.pipeline.begin()
    this.pipeline.source.open(state, 0)
    for (const [partition, position] of Object.entries(state?.positions ?? {})) this.nextOffset.set(Number(partition), position)
    return this
  }

  put(events: readonly TestEvent[]): void {
    for (const { partition = 0, value } of events) {
      const offset = this.nextOffset.get(partition)!
      this.nextOffset.set(partition, offset + 1)
      this.queue.put(partition, offset, Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)))
    }
  }

  /** Reads all that was put, and applies it. */
  async feed(events: readonly TestEvent[]): Promise<void> {
    this.put(events)
    const target = this.pipeline.source.counts.read + events.length
    do {
      this.pipeline.read(Number.MAX_SAFE_INTEGER, 0)
      await this.pipeline.step()
      await new Promise(setImmediate)
    } while (this.pipeline.source.counts.read < target)
    await this.pipeline.drain()
  }

  async end(): Promise<void> {
    for (const partition of this.nextOffset.keys()) this.pipeline.source.watermarks.end(partition)
    this.pipeline.read(0, 0)
    await this.pipeline.drain()
  }

  /** A snapshot of all subtasks at this point of the stream: files by name. */
  async snapshot(id: number): Promise<Map<string, Uint8Array>> {
    this.pipeline.inject({ id, triggeredAtMs: 0 })
    await this.pipeline.drain()
    const files = this.snapshots.filter(({ barrier }) => barrier.id === id).flatMap(({ snapshot }) => snapshot.files)
    return new Map(files.map(({ name, parts }) => [name, Buffer.concat(parts)]))
  }

  /** The online rows once time has been looked at. */
  async settled(): Promise<unknown[]> {
    this.pipeline.decay(this.pipeline.maxAppliedMs())
    await this.pipeline.drain()
    return [...this.online.byKey.values()].sort((a, b) => (a.key < b.key ? -1 : 1))
  }
}

interface SimulatedThread {
  readonly subtask: Subtask
  readonly toSubtask: ToSubtask[]
  readonly toSource: FromSubtask[]
  readonly receive: (message: FromSubtask) => void
  hasWork: boolean
  failed: boolean
}

/** Threads that take turns as a seed says. */
class Simulation {
  private seed: number
  private readonly threads: SimulatedThread[] = []
  private scheduled = false

  constructor(seed: number) {
    this.seed = seed | 0 || 1
  }

  connect(start: ThreadStart, index: number, receive: (message: FromSubtask) => void): SubtaskPort {
    const toSource: FromSubtask[] = []
    const subtask = newSubtask(start, index, {
      nowMs: () => 0,
      post: (message, transfer) => void toSource.push(cloned(message, transfer)),
    })
    const thread: SimulatedThread = { subtask, toSubtask: [], toSource, receive, hasWork: false, failed: false }
    this.threads.push(thread)
    return {
      post: (message, transfer = []) => {
        thread.toSubtask.push(cloned(message, transfer))
        this.schedule()
      },
      close: async () => {
        thread.failed = true
      },
    }
  }

  private schedule(): void {
    if (this.scheduled) return
    this.scheduled = true
    setImmediate(() => this.goOn())
  }

  private goOn(): void {
    this.scheduled = false
    for (let steps = 1 + this.random(4); steps > 0; steps--) {
      const possible = this.threads.flatMap((thread) => [
        ...(thread.toSubtask.length > 0 && !thread.failed ? [() => this.deliver(thread)] : []),
        ...(thread.toSource.length > 0 ? [() => thread.receive(thread.toSource.shift()!)] : []),
        ...(thread.hasWork && !thread.failed ? [() => this.work(thread)] : []),
      ])
      if (possible.length === 0) return
      possible[this.random(possible.length)]!()
    }
    this.schedule()
  }

  private deliver(thread: SimulatedThread): void {
    const message = thread.toSubtask.shift()!
    thread.hasWork = true
    try {
      thread.subtask.receive(message)
    } catch (error) {
      thread.failed = true
      thread.toSource.push({ did: 'fail', message: (error as Error).message, stack: null })
    }
  }

  private work(thread: SimulatedThread): void {
    let slices = this.random(3)
    thread.hasWork = thread.subtask.work(() => slices-- <= 0)
  }

  /** xorshift32 (Marsaglia) */
  private random(below: number): number {
    this.seed ^= this.seed << 13
    this.seed ^= this.seed >>> 17
    this.seed ^= this.seed << 5
    return (this.seed >>> 0) % below
  }
}

/** As postMessage does it: shared memory stays shared. */
function cloned<T>(message: T, transfer: readonly ArrayBuffer[]): T {
  return structuredClone(message, { transfer: [...transfer] })
}

/** Closed when the test that asked for it has ended. */
export function newRun(options: ThreadedRunOptions): ThreadedRun {
  const run = new ThreadedRun(options)
  onTestFinished(() => run.pipeline.close())
  return run
}
