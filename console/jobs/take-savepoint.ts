import { z } from 'zod'
import { SavepointInput } from '../../contract/http-api.ts'
import { defineVerb } from '../define-verb.ts'
import { findJob, mustRun } from './find-job.ts'

/** A savepoint while the job runs: its row first, then the command; the engine completes the row. */
export const takeSavepoint = defineVerb({
  name: 'jobs.savepoint',
  input: SavepointInput.extend({ jobId: z.int() }),
  async prepare({ ctx, input }) {
    mustRun(await findJob(ctx.db, input.jobId), 'savepoint')
    await ctx.engine.health() // down: nothing has been written yet
  },
  async write({ ctx, tx, input }) {
    const job = await findJob(tx, input.jobId)
    const name = input.name ?? `${job.view.name}-v${job.version}-${ctx.now().toISOString().slice(0, 19).replaceAll(':', '')}`
    const row = await tx.savepoint.create({
      data: {
        jobId: job.id,
        viewId: job.viewId,
        version: job.version,
        name,
        note: input.note ?? null,
        status: 'IN_PROGRESS',
        createdAt: ctx.now(),
        createdBy: ctx.actor.name,
      },
    })
    return { output: { id: row.id }, audit: { targetType: 'savepoint', targetId: String(row.id), after: { job: job.id, name } } }
  },
  async after({ ctx, input, output }) {
    try {
      await ctx.engine.savepoint(input.jobId, output.id)
    } catch (error) {
      // The row must not wait for ever for an engine that never heard of it.
      const failureMessage = error instanceof Error ? error.message : String(error)
      await ctx.db.savepoint.updateMany({ where: { id: output.id, status: 'IN_PROGRESS' }, data: { status: 'FAILED', failureMessage } })
      throw error
    }
  },
})
