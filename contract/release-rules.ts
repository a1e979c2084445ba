/**
 * What a person may do to a release now. Pure; the console answers with it and holds every request against it.
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
import { isBeforeCutover, isEnded } from './release-machine.ts'

export type ReleaseSituation = {
  kind: string
  state: ReleaseState
  mode: 'automatic' | 'gated'
  /** the old job: null where the release replaces none */
  job1: { id: number; runs: boolean } | null
  /** an action that was asked for and that the driver has not answered yet */
  pending: string | null
}

/** Only what makes sense in this state is listed; what is listed and not enabled says why. Cutting over by hand is for gated releases. */
export function allowedActions({ kind, state, mode, job1, pending }: ReleaseSituation): z.infer<typeof AllowedAction>[] {
  if (isEnded(state)) return []
  const busy = pending === null ? undefined : `${pending} has been asked for and is under way.`
  const actions: z.infer<typeof AllowedAction>[] = []
  const add = (action: z.infer<typeof AllowedAction>['action'], why: string | undefined) =>
    actions.push({ action, enabled: why === undefined, ...(why !== undefined && { why }) })
  if (isBeforeCutover(kind, state)) {
    if (mode === 'gated') add('cutover', busy ?? (state === 'READY' ? undefined : 'The new job has not held all gates yet.'))
    add('abort', busy)
  }
  if (state === 'SOAKING') {
    if (job1) add('rollback', busy ?? (job1.runs ? undefined : `Job ${job1.id} is no longer running: release its version again instead.`))
    add('finish', busy)
  }
  return actions
}
