/** What the progress of a release's reading says, before it is words. Pure; null is unknown, never zero. */
import type { Release } from '../../contract/http-api.ts'

type Progress = NonNullable<Release['progress']>

export interface ProgressFigures {
  readonly isBackfill: boolean
  /** positions are rows of an archive that a job loads before it runs */
  readonly isLoading: boolean
  readonly share: number
  readonly isFinished: boolean
  readonly eventsPerSecond: number | null
  readonly rowsPerSecond: number | null
  readonly leftMs: number | null
}

export function progressFigures(progress: Progress): ProgressFigures {
  const { step, positionRead, positionEnd, eventsPerSecond, rowsPerSecond, secondsLeft } = progress
  return {
    isBackfill: step === 'BACKFILLING',
    isLoading: step === 'LOADING_ARCHIVE',
    share: positionEnd <= 0 ? 1 : Math.min(1, Math.max(0, positionRead / positionEnd)),
    isFinished: positionRead >= positionEnd,
    eventsPerSecond,
    rowsPerSecond: rowsPerSecond ?? null,
    leftMs: secondsLeft === null ? null : secondsLeft * 1000,
  }
}
