/**
 * Desired jobs → running jobs. Looks at the database every half second and whenever woken, starts, stops and restarts
 * processes, then lets the releases move on. One look at a time; a failed look is logged and the next one tries again.
 */
import type { LiveJobs } from '../../contract/engine-api.ts'
import type { EngineContext } from './context.ts'
import { readJobs } from './desired-jobs.ts'
import { type ParameterStore, readParameters } from './parameter-store.ts'
import { superviseJob, type SupervisedJob } from './supervised-job.ts'
import { isAlive, commandOf } from '../fence/data-directory.ts'
import { closeOpenRecords } from './job-record.ts'

const TICK_MS = 400
const APPENDED_EVERY_MS = 2

export interface Supervisor {
  readonly jobs: ReadonlyMap<number, SupervisedJob>
  readonly parameters: ParameterStore
  wake(): void
  /** Tells the jobs that read this stream that there is more. */
  appended(stream: string): void
  live(): LiveJobs
  /** Called at every change of a job's observed state; answers how to stop listening. */
  onChange(listener: () => void): () => void
  close(): Promise<void>
}

export async function startSupervisor(
  context: EngineContext,
  options: { entry: string; socketDir: string; env: NodeJS.ProcessEnv; afterJobs: (supervisor: Supervisor) => Promise<boolean> },
): Promise<Supervisor> {
  const { db, now, log } = context
  await cleanUpAfterPrevious(context)
  const jobs = new Map<number, SupervisedJob>()
  const listeners = new Set<() => void>()
  const desiredById = new Map<number, 'RUNNING' | 'STOPPED'>()
  const authoritative = new Set<number>()
  let parameters = await readParameters(db)
  let timer: NodeJS.Timeout | undefined
  let look: Promise<void> | undefined
  let again = false
  let closed = false
  let authorityKnown = false

  async function reconcile(): Promise<void> {
    parameters = await readParameters(db)
    const desired = await readJobs(db)
    const authorities = await db.authority.findMany({ select: { jobId: true } })
    authoritative.clear()
    for (const { jobId } of authorities) if (jobId !== null) authoritative.add(jobId)
    authorityKnown = true
    const seen = new Set(desired.map((job) => job.id))
    for (const id of jobs.keys()) if (!seen.has(id) && !jobs.get(id)?.alive) jobs.delete(id)
    await Promise.all(
      desired.map((job) => {
        let supervised = jobs.get(job.id)
        if (!supervised) {
          supervised = superviseJob(context, job, {
            entry: options.entry,
            socketDir: options.socketDir,
            env: options.env,
            onChange: changed,
          })
          jobs.set(job.id, supervised)
        }
        desiredById.set(job.id, job.desired as 'RUNNING' | 'STOPPED')
        const effective = parameters.ofJob({
          id: job.id,
          view: job.view,
          hints: hintsOf(job),
          historyEventTimeMs: job.startFrom.historyEventTimeMs ?? null,
        })
        return supervised.follow(job, effective)
      }),
    )
    if (!closed && (await options.afterJobs(supervisor))) again = true
  }

  function schedule(delayMs: number): void {
    clearTimeout(timer)
    if (!closed) timer = setTimeout(run, delayMs)
  }
  function run(): void {
    if (closed) return
    if (look) {
      again = true
      return
    }
    again = false
    look = reconcile()
      .catch((error: unknown) => log.error({ error }, 'reconciliation failed'))
      .finally(() => {
        look = undefined
        schedule(again ? 0 : TICK_MS)
      })
  }
  let changeQueued = false
  function changed(): void {
    if (changeQueued) return
    changeQueued = true
    setImmediate(() => {
      changeQueued = false
      for (const listener of listeners) listener()
    })
    run()
  }

  const metricsTimer = setInterval(() => {
    for (const job of jobs.values()) void job.writeMetrics()
  }, 1000)
  const appendedSoon = new Set<string>()
  const supervisor: Supervisor = {
    jobs,
    get parameters() {
      return parameters
    },
    wake: run,
    appended(stream) {
      if (appendedSoon.has(stream)) return
      appendedSoon.add(stream)
      setTimeout(() => {
        appendedSoon.delete(stream)
        for (const job of jobs.values()) if (job.streams.includes(stream) && job.alive) job.send({ type: 'appended', stream })
      }, APPENDED_EVERY_MS)
    },
    live: () => ({
      atMs: now(),
      jobs: [...jobs.values()].map((job) => ({
        id: job.id,
        view: job.view,
        version: job.version,
        desired: desiredById.get(job.id) ?? 'STOPPED',
        observed: job.observed,
        reason: job.reason,
        restarts: job.restarts,
        authoritative: authorityKnown && authoritative.has(job.id),
        metrics: job.alive ? job.metrics : null,
      })),
    }),
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    async close() {
      closed = true
      clearTimeout(timer)
      clearInterval(metricsTimer)
      await look
      await Promise.all([...jobs.values()].map((job) => job.shutdown()))
    },
  }
  run()
  return supervisor
}

/** Promise 7: where the events of a key may come from several partitions, event_time order is the default. */
function hintsOf(job: Awaited<ReturnType<typeof readJobs>>[number]) {
  const { hints, key } = job.definition
  const [stream, ...others] = job.streams
  const onePartitionPerKey =
    others.length === 0 && (stream!.partitions === 1 || (stream!.partitionBy !== null && key.includes(stream!.partitionBy)))
  return hints.order === undefined && !onePartitionPerKey ? { ...hints, order: 'event_time' as const } : hints
}

/** Processes of an engine that was killed end by themselves (their channel is cut); one that doesn't is ended here, before anything new starts. */
async function cleanUpAfterPrevious(context: EngineContext): Promise<void> {
  const { db, log, now } = context
  const left = await db.job.findMany({ where: { pid: { not: null } }, select: { id: true, pid: true } })
  const deadlineMs = performance.now() + 3000
  for (const { id, pid } of left) {
    if (pid === null) continue
    while (isAlive(pid) && isOurs(pid) && performance.now() < deadlineMs) await new Promise((resolve) => setTimeout(resolve, 50))
    if (isAlive(pid) && isOurs(pid)) {
      log.warn({ job: id, pid }, 'a job process outlived its engine and is ended')
      process.kill(pid, 'SIGKILL')
    }
  }
  const open = await db.jobRun.findMany({ where: { endedAt: null }, select: { id: true, jobId: true } })
  for (const jobId of new Set(open.map((run) => run.jobId))) await closeOpenRecords(context, jobId)
  // After their records: a run that has not ended is how the next engine finds them, should this one be killed here.
  await db.jobRun.updateMany({
    where: { id: { in: open.map((run) => run.id) } },
    data: { endedAt: new Date(now()), outcome: 'killed', message: 'The engine ended without stopping its jobs.' },
  })
  await db.job.updateMany({ where: { pid: { not: null } }, data: { pid: null } })
}

const isOurs = (pid: number): boolean => /engine[\\/]job[\\/]/.test(commandOf(pid))
