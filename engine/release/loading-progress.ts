/** How far a job is with loading its archive, as a fact a second: positions are rows of the archive. */
import { addFact, lastFact, type ReleaseRow, type StepContext } from './release-record.ts'

const EVERY_MS = 1000

export async function recordLoading(release: ReleaseRow, context: StepContext, job: number): Promise<void> {
  const loading = context.running(job)?.loading
  if (!loading) return
  const before = lastFact(release, 'progress')
  const sinceMs = before ? context.now() - before.atMs : Number.POSITIVE_INFINITY
  if (sinceMs < EVERY_MS) return
  const rowsBefore = before?.payload.step === 'LOADING_ARCHIVE' ? Number(before.payload.positionRead) : null
  const eventsPerSecond = rowsBefore === null ? null : (1000 * (loading.rows - rowsBefore)) / sinceMs
  await addFact(context, release, 'progress', {
    step: 'LOADING_ARCHIVE',
    job,
    positionRead: loading.rows,
    positionEnd: loading.of,
    eventsPerSecond,
    secondsLeft: eventsPerSecond ? (loading.of - loading.rows) / eventsPerSecond : null,
  })
}
