/** The archive that a release's job reads first: as it was asked for and checked, with its number among those of the view. */
import { JobArchive } from '../../contract/archive.ts'
import { ReleaseCheckRequest } from '../../contract/engine-api.ts'
import { ArchiveFound } from '../../contract/release-check.ts'
import type { StartFrom } from '../supervise/desired-jobs.ts'
import type { ReleaseRow, StepContext } from './release-record.ts'

/** null: none was asked for. The same rows as an earlier job's keep their number, and so their positions. */
export async function archiveOfRelease(release: ReleaseRow, { db }: StepContext, fromMs: number | null): Promise<JobArchive | null> {
  const { archive: asked } = ReleaseCheckRequest.pick({ archive: true }).parse({ archive: release.request.archive })
  if (!asked) return null
  const found = ArchiveFound.parse(release.facts.find(({ kind, payload }) => kind === 'state' && payload.archive)?.payload.archive)
  const rows = { source: asked.source, stamp: found.stamp, maxEventTimeMs: found.cutAtMs, fromMs }
  const jobs = await db.job.findMany({ where: { viewId: release.viewId }, select: { startFrom: true } })
  const known = jobs.flatMap(({ startFrom }) => {
    const { archive } = (startFrom ?? {}) as StartFrom
    return archive ? [JobArchive.parse(archive)] : []
  })
  const same = known.find(
    ({ number: _, ...of }) =>
      JSON.stringify(JobArchive.omit({ number: true }).parse(of)) === JSON.stringify(JobArchive.omit({ number: true }).parse(rows)),
  )
  return { ...rows, number: same?.number ?? 1 + Math.max(-1, ...known.map(({ number }) => number)) }
}

/** What a job that goes on with another's state takes over of how that one began. */
export function beginningOf(startFrom: unknown): Pick<StartFrom, 'historyEventTimeMs' | 'archive'> {
  const { historyEventTimeMs, archive } = (startFrom ?? {}) as StartFrom
  return { ...(historyEventTimeMs != null && { historyEventTimeMs }), ...(archive && { archive }) }
}
