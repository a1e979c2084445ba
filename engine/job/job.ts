/**
 * A running job: pipeline, checkpoints, reads and reports, driven in slices of about two milliseconds so that reads are answered
 * in between. Everything from outside (clocks, source, sinks, files, the way to the supervisor) is passed in.
 */
import { join, isAbsolute, relative } from 'node:path'
import type { FeatureRow } from '../../contract/engine-api.ts'
import type { JobParameters, PositionMap } from '../../contract/job-ipc.ts'
import { featureIds } from '../../definition/feature-id.ts'
import { sourceSchema } from '../../definition/union.ts'
import { streamsOf } from '../../definition/union-partitions.ts'
import { CheckpointCoordinator, type CheckpointParameters, jobCheckpointDirectory } from '../checkpoint/coordinator.ts'
import { adaptSnapshots } from '../checkpoint/adapt.ts'
import { type Restored, restoreSnapshot } from '../checkpoint/restore.ts'
import { NOTHING_YET_MS, type Reach } from '../forward/port.ts'
import { type Plan, planView } from '../plan/plan.ts'
import { tablesOf } from '../plan/tables.ts'
import { KEY_GROUPS } from '../state/hash.ts'
import type { JobPipeline } from '../task/job-pipeline.ts'
import { stateShape } from '../task/pipeline.ts'
import { answerRead, type KeyInGroup } from './answer-read.ts'
import { AppliedWatch } from './applied-watch.ts'
import { DeadLetterOutbox } from './dead-letter-outbox.ts'
import { ExactSavepoint } from './exact-savepoint.ts'
import { CheckpointsFailing, MemoryLimitPassed } from './failure.ts'
import { buildPipeline } from './job-pipeline.ts'
import { type MetricsInput, MetricsReporter } from './metrics.ts'
import type { Adapt, JobPorts, StartMessage } from './ports.ts'

const SLICE_MS = 2
const DECAY_EVERY_MS = 100

export class Job {
  readonly pipeline: JobPipeline
  private readonly start: StartMessage
  private readonly ports: JobPorts
  private readonly plan: Plan
  private readonly recordsPerTurn: number
  private readonly planned: MetricsInput['plan']
  private readonly split: MetricsInput['split']
  private readonly featureIds: readonly { name: string; id: string }[]
  private readonly coordinator: CheckpointCoordinator
  private readonly outbox: DeadLetterOutbox
  private metrics: MetricsReporter
  private parameters: JobParameters
  private failure: unknown = null
  private stopping = false
  private goodAtStart = 0
  /** what stood in the log when the job started */
  private atStart: AppliedWatch | null = null
  private holding = false
  /** reading stops at its positions */
  private exactSavepoint: ExactSavepoint | null = null
  private readonly stopAt: (positions: PositionMap | null) => void
  /** online rows of restored keys are still being written */
  private rewriting = false
  /** a backfill that has told its subtasks that it ends */
  private ended = false
  private questions: { requestId: string; watch: AppliedWatch }[] = []
  /** as they were given, by full path: that is how they are reported */
  private readonly savepointPaths = new Map<string, string>()
  private decayedAtMs = Number.NEGATIVE_INFINITY

  constructor(start: StartMessage, ports: JobPorts) {
    this.start = start
    this.ports = ports
    const { parameters, stream, definition } = start
    this.parameters = parameters
    this.plan = planView(definition, stream)
    const ids = featureIds(definition)
    this.featureIds = definition.features.map(({ name }, i) => ({ name, id: ids[i]! }))
    const { pipeline, road, refusal, recordsPerTurn, stopAt, split } = buildPipeline(start, ports, this.plan, (barrier, snapshot) => {
      if (snapshot.operator === 'sink') this.outbox.atSink()
      else if (snapshot.operator === 'source') this.ports.forward?.begin(barrier.id, this.reaches())
      this.coordinator.acknowledge(barrier, snapshot, snapshot.operator === 'source' ? this.facts() : null)
    })
    this.pipeline = pipeline
    this.recordsPerTurn = recordsPerTurn
    this.stopAt = stopAt
    this.split = split
    this.planned = { road, refusal, tables: tablesOf(this.plan, road) }
    this.metrics = new MetricsReporter(this.pipeline, ports.monotonicMs())
    this.outbox = new DeadLetterOutbox(pipeline, (message) => void ports.send(message))
    this.coordinator = new CheckpointCoordinator(
      {
        fs: ports.fs,
        jobDirectory: jobCheckpointDirectory(start.dataDir, start.jobId),
        run: start.run,
        subtasks: this.pipeline.subtasks(),
        nowMs: () => ports.wallMs(),
        report: (checkpoint) => ports.send({ type: 'checkpoint', checkpoint }),
        completed: (number) => {
          this.outbox.completed()
          ports.forward?.completed(number)
        },
        failedTooOften: (message) => {
          this.failure ??= new CheckpointsFailing(
            `More than ${this.parameters.checkpointTolerableFailures} checkpoints failed one after another; the last one: ${message}`,
          )
        },
        publicPath: (path) => this.savepointPaths.get(path) ?? relative(start.dataDir, path),
      },
      checkpointParameters(parameters),
    )
  }

  /** Restores and opens the source. @throws SnapshotError, PositionOutOfRange */
  async open(): Promise<void> {
    const { restoreFrom } = this.start
    let state = null
    let left: Restored['prepared'] = []
    if (restoreFrom) {
      const { manifest, source, prepared } = restoreFrom.adapt
        ? await this.adapt(restoreFrom, restoreFrom.adapt)
        : await this.restore(restoreFrom.path)
      state = source
      left = prepared
      const isUnwritten = restoreFrom.adapt !== undefined || restoreFrom.rewrites === true || manifest.extra.rewriting === true
      this.rewriting = this.ports.online !== null && isUnwritten
    }
    await this.ports.forward?.restore(left)
    await this.pipeline.begin()
    const { source } = this.pipeline
    source.open(state, this.ports.wallMs(), restoreFrom?.outOfRange ?? null)
    this.metrics = new MetricsReporter(this.pipeline, this.ports.monotonicMs())
    this.goodAtStart = source.counts.good
    const ends = Object.fromEntries(source.ends().map(({ partition, end }) => [String(partition), end]))
    this.atStart = new AppliedWatch(this.pipeline, ends, this.goodAtStart)
  }

  private restore(path: string): Promise<Restored> {
    const wanted = { view: this.start.view, stateShape: this.shape, features: this.featureIds }
    return restoreSnapshot(this.ports.fs, this.fullPath(path), wanted, this.pipeline.restoreTargets)
  }

  /** The state of another version's savepoint, and of a backfill. */
  private adapt({ path }: { path: string }, { definition, backfill }: Adapt): Promise<Restored> {
    const { stream, view } = this.start
    const from = (of: { path: string; definition: StartMessage['definition'] }) => ({
      directory: this.fullPath(of.path),
      plan: planView(of.definition, sourceSchema(of.definition, stream.branches ?? [stream])),
    })
    return adaptSnapshots(
      this.ports.fs,
      { view, order: this.parameters.order, archiveCutMs: this.start.archive?.maxEventTimeMs ?? null },
      this.pipeline.source.evaluator,
      { kept: from({ path, definition }), built: backfill && from(backfill) },
      this.pipeline.restoreTargets,
    )
  }

  private fullPath(path: string): string {
    return isAbsolute(path) ? path : join(this.start.dataDir, path)
  }

  /** Says that reads are answered from now on. */
  announce(): void {
    void this.ports.send({
      type: 'running',
      restoredFrom: this.start.restoreFrom?.path ?? null,
      positions: this.pipeline.source.positions(),
      moved: this.pipeline.source.moved,
    })
    this.outbox.send()
  }

  /** One slice of work. False: there was nothing to do. @throws what ends the job */
  async turn(): Promise<boolean> {
    if (this.failure) throw this.failure
    const { ports, pipeline } = this
    ports.forward?.check()
    if (this.exactSavepoint?.askWhereReached(pipeline.source.positions(), this.coordinator) === false) this.readOn()
    const barrier = this.coordinator.next()
    if (barrier) {
      this.outbox.beforeSnapshot()
      pipeline.inject(barrier)
      if (this.exactSavepoint?.mayReadOn(this.coordinator)) this.readOn()
    }
    const startMs = ports.monotonicMs()
    const mustYield = () => ports.monotonicMs() - startMs >= SLICE_MS
    let read = 0
    if (!this.stopping && !this.holding && !this.outbox.full && !ports.forward?.isBehind)
      read = pipeline.read(Math.min(this.parameters.batchSize, this.recordsPerTurn), ports.wallMs())
    if ((this.outbox.full || ports.forward?.isFull) && !this.coordinator.inProgress)
      this.coordinator.request({ kind: 'checkpoint', path: null, requestId: null })
    this.endWhereAsked()
    await pipeline.step(mustYield)
    this.answerQuestions()
    if (this.rewriting && !pipeline.waiting) this.rewriting = !pipeline.rewrite()
    const busy = read > 0 || pipeline.canStep || (this.rewriting && !pipeline.waiting)
    if (!busy) pipeline.idle()
    const moreDecay = this.catchingUp() ? false : this.decay()
    return busy || moreDecay
  }

  private endWhereAsked(): void {
    const { until } = this.start
    if (!until || this.ended || this.pipeline.source.ends().some(({ position, end }) => position < end)) return
    this.ended = true
    if (until.watermarkMs !== null) this.pipeline.endAt(until.watermarkMs)
  }

  /** Stored rows that time has made wrong are written again; not while catching up, when most would be wrong at once. */
  private decay(): boolean {
    const { ports, pipeline } = this
    if (ports.monotonicMs() - this.decayedAtMs < DECAY_EVERY_MS || pipeline.waiting) return false
    const done = pipeline.decay(this.readClockMs())
    if (done) this.decayedAtMs = ports.monotonicMs()
    return !done
  }

  /** When time alone next changes a stored row, in ms from now by the wall clock; null: not, or only with events. */
  nextDecayInMs(): number | null {
    const dueMs = this.pipeline.nextDecayMs()
    if (dueMs === null || this.parameters.readClock === 'event') return null
    return Math.max(0, dueMs - this.ports.wallMs(), this.decayedAtMs + DECAY_EVERY_MS - this.ports.monotonicMs())
  }

  /** True until everything that stood in the log when the job started has been applied: what was stored is not newer than that. */
  catchingUp(): boolean {
    return this.atStart !== null && !this.atStart.done
  }

  /** The view's epoch, where this job has the authority now. */
  authorise(epoch: number | null): void {
    this.ports.forward?.authorise(epoch)
  }

  /** Reads nothing more; answers `applied` when what was read has been applied. Reads of features go on. */
  hold(requestId: string): void {
    this.holding = true
    this.reach(requestId, this.pipeline.source.positions())
  }

  resume(): void {
    this.holding = false
    if (this.exactSavepoint) this.readOn()
  }

  /** Beyond the positions of a savepoint. */
  private readOn(): void {
    this.exactSavepoint = null
    this.stopAt(null)
  }

  /** Answers `applied` when everything before these positions has been applied. */
  reach(requestId: string, positions: PositionMap): void {
    this.questions.push({ requestId, watch: new AppliedWatch(this.pipeline, positions, this.goodAtStart) })
  }

  private answerQuestions(): void {
    if (this.questions.length === 0) return
    const answered = this.questions.filter(({ watch }) => watch.done)
    this.questions = this.questions.filter((question) => !answered.includes(question))
    const positions = this.pipeline.source.positions()
    for (const { requestId } of answered) void this.ports.send({ type: 'applied', requestId, positions })
  }

  private readClockMs(): number {
    const newest = this.pipeline.maxAppliedMs()
    return this.parameters.readClock === 'event' && Number.isFinite(newest) ? newest : this.ports.wallMs()
  }

  read(keys: readonly Record<string, unknown>[], atMs: number | null): Promise<FeatureRow[]> {
    const { plan } = this
    const context = {
      plan,
      keyFields: plan.keySlots.map((slot) => plan.fields[slot]!),
      ask: (asked: readonly KeyInGroup[]) =>
        this.pipeline.ask({
          keys: asked,
          atMs,
          clockMs: this.readClockMs(),
          isEventClock: this.parameters.readClock === 'event',
          decays: atMs === null && !this.catchingUp(),
        }),
      coverage: () => this.pipeline.source.coverage,
      catchingUp: () => this.catchingUp(),
      ttlMs: this.parameters.ttlMs,
      store: this.ports.online,
    }
    return answerRead(context, keys, atMs)
  }

  /** Once a second: metrics, dead letters, the memory limit. */
  report(): void {
    const { ports, pipeline } = this
    this.outbox.send()
    const counters: Record<string, number> = {}
    for (const counted of [pipeline.source.evaluator.counters, ...pipeline.counters()])
      for (const [name, count] of Object.entries(counted)) counters[name] = (counters[name] ?? 0) + count
    const metrics = this.metrics.take({
      pipeline,
      wallMs: ports.wallMs(),
      monotonicMs: ports.monotonicMs(),
      readClock: this.parameters.readClock,
      heapBytes: ports.heapBytes(),
      catchingUp: this.catchingUp() || this.rewriting,
      counters,
      hasCut: this.start.archive !== undefined,
      plan: this.planned,
      split: this.split,
      forward: ports.forward?.report() ?? null,
      streams: streamsOf(this.start.definition),
    })
    void ports.send({ type: 'metrics', metrics })
    if (metrics.stateBytes > this.parameters.memoryLimitBytes)
      this.failure ??= new MemoryLimitPassed(metrics.stateBytes, this.parameters.memoryLimitBytes)
  }

  get historyRetentionMs(): number {
    return this.parameters.historyRetentionMs
  }

  /** Those parameters that take effect now. */
  configure(parameters: JobParameters): void {
    const {
      readClock,
      futureSkewMs,
      idleTimeoutMs,
      ttlMs,
      deadLetterRateLimit,
      batchSize,
      memoryLimitBytes,
      checkpointTolerableFailures,
      historyRetentionMs,
    } = parameters
    this.parameters = {
      ...this.parameters,
      readClock,
      futureSkewMs,
      idleTimeoutMs,
      ttlMs,
      deadLetterRateLimit,
      batchSize,
      memoryLimitBytes,
      checkpointTolerableFailures,
      historyRetentionMs,
    }
    this.pipeline.configure(parameters)
    this.coordinator.configure(checkpointParameters(parameters))
  }

  requestCheckpoint(requestId: string): void {
    this.coordinator.request({ kind: 'checkpoint', path: null, requestId })
  }

  /** `at`: it is written at exactly these positions, whatever holds the job now. */
  requestSavepoint(requestId: string, path: string, at?: { positions: PositionMap; stays: boolean }): void {
    const full = this.fullPath(path)
    this.savepointPaths.set(full, path)
    const request = { kind: 'savepoint', path: full, requestId } as const
    if (at) {
      this.holding = false
      this.exactSavepoint = new ExactSavepoint(request, at)
      this.stopAt(at.positions)
    } else this.coordinator.request(request)
  }

  /** Applies what was read, takes a last checkpoint, closes everything. */
  async stop(): Promise<void> {
    this.stopping = true
    await this.pipeline.drain()
    // By the event clock all is said that the events say: the stores end the same, whenever the last look at them was.
    if (this.parameters.readClock === 'event' && !this.catchingUp())
      while (!this.pipeline.decay(this.readClockMs())) await this.pipeline.drain()
    await this.pipeline.drain()
    await this.coordinator.settled()
    this.coordinator.request({ kind: 'checkpoint', path: null, requestId: null })
    for (let barrier = this.coordinator.next(); barrier; barrier = this.coordinator.next()) {
      this.outbox.beforeSnapshot()
      this.pipeline.inject(barrier)
      await this.pipeline.drain()
      await this.coordinator.settled()
    }
    await this.coordinator.stop()
    await this.ports.forward?.settled()
    this.outbox.send()
    await this.close()
  }

  async close(): Promise<void> {
    await this.pipeline.close()
    const { source, archive, online, history, forward } = this.ports
    for (const part of [online, history, forward, archive, source]) await part?.close()
  }

  /** What was refused, told even when the job ends because of it. */
  tellDeadLetters(): void {
    this.outbox.send()
  }

  private get shape(): string {
    return stateShape(this.plan, this.parameters.order)
  }

  /** How far goes what is said of everything read until now: rows that wait for the watermark are not said yet. */
  private reaches(): Omit<Reach, 'streams'> {
    const { watermarkMs } = this.pipeline.source.watermarks
    const waits = this.parameters.order === 'event_time' || this.plan.group !== null
    return {
      positions: this.pipeline.source.positions(),
      beforeMs: waits ? Math.max(watermarkMs, NOTHING_YET_MS) : null,
    }
  }

  private facts() {
    const { view, version, jobId, run } = this.start
    const { watermarks } = this.pipeline.source
    const finite = (value: number) => (Number.isFinite(value) ? value : null)
    return {
      view,
      viewVersion: version,
      jobId,
      run,
      features: [...this.featureIds],
      stateShape: this.shape,
      keyGroups: KEY_GROUPS,
      parallelism: this.pipeline.keyed.length,
      positions: this.pipeline.source.positions(),
      watermarkMs: finite(watermarks.watermarkMs),
      maxEventTimeMs: finite(watermarks.maxEventTimeMs()),
      extra: this.rewriting ? { rewriting: true } : {},
    }
  }
}

function checkpointParameters(parameters: JobParameters): CheckpointParameters {
  return {
    intervalMs: parameters.checkpointIntervalMs,
    timeoutMs: parameters.checkpointTimeoutMs,
    minPauseMs: parameters.checkpointMinPauseMs,
    tolerableFailures: parameters.checkpointTolerableFailures,
    retention: parameters.checkpointRetention,
  }
}
