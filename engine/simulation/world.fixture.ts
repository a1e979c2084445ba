/**
 * A job with everything around it in one thread: the real engine core (sources, operators, checkpoints, reads) over a log, files and
 * stores in memory, on a clock that a seed moves. Processes die, machines lose power, stopped ones come back: what is left in the
 * stores must be what a run without faults leaves.
 */
import type { FromJob, JobParameters } from '../../contract/job-ipc.ts'
import type { StreamSchema, ViewDefinition } from '../../definition/model.ts'
import { resolveParameters, toJobParameters } from '../../definition/parameters.ts'
import { MemoryFs } from '../checkpoint/memory-fs.fixture.ts'
import type { SnapshotFs } from '../checkpoint/snapshot-fs.ts'
import { forwardedRow } from '../forward/forwarded-row.ts'
import { Forwarder } from '../forward/forwarder.ts'
import { Job } from '../job/job.ts'
import type { StartMessage } from '../job/ports.ts'
import { Fenced } from '../sink/port.ts'
import { compareVersions } from '../task/run-view.fixture.ts'
import { MemoryLog } from './memory-log.fixture.ts'
import { MemoryStores } from './memory-stores.fixture.ts'
import { Random } from './random.fixture.ts'
import { Died, quiet, Scheduler } from './scheduler.fixture.ts'
import { simulatedFs } from './simulated-fs.fixture.ts'
import { simulatedThreads } from './simulated-threads.fixture.ts'

export interface WorldOptions {
  readonly definition: ViewDefinition
  readonly stream: StreamSchema
  readonly events: readonly { readonly partition: number; readonly value: string }[]
  readonly partitions: number
  readonly seed: number
  readonly parameters?: Partial<JobParameters>
  /** each process has so many keyed subtasks as a seed says, in threads where there are several */
  readonly threads?: boolean
  /** rows are sent on to a stream too */
  readonly forwards?: boolean
}

/** How a process ends: at which of its operations, and with what. */
export interface Fault {
  readonly dieAt: number
  readonly how: 'killed' | 'powerLost' | 'stopped'
}

/** More than any run of a test needs. */
const TURNS_AT_MOST = 20_000
const KEY_FIELD = 'card'
const NEVER = [Number.NEGATIVE_INFINITY, 0, 0]

export class World {
  readonly scheduler: Scheduler
  readonly stores: MemoryStores
  readonly files = new MemoryFs()
  readonly refused = new Set<string>()
  readonly outcomes: string[] = []
  /** operations of each process, in order */
  readonly operations: number[] = []
  private readonly options: WorldOptions
  private readonly random: Random
  private readonly log: MemoryLog
  private readonly shown = new Map<string, readonly number[]>()
  private newest: { kind: 'checkpoint'; path: string } | null = null
  private run = 0
  private appended = 0
  private wallMs = 1e12
  private monotonicMs = 0

  constructor(options: WorldOptions) {
    this.options = options
    this.random = new Random(options.seed)
    this.scheduler = new Scheduler(this.random)
    this.stores = new MemoryStores(this.scheduler)
    this.log = new MemoryLog(options.partitions)
  }

  /** To the end of the events, through these faults: a process each, then one that lives. */
  async live(faults: readonly Fault[] = []): Promise<void> {
    await this.files.makeDirectory('/data') // there and durable long before the first job
    await this.files.syncDirectory('/')
    for (const fault of [...faults, null]) {
      const job = this.start(fault?.dieAt ?? Number.POSITIVE_INFINITY)
      const died = job === null || (await this.work(job))
      this.operations.push(this.scheduler.operations)
      if (!died) return // it came to the end before its fault
      if (fault) await this.bury(job, fault)
    }
    throw new Error(`the last process died too: ${this.scheduler.death}`)
  }

  /** Null: it died before there was a job. */
  private start(dieAt: number): Job | null {
    try {
      return this.newJob(dieAt)
    } catch (error) {
      if (error instanceof Died) return null
      throw error
    }
  }

  private newJob(dieAt: number): Job {
    const run = ++this.run
    const { options, scheduler, random } = this
    scheduler.begin(run, dieAt)
    const { online, history } = this.stores.open(run, run)
    const fs = simulatedFs(this.files, scheduler, run)
    return new Job(this.startMessage(run), {
      source: this.log.source(random, (name) => scheduler.now(run, name)),
      online,
      history,
      forward: options.forwards ? this.forwarder(run, fs) : null,
      fs,
      startThread: simulatedThreads(run, scheduler, random),
      wake: () => {},
      wallMs: () => this.wallMs,
      threadMs: () => 0,
      monotonicMs: () => (this.monotonicMs += options.seed === 0 ? 0.01 : random.next()),
      heapBytes: () => 0,
      send: (message) => this.send(run, message),
    })
  }

  private forwarder(run: number, fs: SnapshotFs): Forwarder {
    const features = this.options.definition.features.map(({ name }) => name)
    return new Forwarder({
      fs,
      dataDir: '/data',
      directory: 'forward/v/job-1',
      run,
      start: run,
      authority: 1,
      target: this.stores.target(run),
      streams: ['pay'],
      toJson: forwardedRow({ view: 'v', version: 1, keyFields: [KEY_FIELD], features }),
    })
  }

  private startMessage(run: number): StartMessage {
    const { definition, stream, partitions, parameters } = this.options
    return {
      type: 'start',
      jobId: 1,
      run,
      epoch: run,
      view: 'v',
      version: 1,
      parallelism: this.options.threads ? this.random.pick([1, 2, 3]) : 1,
      definition,
      stream: { ...stream, partitions },
      parameters: {
        ...(toJobParameters(resolveParameters({ hints: definition.hints })) as JobParameters),
        checkpointIntervalMs: 25,
        checkpointTimeoutMs: 400,
        checkpointMinPauseMs: 0,
        checkpointTolerableFailures: 1000,
        checkpointRetention: 2,
        idleTimeoutMs: 1e9,
        outOfOrdernessMs: 2000,
        allowedLatenessMs: 3000,
        readClock: 'event',
        deadLetterRateLimit: 1,
        ...parameters,
      },
      dataDir: '/data',
      socketPath: '',
      restoreFrom: this.newest,
    }
  }

  /** What the supervisor writes down. Messages of a process that is not the newest are not heard. */
  private async send(run: number, message: FromJob): Promise<void> {
    if (run !== this.run) return
    try {
      this.scheduler.now(run, `tell ${message.type}`)
    } catch {
      return new Promise(() => {}) // the process is gone in the middle of it
    }
    if (message.type === 'checkpoint' && message.checkpoint.status !== 'IN_PROGRESS') {
      const { kind, status, path, failureReason } = message.checkpoint
      this.outcomes.push(`${kind} ${status} ${failureReason ?? ''}`.trim())
      if (kind === 'checkpoint' && status === 'COMPLETED') this.newest = { kind, path: path! }
    }
    if (message.type === 'deadLetters')
      for (const { partition, offset, code } of message.items) this.refused.add(`${partition}/${offset} ${code}`)
  }

  /** True: the process died. */
  private async work(job: Job): Promise<boolean> {
    if (await this.hasDied(job.open())) return true
    job.announce()
    const { random } = this
    for (let turn = 0; turn < TURNS_AT_MOST; turn++) {
      if (this.scheduler.death) return true
      this.wallMs += random.int(12)
      if (this.appended < this.options.events.length && random.chance(0.3)) this.append(1 + random.int(3))
      if (random.chance(0.02)) this.wallMs += 1000 // longer than a checkpoint may take
      if (random.chance(0.03)) job.requestSavepoint(`s${turn}`, `savepoints/${this.run}-${turn}`)
      for (let i = random.int(this.options.threads ? 30 : 6); i > 0; i--) {
        this.scheduler.release()
        await quiet()
      }
      if (random.chance(0.08) && (await this.hasDied(this.read(job)))) return true
      if (await this.hasDied(job.turn())) return true
      if (this.appended === this.options.events.length && !job.catchingUp() && this.isApplied(job)) return this.hasDied(job.stop())
    }
    throw new Error('the events were not applied in the end')
  }

  private append(count: number): void {
    for (const { partition, value } of this.options.events.slice(this.appended, this.appended + count)) {
      this.log.append(partition, value)
      this.appended++
    }
  }

  private isApplied(job: Job): boolean {
    return !job.pipeline.waiting && job.pipeline.source.ends().every(({ position, end }) => position === end)
  }

  /** Waits for it as the process would, letting other operations be done in between. */
  private async hasDied(work: Promise<unknown>): Promise<boolean> {
    let isOver = false
    let failure: unknown
    const end = work.then(
      () => {
        isOver = true
      },
      (error: unknown) => {
        isOver = true
        failure = error
      },
    )
    for (let idle = 0; !isOver; ) {
      await quiet()
      if (this.scheduler.death) return true
      if (isOver) break
      idle = this.scheduler.release() ? 0 : idle + 1
      if (idle > 100) throw new Error('the job waits for something that nobody does')
    }
    await end
    if (failure instanceof Died) return true
    if (failure) throw failure
    return this.scheduler.death !== null
  }

  /** DESIGN §5.9: never a step back, not over the death of a process either. */
  private async read(job: Job): Promise<void> {
    const keys = ['c0', 'c1', 'c2', 'c3', 'c4']
    const rows = await job.read(
      keys.map((key) => ({ [KEY_FIELD]: key })),
      null,
    )
    for (const [i, row] of rows.entries()) {
      const before = this.shown.get(keys[i]!)
      const isForgotten = row.version === null && this.options.parameters?.ttlMs != null
      if (before && !isForgotten && compareVersions(row.version ?? NEVER, before) < 0)
        throw new Error(`a step back of ${keys[i]}: ${JSON.stringify(row)} after ${JSON.stringify(before)}`)
      if (row.version) this.shown.set(keys[i]!, row.version)
    }
  }

  private async bury(job: Job | null, { how }: Fault): Promise<void> {
    const run = this.run
    if (how === 'powerLost') {
      this.files.tornShare = this.random.next()
      this.files.restart()
      this.stores.losePower()
      this.shown.clear() // what was shown and not flushed is lost with the machine
    }
    if (how !== 'stopped' || job === null) return this.scheduler.forget(run)
    // Stopped, taken for dead, and awake again when the next one runs: nothing it does may be taken.
    this.stores.open(run + 1, run + 1)
    this.scheduler.begin(-1, Number.POSITIVE_INFINITY)
    for (let i = 0; i < 20; i++) {
      const awake = job.turn().catch((error: unknown) => error)
      for (let step = 0; step < 10; step++) {
        await quiet()
        this.scheduler.release(run)
      }
      const end = await Promise.race([awake, quiet()])
      if (end instanceof Fenced) break
    }
    this.scheduler.forget(run)
  }
}
