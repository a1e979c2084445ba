/**
 * SAVEPOINTING → STARTING, or BACKFILLING where the version has new features: the old job writes a savepoint while it runs; its positions
 * are the cut between what is built and what the new job will read. A rescaled job begins with the old one's online rows, so that quiet
 * keys are in its store too; rows that it then writes are newer, which its store sees by their versions.
 */
import { told } from '../../contract/release-words.ts'
import { copyOnlineStore } from '../sink/copy-online-store.ts'
import { makeJob } from './new-job.ts'
import { beginningOf } from './release-archive.ts'
import { fail, moveOn, type Step } from './release-record.ts'
import { takeSavepoint } from './take-savepoint.ts'

export const savepointing: Step = async (release, context) => {
  const taken = await takeSavepoint(release, context, {
    jobId: release.job1Id ?? -1,
    version: release.fromVersion ?? release.toVersion,
    name: `${release.view}-release-${release.id}`,
    fact: 'savepoint_begun',
  })
  if (taken.state === 'waiting') return 'waiting'
  if (taken.state === 'failed') return fail(context, release, told('failed_savepoint', { job: release.job1Id ?? '–', why: taken.why }))
  const { id: savepointId, positions, maxEventTimeMs } = taken.savepoint
  const payload = { savepointId, positions, maxEventTimeMs }
  if (release.kind === 'new_features') return moveOn(context, release, 'step_done', { payload })
  const job1 = await context.db.job.findUniqueOrThrow({ where: { id: release.job1Id ?? -1 }, select: { startFrom: true } })
  const job = await makeJob(release, context, 'job2', { ...beginningOf(job1.startFrom), savepointId }, async (id) => {
    const store = { dataDir: context.dataDir, view: release.view, version: release.toVersion }
    await copyOnlineStore({ ...store, jobId: release.job1Id ?? -1 }, { ...store, jobId: id })
  })
  return moveOn(context, release, 'step_done', { data: { job2Id: job }, payload: { job, ...payload } })
}
