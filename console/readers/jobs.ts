import { EvenflowError } from '../../contract/errors.ts'
import type { LiveJobs } from '../../contract/engine-api.ts'
import type { Job, JobDetail } from '../../contract/http-api.ts'
import type { JobMetrics } from '../../contract/job-ipc.ts'
import type { ConsoleContext } from '../context.ts'
import { iso } from '../context.ts'
import { effectiveForJob } from './parameters.ts'

export async function listJobs(ctx: ConsoleContext, query: { view?: string | undefined } = {}): Promise<{ items: Job[] }> {
  const rows = await ctx.db.job.findMany({
    where: query.view === undefined ? {} : { view: { name: query.view } },
    orderBy: { id: 'desc' },
    take: 500,
    include,
  })
  return { items: rows.map(toJob) }
}

export async function readJobRow(ctx: ConsoleContext, id: number): Promise<Job> {
  return toJob(await rowOf(ctx, id))
}

export async function readJob(ctx: ConsoleContext, id: number): Promise<JobDetail> {
  const row = await rowOf(ctx, id)
  const [runs, exceptions, version, parameters] = await Promise.all([
    ctx.db.jobRun.findMany({ where: { jobId: id }, orderBy: { run: 'desc' }, take: 50 }),
    ctx.db.jobException.findMany({ where: { jobId: id }, orderBy: { lastAt: 'desc' }, take: 50 }),
    ctx.db.viewVersion.findUnique({ where: { viewId_version: { viewId: row.viewId, version: row.version } } }),
    effectiveForJob(ctx, row),
  ])
  return {
    ...toJob(row),
    runs: runs.map((run) => ({
      run: run.run,
      startedAt: run.startedAt.toISOString(),
      runningAt: iso(run.runningAt),
      endedAt: iso(run.endedAt),
      restoredFrom: run.restoredFrom,
      restoredKind: run.restoredKind,
      outcome: run.outcome,
      message: run.message,
    })),
    exceptions: exceptions.map(({ id: exceptionId, run, code, message, stack, firstAt, lastAt, count }) => ({
      id: exceptionId,
      run,
      code,
      message,
      stack,
      firstAt: firstAt.toISOString(),
      lastAt: lastAt.toISOString(),
      count,
    })),
    parameters,
    features: (version?.featureTypes ?? []) as JobDetail['features'],
  }
}

/** What the engine's live stream would say, as it was last written down. */
export async function storedLiveJobs(ctx: ConsoleContext): Promise<LiveJobs> {
  const rows = await ctx.db.job.findMany({ orderBy: { id: 'desc' }, take: 200, include })
  return {
    atMs: ctx.now().getTime(),
    jobs: rows.map((row) => {
      const { id, view, version, desired, observed, reason, restarts, authoritative, metrics } = toJob(row)
      return { id, view, version, desired, observed, reason, restarts, authoritative, metrics }
    }),
  }
}

const include = { view: { select: { name: true, authority: { select: { jobId: true } } } } } as const

async function rowOf(ctx: ConsoleContext, id: number) {
  const row = await ctx.db.job.findUnique({ where: { id }, include })
  if (!row) throw new EvenflowError('not_found', `There is no job ${id}.`, { hint: 'GET /api/v1/jobs lists those that are there.' })
  return row
}

function toJob(row: Awaited<ReturnType<typeof rowOf>>): Job {
  const metrics = row.metrics as JobMetrics | null
  return {
    id: row.id,
    view: row.view.name,
    version: row.version,
    releaseId: row.releaseId,
    desired: row.desired as Job['desired'],
    observed: row.observed as Job['observed'],
    observedAtMs: row.observedAt?.getTime() ?? null,
    reason: row.observedReason,
    authoritative: row.view.authority?.jobId === row.id,
    parallelism: row.parallelism,
    pid: row.pid,
    run: row.run,
    restarts: row.restarts,
    epoch: row.epoch,
    lagRecords: metrics?.lagRecords ?? null,
    maxEventTimeMs: metrics?.maxEventTimeMs ?? null,
    watermarkMs: metrics?.watermarkMs ?? null,
    eventsPerSecond: metrics?.eventsPerSecond ?? null,
    stateBytes: metrics?.stateBytes ?? null,
    metrics,
    createdAt: row.createdAt.toISOString(),
    startedAt: iso(row.startedAt),
    stoppedAt: iso(row.stoppedAt),
  }
}
