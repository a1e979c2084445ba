/** A release row with its facts, as the steps see it, and the two ways a step may change it: a fact, and one conditional change of state. */
import type { Db } from '../../db/client.ts'
import type { StreamStats } from '../../contract/engine-api.ts'
import type { ReleaseState } from '../../contract/http-api.ts'
import type { Comparison } from '../../contract/comparison.ts'
import type { JobMetrics, PositionMap } from '../../contract/job-ipc.ts'
import { isEnded, type ReleaseEvent, transition } from '../../contract/release-machine.ts'
import type { Told } from '../../contract/told.ts'
import type { Hints } from '../../definition/model.ts'
import type { EffectiveParameters } from '../../definition/parameters.ts'
import type { CompareTask } from '../compare/compare-task.ts'

export interface ReleaseFact {
  readonly id: number
  readonly kind: string
  readonly payload: Record<string, unknown>
  readonly atMs: number
}

export interface ReleaseRow {
  readonly id: number
  readonly viewId: string
  readonly view: string
  readonly kind: string
  readonly fromVersion: number | null
  readonly toVersion: number
  readonly state: ReleaseState
  readonly stateSinceMs: number
  readonly generation: number
  readonly request: Record<string, unknown>
  readonly job1Id: number | null
  readonly job2Id: number | null
  readonly facts: readonly ReleaseFact[]
}

/** What a step may ask of a job's process. */
export interface RunningJob {
  /** only one that is RUNNING answers */
  readonly observed: string
  /** newest metrics; null: not heard of yet */
  readonly metrics: JobMetrics | null
  /** rows of its archive that it has loaded, before it runs; null: it loads none now */
  readonly loading?: { readonly rows: number; readonly of: number } | null
  /** where it answers reads */
  readonly socketPath: string
  hold(): Promise<PositionMap | null>
  resume(): void
  reach(positions: PositionMap): Promise<boolean>
  /** kill -9 where nothing has come from it for as long as its lease is valid: a stopped process may hold locks of the stores */
  endIfSilent(): void
}

export interface StepContext {
  readonly db: Db
  readonly dataDir: string
  readonly now: () => number
  /** hosts other than loopback that rows may be posted to */
  readonly webhookHosts?: readonly string[]
  /** null: it has no process */
  readonly running: (jobId: number) => RunningJob | null
  readonly parameters: (view: string, hints: Hints) => EffectiveParameters
  /** Has a running job write its savepoint row's files. @throws when it does not run */
  readonly savepoint: (jobId: number, savepointId: number, at?: { positions: PositionMap; stays: boolean }) => Promise<void>
  /** Compares two jobs at one position vector; `served`: the new one is asked nothing more. Rejects where nothing could be found out. */
  readonly compare: (task: CompareTask, served: () => void) => Promise<Comparison>
  /** what stands in a stream's log now */
  readonly streamStats: (stream: string) => Promise<StreamStats>
  readonly wake: () => void
}

/** What a step answers: the state changed, or it waits for something. */
export type StepResult = 'moved' | 'waiting'
export type Step = (release: ReleaseRow, context: StepContext) => Promise<StepResult>

export async function readRelease(db: Db, id: number): Promise<ReleaseRow> {
  const { facts, view, ...row } = await db.release.findUniqueOrThrow({
    where: { id },
    include: { facts: { orderBy: { id: 'asc' } }, view: { select: { name: true } } },
  })
  return {
    ...row,
    view: view.name,
    state: row.state as ReleaseState,
    stateSinceMs: row.stateSince.getTime(),
    request: row.request as Record<string, unknown>,
    facts: facts
      .filter((fact) => fact.generation === row.generation)
      .map((fact) => ({ id: fact.id, kind: fact.kind, payload: fact.payload as Record<string, unknown>, atMs: fact.at.getTime() })),
  }
}

export async function addFact({ db, now }: StepContext, release: ReleaseRow, kind: string, payload: object): Promise<void> {
  await db.releaseFact.create({ data: { releaseId: release.id, generation: release.generation, at: new Date(now()), kind, payload } })
}

export const lastFact = (release: ReleaseRow, kind: string): ReleaseFact | undefined => release.facts.findLast((fact) => fact.kind === kind)

/** An action asked for since the last change of state. */
export function pendingAction(release: ReleaseRow): ReleaseFact | undefined {
  const state = lastFact(release, 'state')
  return release.facts.findLast((fact) => fact.kind === 'action' && fact.id > (state?.id ?? 0))
}

/** From the state that the step saw to the one that follows the event, with its fact; nothing where somebody else moved it first. */
export async function moveOn(
  context: StepContext,
  release: ReleaseRow,
  event: ReleaseEvent,
  more: { data?: { job1Id?: number; job2Id?: number; fromVersion?: number; failure?: string; kind?: string }; payload?: object } = {},
): Promise<StepResult> {
  const to = transition(more.data?.kind ?? release.kind, release.state, event)
  if (to === null) throw new Error(`${event} means nothing to release ${release.id} of kind ${release.kind} in ${release.state}`)
  const at = new Date(context.now())
  await context.db.$transaction(async (tx) => {
    const { count } = await tx.release.updateMany({
      where: { id: release.id, state: release.state, generation: release.generation },
      data: { state: to, stateSince: at, ...(isEnded(to) && { endedAt: at }), ...more.data },
    })
    if (count === 0) return
    await tx.releaseFact.create({
      data: {
        releaseId: release.id,
        generation: release.generation,
        at,
        kind: 'state',
        payload: { from: release.state, to, ...more.payload },
      },
    })
    if (to === 'ABORTED' || to === 'FAILED') await tx.job.updateMany({ where: { releaseId: release.id }, data: { desired: 'STOPPED' } })
    // Nothing goes back to it any more: from now on a person may dispose of it.
    const begun = release.facts.filter(({ kind }) => kind === 'savepoint_begun' || kind === 'backfill_savepoint_begun')
    const savepoints = begun.map(({ payload }) => Number(payload.savepointId))
    if (isEnded(to) && savepoints.length > 0)
      await tx.savepoint.updateMany({ where: { id: { in: savepoints } }, data: { pinned: false, pinnedReason: null } })
    if (release.state === 'COMPARING') await disposeOfCompared(tx, release, context.now())
  })
  context.wake()
  return 'moved'
}

/** `way`: what to do instead, where something can be said. */
export const fail = (context: StepContext, release: ReleaseRow, failure: Told, way?: Told): Promise<StepResult> =>
  moveOn(context, release, 'fail', {
    data: { failure: way ? `${failure.text} ${way.text}` : failure.text },
    payload: { failure, ...(way && { way }) },
  })

/** Savepoints that were only there to be compared. One that is still being written is left to a person, unpinned. */
export async function disposeOfCompared(db: Pick<Db, 'savepoint'>, release: ReleaseRow, nowMs: number): Promise<void> {
  const begun = release.facts.filter(({ kind }) => kind === 'compare_begun')
  const savepoints = begun
    .flatMap(({ payload }) => [payload.savepoint1, payload.savepoint2])
    .flatMap((id) => (id === null ? [] : [Number(id)]))
  const where = { id: { in: savepoints } }
  const unpinned = { pinned: false, pinnedReason: null }
  await db.savepoint.updateMany({ where, data: unpinned })
  await db.savepoint.updateMany({
    where: { ...where, status: 'COMPLETED' },
    data: { status: 'DISPOSED', disposedAt: new Date(nowMs), disposedBy: 'release' },
  })
}
