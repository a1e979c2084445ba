/** A request for a release as the engine is asked about it. */
import type { z } from 'zod'
import type { ReleaseCheckRequest } from '../../contract/engine-api.ts'
import type { CreateRelease } from '../../contract/http-api.ts'

export function engineQuestion({ view, version, historyEventTime, ifBusy }: z.output<typeof CreateRelease>): ReleaseCheckRequest {
  return {
    view,
    version,
    ...(historyEventTime !== undefined && { historyEventTimeMs: instantMs(historyEventTime) }),
    ...(ifBusy !== undefined && { ifBusy }),
  }
}

export const instantMs = (instant: number | string): number => (typeof instant === 'number' ? instant : Date.parse(instant))
