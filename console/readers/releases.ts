import { z } from 'zod'
import { Comparison } from '../../contract/comparison.ts'
import { EvenflowError } from '../../contract/errors.ts'
import type { Release, ReleaseState } from '../../contract/http-api.ts'
import { Gate, Release as ReleaseShape } from '../../contract/http-api.ts'
import { isEnded, stepsOfKind } from '../../contract/release-machine.ts'
import { allowedActions, waitsFor } from '../../contract/release-rules.ts'
import { told } from '../../contract/release-words.ts'
import type { Prisma } from '../../db/client.ts'
import type { ConsoleContext } from '../context.ts'
import { iso } from '../context.ts'
import { may, minimumRole } from '../auth/permissions.ts'
import { situationOf } from '../releases/situation.ts'
import { viewParameters } from './view-parameters.ts'
import { before, page, pageSize } from './page.ts'

const shownFacts = 500
const measurements = ['gates', 'progress'] // written every few seconds: only the newest of each is shown
const ofPeople = ['created', 'approved'] // few, and looked for however long the log is

export async function listReleases(
  ctx: ConsoleContext,
  query: { view?: string | undefined; cursor?: number | undefined; limit?: number | undefined },
) {
  const size = pageSize(query.limit, 100)
  const rows = await ctx.db.release.findMany({
    where: { ...before(query.cursor), ...(query.view !== undefined && { view: { name: query.view } }) },
    orderBy: { id: 'desc' },
    take: size + 1,
    include: { ...include, facts: { ...include.facts, take: 50 } },
  })
  const open = rows.filter((row) => !isEnded(row.state as ReleaseState))
  const job1s = await observedJobs(ctx, rows)
  const backfills = await backfillJobs(ctx, rows)
  const measured = new Map(await Promise.all(open.map(async (row) => [row.id, await newestMeasurements(ctx, row.id)] as const)))
  const hours = await cutoverHoursOf(ctx, open)
  return page(rows, size, (row) => toRelease(ctx, row, { ...measured.get(row.id), hours: hours.get(row.view.name) }, job1s, backfills))
}

export async function readRelease(ctx: ConsoleContext, id: number): Promise<Release> {
  const row = await ctx.db.release.findUnique({ where: { id }, include })
  if (!row) throw new EvenflowError('not_found', `There is no release ${id}.`, { hint: 'GET /api/v1/releases lists those that are there.' })
  const hours = (await cutoverHoursOf(ctx, [row])).get(row.view.name)
  const measured = { ...(await newestMeasurements(ctx, id)), hours }
  return toRelease(ctx, row, measured, await observedJobs(ctx, [row]), await backfillJobs(ctx, [row]))
}

/** By view. */
async function cutoverHoursOf(ctx: ConsoleContext, rows: readonly { view: { name: string } }[]): Promise<ReadonlyMap<string, string>> {
  const views = [...new Set(rows.map(({ view }) => view.name))]
  return new Map(await Promise.all(views.map(async (view) => [view, (await viewParameters(ctx.db, view)).cutoverHours.value] as const)))
}

/** How the old jobs of these releases are: a way back needs one that runs. */
async function observedJobs(ctx: ConsoleContext, rows: readonly { job1Id: number | null }[]): Promise<ReadonlyMap<number, string>> {
  const ids = rows.flatMap(({ job1Id }) => (job1Id === null ? [] : [job1Id]))
  const jobs = ids.length === 0 ? [] : await ctx.db.job.findMany({ where: { id: { in: ids } }, select: { id: true, observed: true } })
  return new Map(jobs.map(({ id, observed }) => [id, observed]))
}

/** By release: the job that computes what is new; it is neither of the two that take turns. */
async function backfillJobs(ctx: ConsoleContext, rows: readonly { id: number; kind: string }[]): Promise<ReadonlyMap<number, number>> {
  const ids = rows.flatMap(({ id, kind }) => (kind === 'new_features' ? [id] : []))
  if (ids.length === 0) return new Map()
  const jobs = await ctx.db.job.findMany({ where: { releaseId: { in: ids } }, select: { id: true, releaseId: true, startFrom: true } })
  return new Map(
    jobs.flatMap(({ id, releaseId, startFrom }) =>
      releaseId !== null && (startFrom as { backfill?: unknown } | null)?.backfill != null ? [[releaseId, id] as const] : [],
    ),
  )
}

type Measured = { gates?: unknown; progress?: unknown; people?: { kind: string; payload: unknown }[]; hours?: string | undefined }

async function newestMeasurements(ctx: ConsoleContext, releaseId: number): Promise<Measured> {
  const newest = await Promise.all(
    measurements.map((kind) => ctx.db.releaseFact.findFirst({ where: { releaseId, kind }, orderBy: { id: 'desc' } })),
  )
  const people = await ctx.db.releaseFact.findMany({ where: { releaseId, kind: { in: ofPeople } }, select: { kind: true, payload: true } })
  return { ...Object.fromEntries(newest.flatMap((fact) => (fact ? [[fact.kind, fact.payload]] : []))), people }
}

const include = {
  view: { select: { name: true, authority: { select: { jobId: true } } } },
  facts: { where: { kind: { notIn: measurements } }, orderBy: { id: 'desc' }, take: shownFacts },
} satisfies Prisma.ReleaseInclude

type Row = NonNullable<Awaited<ReturnType<typeof rowFor>>>
const rowFor = (ctx: ConsoleContext) => ctx.db.release.findFirst({ include })

function toRelease(
  ctx: ConsoleContext,
  row: Row,
  measured: Measured,
  jobs: ReadonlyMap<number, string>,
  backfills: ReadonlyMap<number, number>,
): Release {
  const situation = situationOf(row, {
    facts: row.facts,
    people: measured.people ?? [],
    job1: row.job1Id === null ? null : { observed: jobs.get(row.job1Id) ?? '' },
    cutoverHours: measured.hours ?? 'any',
    actor: ctx.actor,
    nowMs: ctx.now().getTime(),
  })
  const offered = allowedActions(situation)
  const notAllowed = told('why_role', { role: minimumRole['releases.act'] })
  const facts = row.facts.map(({ id, at, kind, payload }) => ({
    id,
    at: at.toISOString(),
    kind,
    payload: (payload ?? {}) as Record<string, unknown>,
  }))
  const state = row.state as ReleaseState
  const gates = z.array(Gate).safeParse((measured.gates as { gates?: unknown } | undefined)?.gates)
  const progress = ReleaseShape.shape.progress.safeParse(measured.progress ?? null)
  return {
    id: row.id,
    view: row.view.name,
    kind: row.kind,
    fromVersion: row.fromVersion,
    toVersion: row.toVersion,
    state,
    stateSinceMs: row.stateSince.getTime(),
    createdAt: row.createdAt.toISOString(),
    createdBy: row.createdBy,
    endedAt: iso(row.endedAt),
    failure: row.failure,
    request: row.request as Release['request'],
    jobs: {
      job1: row.job1Id,
      job2: row.job2Id,
      backfill: backfills.get(row.id) ?? null,
      authoritative: row.view.authority?.jobId ?? null,
    },
    steps: stepTimes(row, state),
    gates: gates.success ? gates.data : [],
    facts,
    progress: progress.success ? progress.data : null,
    comparison: comparisonOf(facts),
    allowedActions: may(ctx.actor.role, 'releases.act')
      ? offered
      : offered.map(({ action }) => ({ action, enabled: false, why: notAllowed.text, told: notAllowed })),
    waitsFor: waitsFor(situation),
  }
}

function comparisonOf(facts: Release['facts']): Release['comparison'] {
  const compared = Comparison.safeParse(facts.find(({ kind }) => kind === 'compared')?.payload)
  return compared.success ? compared.data : null
}

/** A step's times are those of the `state` facts; what the release went through beyond its plan (ABORTED, FAILED) is its last step. */
function stepTimes(row: Row, state: ReleaseState): Release['steps'] {
  const entered = new Map<string, number>()
  const left = new Map<string, number>()
  for (const fact of [...row.facts].reverse()) {
    if (fact.kind !== 'state') continue
    const { from, to } = fact.payload as { from?: string | null; to?: string }
    if (from) left.set(from, fact.at.getTime())
    if (to && !entered.has(to)) entered.set(to, fact.at.getTime())
  }
  if (!entered.has(state)) entered.set(state, row.stateSince.getTime())
  const planned = stepsOfKind(row.kind)
  const walked = [...entered.keys()].filter((one): one is ReleaseState => !planned.includes(one as ReleaseState))
  return [...planned, ...walked].map((step) => {
    const startedAtMs = entered.get(step) ?? null
    const ended = isEnded(step) ? startedAtMs : (left.get(step) ?? null)
    return { state: step, startedAtMs, endedAtMs: startedAtMs === null ? null : ended }
  })
}
