import { z } from 'zod'
import { defineVerb } from '../define-verb.ts'
import { findJob, mustRun } from './find-job.ts'

/** A checkpoint now, besides the periodic ones; answers when it is done or has failed. */
export const takeCheckpoint = defineVerb({
  name: 'jobs.checkpoint',
  input: z.object({ jobId: z.int() }),
  async prepare({ ctx, input }) {
    mustRun(await findJob(ctx.db, input.jobId), 'checkpoint')
    return ctx.engine.checkpoint(input.jobId)
  },
  async write({ input, prepared: report }) {
    const { run, number, status, failureReason } = report
    return { output: report, audit: { targetType: 'job', targetId: String(input.jobId), after: { run, number, status, failureReason } } }
  },
})
