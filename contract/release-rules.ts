/**
 * What a release goes through and what a person may do to it now. Pure; the console answers with it, the engine's driver may walk it.
 * Facts (ReleaseFact rows) that both sides rely on:
 *   created  { by }                          by the console, with the row (state QUEUED)
 *   state    { from, to, … }                 one at every change of state; a step's times are taken from these
 *   gates    { gates: Gate[] }               the newest one is shown as the checklist
 *   progress { positionRead, positionEnd, eventsPerSecond, secondsLeft }
 *   action   { action, by, reason? }         asked for by a person; the driver answers by moving on
 * Any other kind is a line of the log.
 */
import type { z } from 'zod'
import type { AllowedAction, ReleaseState } from './http-api.ts'

export const endedStates: readonly ReleaseState[] = ['DONE', 'ABORTED', 'ROLLED_BACK', 'FAILED']
export const isEnded = (state: ReleaseState): boolean => endedStates.includes(state)

const beforeCutover: readonly ReleaseState[] = [
  'DRAFT',
  'QUEUED',
  'CHECKED',
  'SAVEPOINTING',
  'BACKFILLING',
  'STARTING',
  'CATCHING_UP',
  'COMPARING',
  'READY',
]

/** The steps of a kind, in order. */
export function stepsOfKind(kind: string): ReleaseState[] {
  if (kind === 'new_job') return ['QUEUED', 'CHECKED', 'STARTING', 'CATCHING_UP', 'READY', 'CUTTING_OVER', 'DONE']
  return [
    'QUEUED',
    'CHECKED',
    'SAVEPOINTING',
    'BACKFILLING',
    'STARTING',
    'CATCHING_UP',
    'COMPARING',
    'READY',
    'CUTTING_OVER',
    'SOAKING',
    'DONE',
  ]
}

export type ReleaseSituation = {
  state: ReleaseState
  mode: 'automatic' | 'gated'
  replacesAJob: boolean
  /** an action that was asked for and that the driver has not answered yet */
  pending: string | null
}

/** Only what makes sense in this state is listed; what is listed and not enabled says why. Cutting over by hand is for gated releases. */
export function allowedActions({ state, mode, replacesAJob, pending }: ReleaseSituation): z.infer<typeof AllowedAction>[] {
  if (isEnded(state)) return []
  const busy = pending === null ? undefined : `${pending} has been asked for and is under way.`
  const actions: z.infer<typeof AllowedAction>[] = []
  const add = (action: z.infer<typeof AllowedAction>['action'], why: string | undefined) =>
    actions.push({ action, enabled: why === undefined, ...(why !== undefined && { why }) })
  if (beforeCutover.includes(state)) {
    if (mode === 'gated') add('cutover', busy ?? (state === 'READY' ? undefined : 'The new job has not held all gates yet.'))
    add('abort', busy)
  }
  if (state === 'SOAKING') {
    if (replacesAJob) add('rollback', busy)
    add('finish', busy)
  }
  return actions
}
