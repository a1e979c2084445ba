/**
 * The states a release goes through (DESIGN §9), pure. Each kind has its path; a step that is done leads to the next one on it.
 * Before CUTTING_OVER any failure or abort leaves the old job untouched and authoritative; in CUTTING_OVER the only way is on;
 * while SOAKING the way back is a roll back.
 */
import type { ReleaseState } from './http-api.ts'

/**
 * new_job  nothing runs yet
 * new_features  another version that goes on with the running one's state: from its savepoint, new features built up to it
 * change   another version that cannot: a new job reads the stream and replaces the running one
 * rescale  the running version once more, from its savepoint: with another parallelism, or on a newer engine
 */
export const RELEASE_KINDS = ['new_job', 'new_features', 'change', 'rescale'] as const
export type ReleaseKind = (typeof RELEASE_KINDS)[number]

export type ReleaseEvent = 'step_done' | 'abort' | 'fail' | 'roll_back'

const FROM_READY = ['READY', 'CUTTING_OVER', 'SOAKING', 'DONE'] as const
const PATHS: Record<ReleaseKind, readonly ReleaseState[]> = {
  new_job: ['QUEUED', 'CHECKED', 'STARTING', 'CATCHING_UP', 'READY', 'CUTTING_OVER', 'DONE'],
  new_features: ['QUEUED', 'CHECKED', 'SAVEPOINTING', 'BACKFILLING', 'STARTING', 'CATCHING_UP', 'COMPARING', ...FROM_READY],
  change: ['QUEUED', 'CHECKED', 'STARTING', 'CATCHING_UP', 'COMPARING', ...FROM_READY],
  rescale: ['QUEUED', 'CHECKED', 'SAVEPOINTING', 'STARTING', 'CATCHING_UP', 'COMPARING', ...FROM_READY],
}

export const endedStates: readonly ReleaseState[] = ['DONE', 'ABORTED', 'ROLLED_BACK', 'FAILED']
export const isEnded = (state: ReleaseState): boolean => endedStates.includes(state)

export const isReleaseKind = (kind: string): kind is ReleaseKind => RELEASE_KINDS.some((one) => one === kind)

/** The steps of a kind, in order; an unknown kind has the longest path. */
export function stepsOfKind(kind: string): readonly ReleaseState[] {
  return isReleaseKind(kind) ? PATHS[kind] : PATHS.new_features
}

/** True until authority may have moved: the old job is untouched, and the release may end without a trace. */
export function isBeforeCutover(kind: string, state: ReleaseState): boolean {
  const path = stepsOfKind(kind)
  const at = path.indexOf(state)
  return at >= 0 && at < path.indexOf('CUTTING_OVER')
}

/** The state that follows, or null where the event means nothing in this one. */
export function transition(kind: string, state: ReleaseState, event: ReleaseEvent): ReleaseState | null {
  switch (event) {
    case 'step_done': {
      const path = stepsOfKind(kind)
      const at = path.indexOf(state)
      return at < 0 ? null : (path[at + 1] ?? null)
    }
    case 'abort':
      return isBeforeCutover(kind, state) ? 'ABORTED' : null
    case 'fail':
      return isBeforeCutover(kind, state) ? 'FAILED' : null
    case 'roll_back':
      return state === 'SOAKING' && stepsOfKind(kind).includes('SOAKING') ? 'ROLLED_BACK' : null
  }
}
