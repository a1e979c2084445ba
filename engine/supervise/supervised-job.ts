/** One desired job and, while it runs, its process: start, follow its reports, notice its end, decide on the next start. */
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type {
  DeadLetterReport,
  FromJob,
  JobMetrics,
  JobParameters,
  PositionMap,
  StuckCall,
  ToJob,
  CheckpointReport,
} from '../../contract/job-ipc.ts'
import { streamPartition } from '../../definition/union-partitions.ts'
import type { EffectiveParameters } from '../../definition/parameters.ts'
import { toJobParameters } from '../../definition/parameters.ts'
import { backOff } from './back-off.ts'
import type { EngineContext } from './context.ts'
import type { DesiredJob, StartFrom } from './desired-jobs.ts'
import { startJobProcess, type JobExit, type JobProcess } from './job-process.ts'
import { closeOpenRecords, recordCheckpoint, recordDeadLetters, recordException } from './job-record.ts'
import { recordWrites } from './record-writes.ts'
import { effectiveWhileRunning } from './parameter-store.ts'
import { restorePointOf, RestorePointMissing } from './restore-point.ts'
import type { StoredStream } from './source-streams.ts'

const ANSWER_WITHIN_MS = 2000

export type Observed = 'STARTING' | 'RUNNING' | 'RESTARTING' | 'STOPPING' | 'STOPPED' | 'FAILED'

export type Loading = Pick<Extract<FromJob, { type: 'loading' }>, 'rows' | 'of'>

export interface SupervisedJob {
  readonly id: number
  readonly view: string
  readonly version: number
  readonly streams: readonly string[]
  readonly observed: Observed
  readonly reason: string | null
  readonly restarts: number
  readonly metrics: JobMetrics | null
  /** before it runs: how much of its archive it has loaded; null: it loads none */
  readonly loading: Loading | null
  readonly alive: boolean
  readonly socketPath: string
  /** Brings what runs nearer to what is desired; called at each reconciliation, does nothing when they agree. */
  follow(desired: DesiredJob, parameters: EffectiveParameters): Promise<void>
  send(message: ToJob): void
  /** The job reads nothing more until `resume`. Its positions, all applied; null: it does not run or does not answer. */
  hold(): Promise<PositionMap | null>
  resume(): void
  /** True once the job serves everything before these positions; false: it does not run, or not soon enough. */
  reach(positions: PositionMap): Promise<boolean>
  /** kill -9 where nothing has come from it for as long as its lease is valid */
  endIfSilent(): void
  /** Asks for a checkpoint and resolves with its end. */
  checkpoint(requestId: string): Promise<CheckpointReport>
  writeMetrics(): Promise<void>
  /** The engine ends: stop after a final checkpoint, desired state untouched. */
  shutdown(): Promise<void>
}

export function superviseJob(
  context: EngineContext,
  first: DesiredJob,
  options: { entry: string; socketDir: string; env: NodeJS.ProcessEnv; onChange: () => void },
): SupervisedJob {
  const { db, now } = context
  const log = context.log.child({ job: first.id, view: first.view })
  const pause = backOff()
  const socketPath = join(options.socketDir, `j${first.id}.sock`)
  let job = first
  let observed: Observed = first.observed as Observed
  let reason: string | null = null
  let restarts = 0
  let metrics: JobMetrics | null = null
  let metricsDirty = false
  let loading: Loading | null = null
  let process: JobProcess | undefined
  let starting = false
  let startedAtMs = 0
  let notBeforeMs = 0
  let followed = first.observedGeneration
  let atStart: EffectiveParameters | undefined
  let latest: EffectiveParameters | undefined
  let sent = ''
  let failure: Extract<FromJob, { type: 'failed' }> | undefined
  let shuttingDown = false
  /** questions about positions that the job has not answered yet */
  const asked = new Map<string, (positions: PositionMap | null) => void>()
  const waiting = new Map<string, { resolve: (report: CheckpointReport) => void; reject: (error: Error) => void }>()

  const records = recordWrites(log)
  const { write } = records
  const observe = (state: Observed, why: string | null, more: Record<string, unknown> = {}): Promise<void> => {
    observed = state
    reason = why
    options.onChange()
    return write('state', () =>
      db.job.updateMany({ where: { id: job.id }, data: { observed: state, observedReason: why, observedAt: new Date(now()), ...more } }),
    )
  }

  function onMessage(message: FromJob): void {
    const run = job.run
    switch (message.type) {
      case 'loading':
        loading = message.of > 0 ? message : null
        break
      case 'running':
        loading = null
        void observe('RUNNING', null, { startedAt: new Date(startedAtMs), stoppedAt: null })
        void write('run', () => db.jobRun.updateMany({ where: { jobId: job.id, run }, data: { runningAt: new Date(now()) } }))
        for (const { partition, from, to } of message.moved ?? [])
          void write('exception', () =>
            recordException(context, job.id, run, {
              code: 'position_moved',
              message: `Partition ${partitionText(partition)} was read on from position ${to} instead of ${from}, as was asked for: the events between are not in the values.`,
              stack: null,
            }),
          )
        break
      case 'metrics':
        metrics = message.metrics
        metricsDirty = true
        break
      case 'checkpoint': {
        const report = message.checkpoint
        const recorded = write('checkpoint', () => recordCheckpoint(context, job.id, report))
        const waiter = report.requestId === null || report.status === 'IN_PROGRESS' ? undefined : waiting.get(report.requestId)
        if (waiter && report.requestId !== null) {
          waiting.delete(report.requestId)
          void recorded.then(() => waiter.resolve(report))
        }
        break
      }
      case 'deadLetters':
        recordLetters(message.items, message.late)
        break
      case 'failed':
        failure = message
        void write('exception', () =>
          recordException(context, job.id, run, { code: message.code, message: message.message, stack: message.stack }),
        )
        break
      case 'applied':
        asked.get(message.requestId)?.(message.positions)
        break
      case 'stopped':
        break // its exit follows
    }
  }

  /** The job goes on without that feature, until a person restarts it or another version is released; a backfill, which is for it, ends. */
  function onStuck({ feature, partition, offset, withinMs }: StuckCall): void {
    const { run, generation } = job
    const isBackfill = job.startFrom.backfill != null
    const next = isBackfill
      ? 'Correct its file and release a new version.'
      : 'The job starts again without it; correct its file and release a new version, or restart the job to try again.'
    const message = `The feature ${feature} did not come back within ${withinMs / 1000} seconds at partition ${partitionText(partition)}, position ${offset}. ${next}`
    failure = { type: 'failed', code: 'code_feature_stuck', message, stack: null, fatal: isBackfill }
    const names = [...new Set([...disabledCode(), feature])]
    job = { ...job, startFrom: { ...job.startFrom, disabledCode: { generation, names } } }
    void write('disabled feature', () => db.job.updateMany({ where: { id: job.id, generation }, data: { startFrom: job.startFrom } }))
    void write('exception', () => recordException(context, job.id, run, { code: 'code_feature_stuck', message, stack: null }))
    const letter = { partition, offset, code: `code_feature:${feature}`, message, raw: '' }
    recordLetters([letter], false)
  }

  /** To the stream that each is of. */
  function recordLetters(items: readonly DeadLetterReport[], late: boolean): void {
    const names = job.streams.map(({ name }) => name)
    const placed = items.map((item) => ({ item, place: streamPartition(names, item.partition) }))
    for (const { id, name } of new Map(job.streams.map((stream) => [stream.name, stream])).values()) {
      const own = placed.flatMap(({ item, place }) => (place.stream === name ? { ...item, partition: place.partition } : []))
      if (own.length > 0) void write('dead letters', () => recordDeadLetters(context, { id: job.id, streamId: id }, own, late))
    }
  }

  /** A partition as a person finds it again. */
  function partitionText(numbered: number): string {
    const { stream, partition } = streamPartition(
      job.streams.map(({ name }) => name),
      numbered,
    )
    return job.streams.length > 1 ? `${partition} of ${stream}` : String(partition)
  }

  /** Features that this start leaves out. */
  function disabledCode(): readonly string[] {
    const { disabledCode: disabled } = job.startFrom
    return disabled?.generation === job.generation ? disabled.names : []
  }

  async function start(): Promise<void> {
    const run = job.run + 1
    const isAskedFor = job.generation > job.observedGeneration
    const epoch = job.epoch + 1
    const restore = await restorePointOf(db, job)
    const startFrom = followedIn(run, job.startFrom)
    const { count } = await db.job.updateMany({
      where: { id: job.id, run: job.run, epoch: job.epoch },
      data: {
        run,
        epoch,
        observedGeneration: job.generation,
        ...(startFrom !== job.startFrom && { startFrom }),
      },
    })
    if (count === 0) return // somebody changed the row just now: look again at the next reconciliation
    await db.jobRun.create({
      data: {
        jobId: job.id,
        run,
        startedAt: new Date(now()),
        restoredFrom: restore?.path ?? null,
        restoredKind: restore?.kind ?? null,
        restoredCheckpointId: restore?.checkpointId ?? null,
        restoredSavepointId: restore?.savepointId ?? null,
      },
    })
    if (shuttingDown) return
    job = { ...job, run, epoch, startFrom }
    followed = job.generation
    atStart = latest as EffectiveParameters
    const { backfill } = job.startFrom
    const parameters: JobParameters = { ...toJobParameters(atStart), ...(backfill && { onlineStore: false }) }
    sent = JSON.stringify(parameters)
    failure = undefined
    startedAtMs = now()
    const child = startJobProcess({
      entry: options.entry,
      env: options.env,
      start: {
        type: 'start',
        jobId: job.id,
        run,
        epoch,
        view: job.view,
        version: job.version,
        parallelism: job.parallelism,
        definition: job.definition,
        stream: startStream(job),
        parameters,
        dataDir: context.dataDir,
        socketPath,
        restoreFrom: restore && {
          kind: restore.kind,
          path: restore.path,
          outOfRange: restore.outOfRange,
          ...(restore.rewrites && { rewrites: true }),
          ...(restore.adapt && { adapt: restore.adapt }),
        },
        disabledCode: [...disabledCode()],
        forgiveCode: isAskedFor,
        ...(job.startFrom.archive && { archive: job.startFrom.archive }),
        ...(job.startFrom.forward && { forward: { target: job.startFrom.forward, authority: job.authority } }),
        ...(backfill && { until: { positions: backfill.positions, watermarkMs: backfill.watermarkMs } }),
      },
      onMessage,
      onStuck,
      onUnreadable: (text) => log.error({ text }, 'the job said something unknown'),
    })
    process = child
    void child.exited.then((exit) => onExit(child, exit))
    log.info({ run, epoch, pid: child.pid, restoredFrom: restore?.path ?? null }, 'job started')
    await observe('STARTING', null, { pid: child.pid })
    await write('pid', () => db.jobRun.updateMany({ where: { jobId: job.id, run }, data: { pid: child.pid } }))
  }

  async function onExit(child: JobProcess, exit: JobExit): Promise<void> {
    process = undefined
    loading = null
    for (const waiter of waiting.values()) waiter.reject(new Error('The job ended before the checkpoint did.'))
    waiting.clear()
    for (const answer of asked.values()) answer(null)
    const clean = child.stopping && exit.code === 0
    const how = exit.killedFor ?? (exit.signal ? `the process was ended by ${exit.signal}` : `the process ended with code ${exit.code}`)
    const message = failure?.message ?? how
    const outcome = clean ? 'stopped' : failure ? 'failed' : exit.signal || exit.killedFor ? 'killed' : 'crashed'
    const endedAt = new Date(now())
    log.info({ run: job.run, outcome, message }, 'job ended')
    void write('run', () =>
      db.jobRun.updateMany({ where: { jobId: job.id, run: job.run }, data: { endedAt, outcome, message: clean ? null : message } }),
    )
    void write('open records', () => closeOpenRecords(context, job.id))
    if (!clean && !failure)
      void write('exception', () => recordException(context, job.id, job.run, { code: outcome, message: how, stack: null }))
    await endState(child, clean, message, endedAt)
  }

  function endState(child: JobProcess, clean: boolean, message: string, endedAt: Date): Promise<void> {
    if (child.stopping && !failure?.fatal) return observe('STOPPED', clean ? null : message, { pid: null, stoppedAt: endedAt })
    if (failure?.fatal) return observe('FAILED', message, { pid: null, stoppedAt: endedAt })
    restarts++
    const pauseMs = pause.next((latest as EffectiveParameters).restartBackoff.value, now() - startedAtMs)
    notBeforeMs = now() + pauseMs
    return observe('RESTARTING', `${message}; starting again in ${Math.round(pauseMs / 100) / 10} seconds`, {
      pid: null,
      restarts: { increment: 1 },
    })
  }

  function ask(question: Extract<ToJob, { type: 'hold' | 'reach' }>): Promise<PositionMap | null> {
    const child = process
    if (!child || child.stopping || observed !== 'RUNNING') return Promise.resolve(null)
    return new Promise((resolve) => {
      const answer = (positions: PositionMap | null) => {
        clearTimeout(timer)
        asked.delete(question.requestId)
        resolve(positions)
      }
      const timer = setTimeout(() => answer(null), ANSWER_WITHIN_MS)
      asked.set(question.requestId, answer)
      child.send(question)
    })
  }

  return {
    id: job.id,
    view: job.view,
    version: job.version,
    get streams() {
      return job.streams.map(({ name }) => name)
    },
    get observed() {
      return observed
    },
    get reason() {
      return reason
    },
    get restarts() {
      return restarts
    },
    get metrics() {
      return metrics
    },
    get loading() {
      return loading
    },
    get alive() {
      return process !== undefined
    },
    socketPath,
    async follow(desired, parameters) {
      if (starting) return
      latest = parameters
      const wanted = desired.desired === 'RUNNING' && !shuttingDown
      if (process) {
        if (!process.stopping && (!wanted || desired.generation > followed)) {
          process.stop()
          await observe(wanted ? 'RESTARTING' : 'STOPPING', wanted ? 'a restart was asked for' : null)
        } else if (atStart) {
          const current = effectiveWhileRunning(atStart, parameters)
          const text = JSON.stringify(current)
          if (text !== sent) {
            sent = text
            process.send({ type: 'parameters', parameters: current })
          }
          if (desired.authority !== job.authority) {
            job = { ...job, authority: desired.authority }
            process.send({ type: 'authority', epoch: desired.authority })
          }
        }
        return
      }
      await records.settled()
      if (!wanted) {
        if (observed !== 'STOPPED' && observed !== 'FAILED') await observe('STOPPED', null, { pid: null, stoppedAt: new Date(now()) })
        return
      }
      if (observed === 'FAILED' && desired.generation <= followed) return
      if (desired.generation <= followed && now() < notBeforeMs) return
      starting = true
      try {
        const { disabledCode: stuck } = job.startFrom // may be newer than what was read
        job = desired.run === job.run || desired.run > job.run ? desired : { ...desired, run: job.run, epoch: job.epoch }
        if (stuck?.generation === job.generation) job = { ...job, startFrom: { ...job.startFrom, disabledCode: stuck } }
        await start()
      } catch (error) {
        followed = desired.generation
        const text = (error as Error).message
        log.error({ error }, 'job could not be started')
        if (error instanceof RestorePointMissing) await observe('FAILED', text, { observedGeneration: desired.generation })
        else {
          notBeforeMs = now() + pause.next(parameters.restartBackoff.value, 0)
          await observe('RESTARTING', `it could not be started: ${text}`)
        }
      } finally {
        starting = false
      }
    },
    send: (message) => process?.send(message),
    hold: () => ask({ type: 'hold', requestId: randomUUID() }),
    resume: () => process?.send({ type: 'resume' }),
    reach: async (positions) => (await ask({ type: 'reach', requestId: randomUUID(), positions })) !== null,
    endIfSilent: () => process?.endIfSilent(),
    checkpoint(requestId) {
      const child = process
      if (!child || child.stopping || observed !== 'RUNNING')
        return Promise.reject(new Error(`Job ${job.id} is not running: it is ${observed.toLowerCase()}.`))
      return new Promise((resolve, reject) => {
        waiting.set(requestId, { resolve, reject })
        child.send({ type: 'checkpoint', requestId })
      })
    },
    async writeMetrics() {
      if (!metricsDirty || !metrics) return
      metricsDirty = false
      const newest = metrics
      await write('metrics', () => db.job.updateMany({ where: { id: job.id }, data: { metrics: newest, observedAt: new Date(now()) } }))
    },
    async shutdown() {
      shuttingDown = true
      records.hurry()
      const child = process
      child?.stop()
      await child?.exited
      await new Promise((resolve) => setImmediate(resolve)) // the exit's own records are queued by now
      await records.settled()
    },
  }
}

/** What the job reads, with the streams of a union. */
function startStream({ source, streams }: DesiredJob): Extract<ToJob, { type: 'start' }>['stream'] {
  const own = ({ name, fields, eventTime, partitions }: StoredStream) => ({ name, fields, eventTime, partitions })
  const { name, fields, eventTime } = source
  const partitions = streams.reduce((sum, stream) => sum + stream.partitions, 0)
  return { name, fields, eventTime, partitions, ...(source.branches && { branches: streams.map(own) }) }
}

/** The wish with the run that follows it first, so that later runs know. */
function followedIn(run: number, startFrom: StartFrom): StartFrom {
  const isWish = Boolean(startFrom.savepointId || startFrom.checkpointId || startFrom.fresh)
  const followed = {
    ...(isWish && !startFrom.appliedRun && { appliedRun: run }),
    ...(startFrom.outOfRange && !startFrom.outOfRangeRun && { outOfRangeRun: run }),
  }
  return Object.keys(followed).length > 0 ? { ...startFrom, ...followed } : startFrom
}
