import { z } from 'zod'
import { defineVerb } from '../define-verb.ts'
import { findJob } from './find-job.ts'

/** Says that the job shall stand still; the engine stops it with a final checkpoint. Works while the engine is down: it follows when it is back. */
export const stopJob = defineVerb({
  name: 'jobs.stop',
  input: z.object({ jobId: z.int() }),
  async write({ tx, input }) {
    const job = await findJob(tx, input.jobId)
    const { count } = await tx.job.updateMany({ where: { id: job.id, desired: 'RUNNING' }, data: { desired: 'STOPPED' } })
    if (count === 0) return { output: { id: job.id }, audit: 'unchanged' }
    return {
      output: { id: job.id },
      audit: { targetType: 'job', targetId: String(job.id), before: { desired: 'RUNNING' }, after: { desired: 'STOPPED' } },
    }
  },
  after: ({ ctx }) => ctx.engine.wake(),
})
