import { EvenflowError } from '../../contract/errors.ts'
import type { DeadLetter, Stream } from '../../contract/http-api.ts'
import type { ViewDefinition } from '../../definition/model.ts'
import { streamsOf } from '../../definition/union-partitions.ts'
import type { ConsoleContext } from '../context.ts'
import { before, page, pageSize } from './page.ts'

/** Figures come from the engine; null where it does not answer. One that is down is asked once, not once a stream. */
export async function listStreams(ctx: ConsoleContext): Promise<{ items: Stream[] }> {
  const rows = await ctx.db.stream.findMany({ orderBy: { name: 'asc' }, include })
  const first = rows[0] ? await statsOf(ctx, rows[0].name) : null
  const rest = first === 'down' ? rows.slice(1).map(() => null) : await Promise.all(rows.slice(1).map((row) => statsOf(ctx, row.name)))
  const stats = [first, ...rest].map((one) => (one === 'down' ? null : one))
  const readers = await readersOf(ctx)
  return { items: rows.map((row, i) => toStream(row, readers, stats[i] ?? null)) }
}

export async function readStream(ctx: ConsoleContext, name: string): Promise<Stream> {
  const row = await ctx.db.stream.findUnique({ where: { name }, include })
  if (!row) throw noStream(name)
  const stats = await statsOf(ctx, name)
  return toStream(row, await readersOf(ctx), stats === 'down' ? null : stats)
}

export async function mustBeStream(ctx: ConsoleContext, name: string): Promise<void> {
  if ((await ctx.db.stream.count({ where: { name } })) === 0) throw noStream(name)
}

export async function listDeadLetters(
  ctx: ConsoleContext,
  name: string,
  query: { cursor?: number | undefined; limit?: number | undefined; late?: boolean | undefined },
) {
  const stream = await ctx.db.stream.findUnique({ where: { name }, select: { id: true } })
  if (!stream) throw noStream(name)
  const size = pageSize(query.limit)
  const rows = await ctx.db.deadLetter.findMany({
    where: { streamId: stream.id, ...before(query.cursor), ...(query.late !== undefined && { late: query.late }) },
    orderBy: { id: 'desc' },
    take: size + 1,
  })
  return page(
    rows,
    size,
    (row): DeadLetter => ({
      id: row.id,
      partition: row.partition,
      offset: row.offset === null ? null : Number(row.offset),
      jobId: row.jobId,
      code: row.code,
      message: row.message,
      raw: row.raw,
      late: row.late,
      receivedAt: row.receivedAt.toISOString(),
    }),
  )
}

const include = { _count: { select: { deadLetters: true } } } as const

/** By stream: the views whose newest version reads it. */
type Readers = ReadonlyMap<string, readonly string[]>

async function readersOf(ctx: ConsoleContext): Promise<Readers> {
  const views = await ctx.db.view.findMany({
    orderBy: { name: 'asc' },
    select: { name: true, versions: { orderBy: { version: 'desc' }, take: 1, select: { definition: true } } },
  })
  const readers = new Map<string, string[]>()
  for (const { name, versions } of views)
    for (const stream of new Set(versions.flatMap(({ definition }) => streamsOf(definition as unknown as ViewDefinition))))
      readers.set(stream, [...(readers.get(stream) ?? []), name])
  return readers
}

async function statsOf(ctx: ConsoleContext, name: string): Promise<Stream['stats'] | 'down'> {
  try {
    return await ctx.engine.streamStats(name)
  } catch (error) {
    return error instanceof EvenflowError && error.code === 'engine_unreachable' ? 'down' : null
  }
}

type Row = {
  name: string
  fields: unknown
  eventTime: string
  partitions: number
  partitionBy: string | null
  source: unknown
  note: string | null
  createdAt: Date
  createdBy: string
  _count: { deadLetters: number }
}

const toStream = (row: Row, readers: Readers, stats: Stream['stats']): Stream => ({
  name: row.name,
  fields: row.fields as Stream['fields'],
  eventTime: row.eventTime,
  partitions: row.partitions,
  partitionBy: row.partitionBy,
  source: row.source as Stream['source'],
  note: row.note,
  createdAt: row.createdAt.toISOString(),
  createdBy: row.createdBy,
  views: [...(readers.get(row.name) ?? [])],
  deadLetters: row._count.deadLetters,
  stats,
})

const noStream = (name: string) =>
  new EvenflowError('not_found', `There is no stream ${name}.`, { hint: 'GET /api/v1/streams lists those that are there.' })
