/**
 * What a person may do to a release now. Pure; the console answers with it and holds every request against it.
 * Facts (ReleaseFact rows) that both sides rely on:
 *   created  { by }                          by the console, with the row (state QUEUED)
 *   state    { from, to, … }                 one at every change of state; a step's times are taken from these
 *   gates    { gates: Gate[] }               the newest one is shown as the checklist
 *   progress { positionRead, positionEnd, eventsPerSecond, secondsLeft }
 *   compare_begun { attempt, … }, compare_again { attempt, why }, compared (contract/comparison.ts)
 *   action   { action, by, reason? }         asked for by a person; the driver answers by moving on
 *   approved { by, byId }                    by a second person; it holds for the whole release
 * Any other kind is a line of the log.
 */
import type { z } from 'zod'
import type { AllowedAction, ReleaseState } from './http-api.ts'
import { isBeforeCutover, isEnded } from './release-machine.ts'
import { told } from './release-words.ts'
import type { Told } from './told.ts'

export type ReleaseSituation = {
  kind: string
  state: ReleaseState
  mode: 'automatic' | 'gated'
  /** the old job: null where the release replaces none */
  job1: { id: number; runs: boolean } | null
  /** an action that was asked for and that the driver has not answered yet */
  pending: string | null
  /** null: it needs none; `by` null: nobody has approved it yet */
  approval: { by: string | null } | null
  /** who asked for it, where that is the person who looks; null: somebody else did */
  askedByMe: string | null
  /** when cutoverHours begin; null: they allow a cutover now */
  opensAtMs: number | null
  /** of COMPARING: what came of it so far; `failing`: it could not be done and is tried again */
  comparison: 'none' | 'failing' | 'equal' | 'differs'
}

type Action = z.infer<typeof AllowedAction>

/** Only what makes sense in this state is listed; what is listed and not enabled says why. Cutting over by hand is for gated releases. */
export function allowedActions(situation: ReleaseSituation): Action[] {
  const { kind, state, mode, job1, pending, approval, askedByMe, comparison } = situation
  if (isEnded(state)) return []
  const busy = pending === null ? null : told('why_pending', { action: pending })
  const actions: Action[] = []
  const add = (action: Action['action'], why: Told | null) =>
    actions.push({ action, enabled: why === null, ...(why !== null && { why: why.text, told: why }) })
  if (isBeforeCutover(kind, state)) {
    if (approval && approval.by === null) add('approve', busy ?? (askedByMe === null ? null : told('why_requester', { by: askedByMe })))
    if (mode === 'gated') add('cutover', busy ?? (state === 'READY' ? standsInTheWay(situation) : told('why_gates')))
    if (state === 'COMPARING' && comparison !== 'equal') add('overrule', busy ?? (comparison === 'none' ? told('why_comparing') : null))
    add('abort', busy)
  }
  if (state === 'SOAKING') {
    if (job1) add('rollback', busy ?? (job1.runs ? null : told('why_job_gone', { job: job1.id })))
    add('finish', busy)
  }
  return actions
}

/** Of a release that is READY: what keeps it from its cutover, automatic or by hand. */
export function standsInTheWay({ approval, opensAtMs }: Pick<ReleaseSituation, 'approval' | 'opensAtMs'>): Told | null {
  if (approval && approval.by === null) return told('why_approval')
  return opensAtMs === null ? null : told('why_hours', { opensAtMs })
}

/** What a release waits for that is READY, or held because values differ; null: for nothing but its next step. */
export function waitsFor({ state, mode, pending, approval, opensAtMs, comparison }: ReleaseSituation): Told | null {
  if (state === 'COMPARING') return comparison === 'differs' && pending === null ? told('waits_differing') : null
  if (state !== 'READY') return null
  if (approval && approval.by === null) return told('waits_approval')
  if (opensAtMs !== null) return told('waits_hours', { opensAtMs })
  return mode === 'gated' && pending === null ? told('waits_cutover') : null
}
