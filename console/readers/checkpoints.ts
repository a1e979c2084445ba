import { EvenflowError } from '../../contract/errors.ts'
import type { Checkpoint, CheckpointDetail, CheckpointHistory } from '../../contract/http-api.ts'
import type { PositionMap } from '../../contract/job-ipc.ts'
import type { ViewDefinition } from '../../definition/model.ts'
import { streamsOf } from '../../definition/union-partitions.ts'
import type { ConsoleContext } from '../context.ts'
import { iso } from '../context.ts'
import { before, page, pageSize } from './page.ts'
import { effectiveForJob } from './parameters.ts'
import { summarise } from './summarise.ts'

const shownConfiguration = [
  'checkpointInterval',
  'checkpointTimeout',
  'checkpointMinPause',
  'checkpointTolerableFailures',
  'checkpointRetention',
]
const summarised = 1000

/** Newest first. Counts are over all that is stored; the summary is over the newest thousand that completed. */
export async function checkpointHistory(
  ctx: ConsoleContext,
  jobId: number,
  query: { cursor?: number | undefined; limit?: number | undefined },
): Promise<CheckpointHistory> {
  const job = await ctx.db.job.findUnique({ where: { id: jobId } })
  if (!job) throw new EvenflowError('not_found', `There is no job ${jobId}.`)
  const size = pageSize(query.limit)
  const of = (status?: string) => ctx.db.checkpoint.count({ where: { jobId, ...(status && { status }) } })
  const latest = (status: string) => ctx.db.checkpoint.findFirst({ where: { jobId, status }, orderBy: { id: 'desc' } })
  const [rows, triggered, inProgress, completed, failed, restored, latestCompleted, latestFailed, restore, sample, parameters] =
    await Promise.all([
      ctx.db.checkpoint.findMany({ where: { jobId, ...before(query.cursor) }, orderBy: { id: 'desc' }, take: size + 1 }),
      of(),
      of('IN_PROGRESS'),
      of('COMPLETED'),
      of('FAILED'),
      ctx.db.jobRun.count({ where: { jobId, restoredFrom: { not: null } } }),
      latest('COMPLETED'),
      latest('FAILED'),
      ctx.db.jobRun.findFirst({ where: { jobId, restoredFrom: { not: null } }, orderBy: { run: 'desc' } }),
      ctx.db.checkpoint.findMany({
        where: { jobId, status: 'COMPLETED' },
        orderBy: { id: 'desc' },
        take: summarised,
        select: { durationMs: true, checkpointedBytes: true, fullBytes: true, subtasks: { select: { syncMs: true } } },
      }),
      effectiveForJob(ctx, job),
    ])
  return {
    ...page(rows, size, toCheckpoint),
    counts: { triggered, inProgress, completed, failed, restored },
    latestCompleted: latestCompleted && toCheckpoint(latestCompleted),
    latestFailed: latestFailed && toCheckpoint(latestFailed),
    latestRestore: restore && {
      at: restore.startedAt.toISOString(),
      kind: restore.restoredKind ?? 'checkpoint',
      path: restore.restoredFrom!,
    },
    summary: [
      ...summarise(
        'durationMs',
        sample.flatMap((row) => row.durationMs ?? []),
      ),
      ...summarise(
        'checkpointedBytes',
        sample.map((row) => Number(row.checkpointedBytes)),
      ),
      ...summarise(
        'fullBytes',
        sample.map((row) => Number(row.fullBytes)),
      ),
      // the data stands still while a subtask copies what it owns: the longest one is the pause
      ...summarise(
        'pauseMs',
        sample.flatMap((row) => (row.subtasks.length > 0 ? Math.max(...row.subtasks.map(({ syncMs }) => syncMs)) : [])),
      ),
    ],
    configuration: parameters.filter(({ key }) => shownConfiguration.includes(key)).map(({ key, value }) => ({ key, value })),
  }
}

/** `id` is the checkpoint's own id, the one in lists. */
export async function readCheckpoint(ctx: ConsoleContext, jobId: number, id: number): Promise<CheckpointDetail> {
  const row = await ctx.db.checkpoint.findUnique({
    where: { id },
    include: {
      subtasks: { orderBy: [{ operator: 'asc' }, { subtask: 'asc' }] },
      job: { select: { viewId: true, version: true, view: { select: { name: true } } } },
    },
  })
  if (!row || row.jobId !== jobId)
    throw new EvenflowError('not_found', `Job ${jobId} has no checkpoint ${id}.`, {
      hint: `GET /api/v1/jobs/${jobId}/checkpoints lists those that are there.`,
    })
  return {
    ...toCheckpoint(row),
    view: row.job.view.name,
    streams: await streamsOfVersion(ctx, row.job),
    subtasks: row.subtasks.map((one) => ({
      operator: one.operator,
      subtask: one.subtask,
      acknowledgedAtMs: one.acknowledgedAt?.getTime() ?? null,
      startDelayMs: one.startDelayMs,
      alignmentMs: one.alignmentMs,
      syncMs: one.syncMs,
      asyncMs: one.asyncMs,
      endToEndMs: one.endToEndMs,
      checkpointedBytes: Number(one.checkpointedBytes),
      fullBytes: Number(one.fullBytes),
      processedBytes: Number(one.processedBytes),
    })),
  }
}

async function streamsOfVersion(ctx: ConsoleContext, { viewId, version }: { viewId: string; version: number }): Promise<string[]> {
  const { definition } = await ctx.db.viewVersion.findUniqueOrThrow({
    where: { viewId_version: { viewId, version } },
    select: { definition: true },
  })
  return streamsOf(definition as unknown as ViewDefinition)
}

type Row = {
  id: number
  jobId: number
  run: number
  number: number
  kind: string
  status: string
  triggeredAt: Date
  completedAt: Date | null
  durationMs: number | null
  checkpointedBytes: bigint
  fullBytes: bigint
  processedBytes: bigint
  positions: unknown
  maxEventTimeMs: number | null
  watermarkMs: number | null
  path: string | null
  discardedAt: Date | null
  failureReason: string | null
  failureMessage: string | null
}

const toCheckpoint = (row: Row): Checkpoint => ({
  id: row.id,
  jobId: row.jobId,
  run: row.run,
  number: row.number,
  kind: row.kind as Checkpoint['kind'],
  status: row.status as Checkpoint['status'],
  triggeredAt: row.triggeredAt.toISOString(),
  completedAt: iso(row.completedAt),
  durationMs: row.durationMs,
  checkpointedBytes: Number(row.checkpointedBytes),
  fullBytes: Number(row.fullBytes),
  processedBytes: Number(row.processedBytes),
  positions: (row.positions ?? {}) as PositionMap,
  maxEventTimeMs: row.maxEventTimeMs,
  watermarkMs: row.watermarkMs,
  path: row.path,
  discardedAt: iso(row.discardedAt),
  failureReason: row.failureReason as Checkpoint['failureReason'],
  failureMessage: row.failureMessage,
})
