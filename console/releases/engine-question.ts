/** A request for a release as the engine is asked about it. */
import type { z } from 'zod'
import type { ReleaseCheckRequest } from '../../contract/engine-api.ts'
import type { CreateRelease } from '../../contract/http-api.ts'

export function engineQuestion({
  view,
  version,
  historyEventTime,
  archive,
  fromSavepoint,
  allowDroppedState,
  ifBusy,
}: z.output<typeof CreateRelease>): ReleaseCheckRequest {
  return {
    view,
    version,
    ...(historyEventTime !== undefined && { historyEventTimeMs: instantMs(historyEventTime) }),
    ...(archive && { archive: archiveQuestion(archive) }),
    ...(fromSavepoint !== undefined && { savepointId: fromSavepoint }),
    ...(allowDroppedState && { allowDroppedState }),
    ...(ifBusy !== undefined && { ifBusy }),
  }
}

/** An archive as it is kept with the release. */
export const archiveQuestion = ({ source, maxEventTime }: NonNullable<z.output<typeof CreateRelease>['archive']>) => ({
  source,
  ...(maxEventTime !== undefined && { maxEventTimeMs: instantMs(maxEventTime) }),
})

export const instantMs = (instant: number | string): number => (typeof instant === 'number' ? instant : Date.parse(instant))
