/** The steps strip of a release page: what the server says it goes through, with durations. Pure. */
import type { Release, ReleaseState } from '../../contract/http-api.ts'
import { isEnded } from '../../contract/release-machine.ts'

export { isEnded }

export type StepView = { state: ReleaseState; phase: 'done' | 'now' | 'todo' | 'never'; durationMs: number | null }

/** `nowMs` times the step under way. After an abort, rollback or failure the steps not reached are 'never'. */
export function stepsOf(release: Pick<Release, 'state' | 'steps'>, nowMs: number): StepView[] {
  const over = isEnded(release.state)
  return release.steps.map(({ state, startedAtMs, endedAtMs }) => {
    if (startedAtMs === null) return { state, phase: over ? 'never' : 'todo', durationMs: null }
    if (state === release.state && !over) return { state, phase: 'now', durationMs: Math.max(0, nowMs - startedAtMs) }
    // An end has an instant, no length.
    return { state, phase: 'done', durationMs: endedAtMs === null || isEnded(state) ? null : Math.max(0, endedAtMs - startedAtMs) }
  })
}

/** How long the whole passage took or has taken so far. */
export function releaseDurationMs(release: Pick<Release, 'createdAt' | 'endedAt'>, nowMs: number): number {
  return Math.max(0, (release.endedAt ? Date.parse(release.endedAt) : nowMs) - Date.parse(release.createdAt))
}

export type StateFilter = 'all' | 'open' | 'done' | 'other'
export const stateFilters: readonly StateFilter[] = ['all', 'open', 'done', 'other']

export function matchesFilter(state: ReleaseState, filter: StateFilter): boolean {
  if (filter === 'all') return true
  if (filter === 'open') return !isEnded(state)
  if (filter === 'done') return state === 'DONE'
  return isEnded(state) && state !== 'DONE'
}
