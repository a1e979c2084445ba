/** The instant at which both jobs' features are evaluated: the newest one of which both know all there is. */
import type { SavepointValues } from './savepoint-values.ts'

/** Both jobs have read the same events, but one of them has taken a quiet partition for idle: another cut will do. */
export class DifferentWatermarks extends Error {
  override readonly name = 'DifferentWatermarks'
}

/**
 * Where events wait for the watermark, rows behind it are known to one job and not yet to the other. Features in TypeScript also
 * have timers that follow it and no past. @throws DifferentWatermarks
 */
export function commonInstant(jobs: readonly SavepointValues[]): number {
  const watermarks = jobs.map(({ manifest }) => manifest.watermarkMs ?? Number.NEGATIVE_INFINITY)
  const least = Math.min(...watermarks)
  const newest = Math.max(...jobs.map(({ manifest }) => manifest.maxEventTimeMs ?? 0))
  if (jobs.some(({ plan }) => plan.code.length > 0) && watermarks.some((watermark) => watermark !== least))
    throw new DifferentWatermarks(
      'The two jobs stand at the same positions and at different watermarks: one of them has taken a quiet partition for idle.',
    )
  const followsWatermark = jobs.some(({ plan, order }) => order === 'event_time' || plan.group)
  return followsWatermark && Number.isFinite(least) ? Math.min(newest, least - 1) : newest
}
