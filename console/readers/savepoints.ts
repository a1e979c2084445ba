import { EvenflowError } from '../../contract/errors.ts'
import type { Savepoint } from '../../contract/http-api.ts'
import type { PositionMap } from '../../contract/job-ipc.ts'
import type { ConsoleContext } from '../context.ts'
import { iso } from '../context.ts'
import { before, page, pageSize } from './page.ts'

export async function listSavepoints(
  ctx: ConsoleContext,
  query: { view?: string | undefined; job?: number | undefined; cursor?: number | undefined; limit?: number | undefined },
) {
  const size = pageSize(query.limit)
  const view = query.view === undefined ? null : await ctx.db.view.findUnique({ where: { name: query.view }, select: { id: true } })
  if (query.view !== undefined && !view) return { items: [] }
  const rows = await ctx.db.savepoint.findMany({
    where: { ...before(query.cursor), ...(view && { viewId: view.id }), ...(query.job !== undefined && { jobId: query.job }) },
    orderBy: { id: 'desc' },
    take: size + 1,
  })
  const [names, backfills] = await Promise.all([viewNames(ctx, rows), backfillJobs(ctx, rows)])
  return page(rows, size, (row) => toSavepoint(row, names, backfills))
}

export async function readSavepoint(ctx: ConsoleContext, id: number): Promise<Savepoint> {
  const row = await ctx.db.savepoint.findUnique({ where: { id } })
  if (!row) throw new EvenflowError('not_found', `There is no savepoint ${id}.`)
  return toSavepoint(row, await viewNames(ctx, [row]), await backfillJobs(ctx, [row]))
}

async function viewNames(ctx: ConsoleContext, rows: { viewId: string }[]): Promise<Map<string, string>> {
  const views = await ctx.db.view.findMany({
    where: { id: { in: [...new Set(rows.map(({ viewId }) => viewId))] } },
    select: { id: true, name: true },
  })
  return new Map(views.map(({ id, name }) => [id, name]))
}

/** A backfill's savepoint holds some features of its version: no job begins there by itself. */
async function backfillJobs(ctx: ConsoleContext, rows: { jobId: number }[]): Promise<ReadonlySet<number>> {
  const jobs = await ctx.db.job.findMany({ where: { id: { in: rows.map(({ jobId }) => jobId) } }, select: { id: true, startFrom: true } })
  return new Set(jobs.filter(({ startFrom }) => (startFrom as { backfill?: unknown } | null)?.backfill != null).map(({ id }) => id))
}

type Row = NonNullable<Awaited<ReturnType<ConsoleContext['db']['savepoint']['findUnique']>>>

/** A job restarts from a savepoint of its own version; taking state over into another version is a release. */
const toSavepoint = (row: Row, views: Map<string, string>, backfills: ReadonlySet<number>): Savepoint => ({
  id: row.id,
  jobId: row.jobId,
  view: views.get(row.viewId) ?? row.viewId,
  version: row.version,
  name: row.name,
  note: row.note,
  status: row.status as Savepoint['status'],
  path: row.path,
  sizeBytes: Number(row.sizeBytes),
  positions: row.positions as PositionMap | null,
  maxEventTimeMs: row.maxEventTimeMs,
  pinned: row.pinned,
  pinnedReason: row.pinnedReason,
  failureMessage: row.failureMessage,
  createdAt: row.createdAt.toISOString(),
  createdBy: row.createdBy,
  completedAt: iso(row.completedAt),
  disposedAt: iso(row.disposedAt),
  restorableBy: row.status === 'COMPLETED' && !backfills.has(row.jobId) ? [row.version] : [],
})
