import { EvenflowError } from '../../contract/errors.ts'
import type { View, ViewVersion } from '../../contract/http-api.ts'
import { endedStates } from '../../contract/release-machine.ts'
import type { Prisma } from '../../db/client.ts'
import type { ConsoleContext } from '../context.ts'
import { toViewVersion } from './view-shapes.ts'

export async function listViews(ctx: ConsoleContext): Promise<{ items: View[] }> {
  const rows = await ctx.db.view.findMany({ orderBy: { name: 'asc' }, include })
  return { items: rows.flatMap((row) => toView(row) ?? []) }
}

export async function readView(ctx: ConsoleContext, name: string): Promise<View> {
  const row = await ctx.db.view.findUnique({ where: { name }, include })
  const view = row && toView(row)
  if (!view) throw noView(name)
  return view
}

export async function mustBeView(ctx: ConsoleContext, name: string): Promise<void> {
  if ((await ctx.db.view.count({ where: { name } })) === 0) throw noView(name)
}

/** Newest first. */
export async function listVersions(ctx: ConsoleContext, name: string): Promise<{ items: ViewVersion[] }> {
  await mustBeView(ctx, name)
  const rows = await ctx.db.viewVersion.findMany({ where: { view: { name } }, orderBy: { version: 'desc' } })
  return { items: rows.map((row) => toViewVersion(row, name)) }
}

export async function readVersion(ctx: ConsoleContext, name: string, version: number): Promise<ViewVersion> {
  const row = await ctx.db.viewVersion.findFirst({ where: { version, view: { name } } })
  if (!row) throw new EvenflowError('not_found', `The view ${name} has no version ${version}.`)
  return toViewVersion(row, name)
}

const include = {
  stream: { select: { name: true } },
  authority: true,
  versions: { orderBy: { version: 'desc' }, take: 1 },
  releases: { where: { state: { notIn: [...endedStates] } }, orderBy: { id: 'asc' }, take: 1, select: { id: true } },
} satisfies Prisma.ViewInclude

type Row = {
  name: string
  latestVersion: number
  createdAt: Date
  createdBy: string
  stream: { name: string }
  authority: { jobId: number | null; version: number } | null
  versions: Parameters<typeof toViewVersion>[0][]
  releases: { id: number }[]
}

function toView(row: Row): View | null {
  const latest = row.versions[0]
  if (!latest) return null
  const { sql, definition, types } = toViewVersion(latest, row.name)
  const running = row.authority?.jobId == null ? null : row.authority
  return {
    name: row.name,
    stream: row.stream.name,
    key: definition.key,
    sql,
    definition,
    types,
    latestVersion: row.latestVersion,
    ...(running && { runningVersion: running.version, runningJobId: running.jobId! }),
    ...(row.releases[0] && { releaseInProgress: row.releases[0].id }),
    createdAt: row.createdAt.toISOString(),
    createdBy: row.createdBy,
  }
}

const noView = (name: string) =>
  new EvenflowError('not_found', `There is no view ${name}.`, { hint: 'GET /api/v1/views lists those that are there.' })
