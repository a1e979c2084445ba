import { z } from 'zod'
import { EvenflowError } from '../../contract/errors.ts'
import { RestartInput } from '../../contract/http-api.ts'
import type { Tx } from '../../db/client.ts'
import type { ConsoleContext } from '../context.ts'
import { defineVerb } from '../define-verb.ts'
import { findJob } from './find-job.ts'

/**
 * Starts the job again, from its newest checkpoint, from a checkpoint or savepoint named, or from nothing (`fresh`). `outOfRange`
 * leaves that as it was, and says where to read on when the log no longer has a position.
 */
export const restartJob = defineVerb({
  name: 'jobs.restart',
  input: RestartInput.extend({ jobId: z.int() }),
  async prepare({ ctx, input }) {
    if (input.from && 'savepointId' in input.from) await mustBeWhole(ctx, input.from.savepointId)
  },
  async write({ tx, input }) {
    const job = await findJob(tx, input.jobId)
    await mayRestart(tx, job)
    if (input.from) await checkStart(tx, job, input.from)
    const before = job.startFrom as { historyEventTimeMs?: number }
    const { historyEventTimeMs } = before
    const startFrom =
      input.from && 'outOfRange' in input.from
        ? { ...before, outOfRange: input.from.outOfRange, outOfRangeRun: null }
        : { ...(historyEventTimeMs !== undefined && { historyEventTimeMs }), ...input.from }
    await tx.job.update({ where: { id: job.id }, data: { desired: 'RUNNING', generation: { increment: 1 }, startFrom } })
    return {
      output: { id: job.id },
      audit: {
        targetType: 'job',
        targetId: String(job.id),
        before: { desired: job.desired, generation: job.generation },
        after: { desired: 'RUNNING', generation: job.generation + 1, from: input.from ?? 'newest checkpoint' },
      },
    }
  },
  after: ({ ctx }) => ctx.engine.wake(),
})

/** A job that stops for a savepoint that it cannot read would leave its readers without one. The engine looks again when the job starts. */
async function mustBeWhole(ctx: ConsoleContext, savepointId: number): Promise<void> {
  const { damage } = await ctx.engine.checkSavepoint(savepointId).catch((error: unknown) => {
    if (error instanceof EvenflowError && ['engine_unreachable', 'not_ready', 'not_found'].includes(error.code)) return { damage: null }
    throw error
  })
  if (damage) throw new EvenflowError('gone', damage.why.text, { hint: damage.way.text })
}

/** A job that a later one has taken over from stays where it is: its writes would be refused, and its readers are gone. */
async function mayRestart(tx: Tx, job: { id: number; viewId: string; desired: string }): Promise<void> {
  const authority = await tx.authority.findUnique({ where: { viewId: job.viewId } })
  if (authority?.jobId == null || authority.jobId === job.id || job.desired === 'RUNNING') return
  throw new EvenflowError('not_allowed_now', `Job ${authority.jobId} has taken over from job ${job.id}.`, {
    hint: 'Restart that one, or release the older version again.',
  })
}

async function checkStart(
  tx: Tx,
  job: { id: number; viewId: string; version: number },
  from: NonNullable<z.output<typeof RestartInput>['from']>,
): Promise<void> {
  if ('savepointId' in from) {
    const savepoint = await tx.savepoint.findUnique({ where: { id: from.savepointId } })
    if (!savepoint || savepoint.viewId !== job.viewId)
      throw new EvenflowError('not_found', `Job ${job.id}'s view has no savepoint ${from.savepointId}.`)
    if (savepoint.status !== 'COMPLETED')
      throw new EvenflowError('gone', `Savepoint ${savepoint.id} is ${savepoint.status}.`, { hint: 'Choose one that is COMPLETED.' })
    if (savepoint.version !== job.version)
      throw new EvenflowError(
        'unsupported',
        `Savepoint ${savepoint.id} holds the state of version ${savepoint.version}, and job ${job.id} runs version ${job.version}.`,
        { hint: `Release version ${savepoint.version} again to use it.` },
      )
  }
  if ('checkpointId' in from) {
    const checkpoint = await tx.checkpoint.findUnique({ where: { id: from.checkpointId } })
    if (!checkpoint || checkpoint.jobId !== job.id)
      throw new EvenflowError('not_found', `Job ${job.id} has no checkpoint ${from.checkpointId}.`)
    if (checkpoint.status !== 'COMPLETED' || checkpoint.discardedAt)
      throw new EvenflowError(
        'gone',
        `Checkpoint ${checkpoint.number} of run ${checkpoint.run} is ${checkpoint.discardedAt ? 'discarded' : checkpoint.status}.`,
        { hint: 'Choose one that is complete and kept.' },
      )
  }
}
