/** A job in one thread, without a process: the real pipeline, coordinator and snapshots over a file system that can crash. */
import type { CheckpointReport } from '../../contract/job-ipc.ts'
import type { ViewDefinition } from '../../definition/model.ts'
import { PAY } from '../../definition/testing/streams.ts'
import type { ResultRow, Sink } from '../sink/port.ts'
import { compareVersions, type TestEvent, TestRun } from '../task/run-view.fixture.ts'
import { stateShape } from '../task/pipeline.ts'
import { CheckpointCoordinator, type CheckpointParameters } from './coordinator.ts'
import type { MemoryFs } from './memory-fs.fixture.ts'
import { restoreSnapshot } from './restore.ts'
import { listCheckpoints } from './retention.ts'

/** Rows become durable at flush; a crash takes the rest. History keeps the first row of a position, online the newest of a key. */
export class CrashableStores implements Sink {
  readonly name = 'stores'
  readonly history = new Map<string, ResultRow>()
  readonly online = new Map<string, ResultRow>()
  private buffer: ResultRow[] = []

  write(rows: readonly ResultRow[]): void {
    this.buffer.push(...rows)
  }

  async flush(): Promise<void> {
    for (const row of this.buffer) {
      const position = `${row.partition}/${row.offset}`
      if (!this.history.has(position)) this.history.set(position, row)
      const known = this.online.get(row.key)
      if (!known || compareVersions(row.version, known.version) > 0) this.online.set(row.key, row)
    }
    this.buffer = []
  }

  crash(): void {
    this.buffer = []
  }

  async close(): Promise<void> {}

  contents() {
    return {
      history: [...this.history].sort(([a], [b]) => (a < b ? -1 : 1)),
      online: [...this.online].sort(([a], [b]) => (a < b ? -1 : 1)),
    }
  }
}

export const PARAMETERS: CheckpointParameters = { intervalMs: 10, timeoutMs: 1000, minPauseMs: 0, tolerableFailures: 3, retention: 2 }

export interface SimulatedOptions {
  readonly fs: MemoryFs
  readonly stores: CrashableStores
  readonly definition: ViewDefinition
  readonly events: readonly TestEvent[]
  readonly order: 'arrival' | 'event_time'
  readonly run: number
  readonly parallelism?: number
  readonly parameters?: Partial<CheckpointParameters>
}

export class SimulatedJob {
  readonly test: TestRun
  readonly coordinator: CheckpointCoordinator
  readonly reports: CheckpointReport[] = []
  nowMs = 0
  private readonly options: SimulatedOptions

  constructor(options: SimulatedOptions) {
    this.options = options
    const { definition, order, stores, parallelism = 1 } = options
    this.test = new TestRun({
      definition,
      stream: PAY,
      order,
      parallelism,
      outOfOrdernessMs: 2000,
      allowedLatenessMs: 3000,
      sinks: [stores],
      acknowledge: (barrier, snapshot) =>
        this.coordinator.acknowledge(barrier, snapshot, snapshot.operator === 'source' ? this.facts() : null),
    })
    this.coordinator = new CheckpointCoordinator(
      {
        fs: options.fs,
        jobDirectory: '/data/job-1',
        run: options.run,
        subtasks: this.test.pipeline.subtasks(),
        nowMs: () => this.nowMs,
        report: (report) => void this.reports.push(report),
        completed: () => {},
        failedTooOften: () => {},
      },
      { ...PARAMETERS, ...options.parameters },
    )
  }

  private get wanted() {
    return { view: 'v', stateShape: stateShape(this.test.evaluators[0]!.plan, this.options.order) }
  }

  private facts() {
    const positions = this.test.source.positions()
    return {
      ...this.wanted,
      viewVersion: 1,
      jobId: 1,
      run: this.options.run,
      features: [],
      keyGroups: 128,
      parallelism: 1,
      positions,
      watermarkMs: null,
      maxEventTimeMs: null,
      extra: {},
    }
  }

  /** From the newest complete checkpoint, where there is one; `path` chooses another. */
  async open(path?: string): Promise<string | null> {
    const newest = path ?? (await listCheckpoints(this.options.fs, '/data/job-1')).find(({ complete }) => complete)?.path
    const state = newest ? (await restoreSnapshot(this.options.fs, newest, this.wanted, this.test.operators)).source : null
    this.test.source.open(state, 0)
    this.test.continueAt(0, state?.positions['0'] ?? 0)
    return newest ?? null
  }

  /** Event after event, ten milliseconds each. */
  async work(until = this.options.events.length): Promise<void> {
    for (let at = this.test.source.positions()['0']!; at < until; at++) {
      this.nowMs += 4
      await this.test.feed([this.options.events[at]!])
      await this.checkpointIfDue()
    }
  }

  async checkpointIfDue(): Promise<void> {
    const barrier = this.coordinator.next()
    if (!barrier) return
    this.test.pipeline.inject(barrier)
    await this.test.pipeline.drain()
    await this.coordinator.settled()
  }

  async finish(): Promise<void> {
    await this.work()
    await this.test.end()
    const nowMs = this.test.pipeline.maxAppliedMs()
    while (!this.test.pipeline.decay(nowMs)) await this.test.pipeline.drain()
    await this.test.pipeline.drain()
    await this.options.stores.flush()
  }
}
