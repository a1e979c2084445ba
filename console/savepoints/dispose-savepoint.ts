import { z } from 'zod'
import { EvenflowError } from '../../contract/errors.ts'
import { endedStates } from '../../contract/release-machine.ts'
import type { Tx } from '../../db/client.ts'
import { defineVerb } from '../define-verb.ts'

/** Gives a savepoint up for good; the engine deletes its files. Not while it is pinned, being taken, or needed. */
export const disposeSavepoint = defineVerb({
  name: 'savepoints.dispose',
  input: z.object({ id: z.int() }),
  async write({ ctx, tx, input }) {
    const savepoint = await tx.savepoint.findUnique({ where: { id: input.id } })
    if (!savepoint) throw new EvenflowError('not_found', `There is no savepoint ${input.id}.`)
    if (savepoint.status === 'DISPOSED') return { output: { id: input.id }, audit: 'unchanged' }
    const refuse = (why: string, hint: string) =>
      new EvenflowError('not_allowed_now', `Savepoint ${savepoint.id} (${savepoint.name}) ${why}`, { hint })
    if (savepoint.pinned)
      throw refuse(
        `is pinned${savepoint.pinnedReason ? `: ${savepoint.pinnedReason}` : '.'}`,
        'Unpin it first if nobody needs it any more.',
      )
    if (savepoint.status === 'IN_PROGRESS') throw refuse('is being taken.', 'Wait until it is complete.')
    const needed = await neededBy(tx, savepoint)
    if (needed) throw refuse(`is needed: ${needed}`, 'Dispose of it when that has passed.')
    const { count } = await tx.savepoint.updateMany({
      where: { id: input.id, pinned: false, status: savepoint.status },
      data: { status: 'DISPOSED', disposedAt: ctx.now(), disposedBy: ctx.actor.name },
    })
    if (count === 0) throw new EvenflowError('conflict', `Savepoint ${savepoint.id} changed meanwhile.`, { hint: 'Look at it again.' })
    return {
      output: { id: input.id },
      audit: {
        targetType: 'savepoint',
        targetId: String(input.id),
        before: { status: savepoint.status, path: savepoint.path },
        after: { status: 'DISPOSED' },
      },
    }
  },
  after: ({ ctx }) => ctx.engine.wake(),
})

/** A start that goes back to it until the job has a checkpoint of its own again, or a release whose rollback would begin there. */
async function neededBy(tx: Tx, savepoint: { id: number; viewId: string }): Promise<string | null> {
  const jobs = await tx.job.findMany({ where: { viewId: savepoint.viewId, desired: 'RUNNING' }, select: { id: true, startFrom: true } })
  for (const { id, startFrom } of jobs) {
    const { savepointId, appliedRun } = startFrom as { savepointId?: number; appliedRun?: number }
    if (savepointId !== savepoint.id) continue
    const own =
      appliedRun === undefined
        ? 0
        : await tx.checkpoint.count({
            where: { jobId: id, kind: 'checkpoint', status: 'COMPLETED', discardedAt: null, run: { gte: appliedRun } },
          })
    if (own === 0) return `job ${id} starts from it until it has a checkpoint of its own.`
  }
  const releases = await tx.release.findMany({
    where: { viewId: savepoint.viewId, state: { notIn: [...endedStates] } },
    select: { id: true, request: true },
  })
  const release = releases.find(({ request }) => (request as { savepointId?: number }).savepointId === savepoint.id)
  return release ? `release ${release.id} begins there, or may have to go back to it.` : null
}
