/** A release row with its facts, as the steps see it, and the two ways a step may change it: a fact, and one conditional change of state. */
import type { Db } from '../../db/client.ts'
import type { ReleaseState } from '../../contract/http-api.ts'
import type { JobMetrics } from '../../contract/job-ipc.ts'

export interface ReleaseFact {
  readonly id: number
  readonly kind: string
  readonly payload: Record<string, unknown>
  readonly atMs: number
}

export interface ReleaseRow {
  readonly id: number
  readonly viewId: string
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

export interface StepContext {
  readonly db: Db
  readonly now: () => number
  /** newest metrics of a running job; null: not running or not heard of yet */
  readonly metricsOf: (jobId: number) => JobMetrics | null
  readonly wake: () => void
}

/** What a step answers: the state changed, or it waits for something. */
export type StepResult = 'moved' | 'waiting'
export type Step = (release: ReleaseRow, context: StepContext) => Promise<StepResult>

export async function readRelease(db: Db, id: number): Promise<ReleaseRow> {
  const { facts, ...row } = await db.release.findUniqueOrThrow({ where: { id }, include: { facts: { orderBy: { id: 'asc' } } } })
  return {
    ...row,
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

/** From the state that the step saw to the next, with its fact; false when somebody else moved it first. */
export async function moveTo(
  context: StepContext,
  release: ReleaseRow,
  to: ReleaseState,
  more: { data?: { job1Id?: number; job2Id?: number; fromVersion?: number; failure?: string }; payload?: object } = {},
): Promise<StepResult> {
  const at = new Date(context.now())
  const ended = ['DONE', 'ABORTED', 'ROLLED_BACK', 'FAILED'].includes(to)
  await context.db.$transaction(async (tx) => {
    const { count } = await tx.release.updateMany({
      where: { id: release.id, state: release.state, generation: release.generation },
      data: { state: to, stateSince: at, ...(ended && { endedAt: at }), ...more.data },
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
  })
  return 'moved'
}
