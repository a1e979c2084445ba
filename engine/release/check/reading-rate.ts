/** How fast a release's job reads this view's stream, as it was measured: by the newest release of the view, else of a view over the same stream. */
import type { Db } from '../../../db/client.ts'

export interface ReadingRate {
  readonly eventsPerSecond: number
  readonly release: number
}

const RELEASES_LOOKED_AT = 5

export async function readingRate(db: Db, view: { id: string; streamId: string }): Promise<ReadingRate | null> {
  const own = await newestMeasured(db, { viewId: view.id })
  return own ?? newestMeasured(db, { view: { streamId: view.streamId } })
}

async function newestMeasured(db: Db, where: { viewId: string } | { view: { streamId: string } }): Promise<ReadingRate | null> {
  const releases = await db.release.findMany({ where, orderBy: { id: 'desc' }, take: RELEASES_LOOKED_AT, select: { id: true } })
  for (const { id } of releases) {
    const facts = await db.releaseFact.findMany({ where: { releaseId: id, kind: 'progress' }, orderBy: { id: 'asc' }, take: 200 })
    const rate = rateWhileReading(facts.map(({ payload }) => payload as unknown as Progress))
    if (rate !== null) return { eventsPerSecond: rate, release: id }
  }
  return null
}

export interface Progress {
  readonly positionRead: number
  readonly positionEnd: number
  readonly eventsPerSecond: number
}

/** so many records behind, a job reads as fast as it can; nearer to the end of the log its rate is that of what comes in */
const READS_AT_ITS_OWN_PACE = 10_000

/** The median of the measurements that still had at least another second, and that many records, to read. */
export function rateWhileReading(progress: readonly Progress[]): number | null {
  const rates = progress
    .filter(
      ({ positionRead, positionEnd, eventsPerSecond }) =>
        eventsPerSecond > 0 && positionEnd - positionRead >= Math.max(eventsPerSecond, READS_AT_ITS_OWN_PACE),
    )
    .map(({ eventsPerSecond }) => eventsPerSecond)
    .sort((a, b) => a - b)
  return rates.length === 0 ? null : rates[Math.floor(rates.length / 2)]!
}
