/**
 * SAVEPOINTING → STARTING: the old job writes a savepoint while it runs; the new job begins there, with the old one's online rows,
 * so that quiet keys are in its store too. Rows that it then writes are newer, which its store sees by their versions.
 */
import { copyOnlineStore } from '../sink/copy-online-store.ts'
import { makeJob2 } from './new-job.ts'
import { addFact, fail, lastFact, moveOn, type ReleaseRow, type Step, type StepContext } from './release-record.ts'

const ATTEMPTS = 3

export const savepointing: Step = async (release, context) => {
  const asked = lastFact(release, 'savepoint_begun')
  const savepoint = asked ? await context.db.savepoint.findUnique({ where: { id: Number(asked.payload.savepointId) } }) : null
  if (savepoint?.status === 'COMPLETED') return begin(release, context, savepoint)
  if (savepoint?.status === 'IN_PROGRESS') return 'waiting'
  const attempts = release.facts.filter(({ kind }) => kind === 'savepoint_begun').length
  if (attempts >= ATTEMPTS)
    return fail(
      context,
      release,
      `No savepoint of job ${release.job1Id} could be taken: ${savepoint?.failureMessage ?? 'no reason is known'}`,
    )
  await ask(release, context)
  return 'waiting'
}

async function ask(release: ReleaseRow, context: StepContext): Promise<void> {
  const { db } = context
  const jobId = release.job1Id ?? -1
  const savepoint = await db.savepoint.create({
    data: {
      jobId,
      viewId: release.viewId,
      version: release.fromVersion ?? release.toVersion,
      name: `${release.view}-release-${release.id}`,
      status: 'IN_PROGRESS',
      pinned: true,
      pinnedReason: `Release ${release.id} begins here.`,
      createdAt: new Date(context.now()),
      createdBy: 'release',
    },
  })
  await addFact(context, release, 'savepoint_begun', { savepointId: savepoint.id, job: jobId })
  try {
    await context.savepoint(jobId, savepoint.id)
  } catch (error) {
    await db.savepoint.update({
      where: { id: savepoint.id },
      data: { status: 'FAILED', pinned: false, failureMessage: (error as Error).message },
    })
  }
}

async function begin(
  release: ReleaseRow,
  context: StepContext,
  savepoint: { id: number; positions: unknown; maxEventTimeMs: number | null },
): Promise<'moved' | 'waiting'> {
  const job = await makeJob2(release, context, { savepointId: savepoint.id }, async (id) => {
    const store = { dataDir: context.dataDir, view: release.view, version: release.toVersion }
    await copyOnlineStore({ ...store, jobId: release.job1Id ?? -1 }, { ...store, jobId: id })
  })
  return moveOn(context, release, 'step_done', {
    data: { job2Id: job },
    payload: { job, savepointId: savepoint.id, positions: savepoint.positions, maxEventTimeMs: savepoint.maxEventTimeMs },
  })
}
