import { EvenflowError } from '../../contract/errors.ts'
import type { Db, Tx } from '../../db/client.ts'

export async function findJob(db: Db | Tx, id: number) {
  const job = await db.job.findUnique({ where: { id }, include: { view: { select: { name: true } } } })
  if (job) return job
  throw new EvenflowError('not_found', `There is no job ${id}.`, { hint: 'GET /api/v1/jobs lists those that are there.' })
}

/** A command to a job's process needs the process. */
export function mustRun(job: { id: number; observed: string }, what: string): void {
  if (job.observed === 'RUNNING') return
  throw new EvenflowError('not_allowed_now', `Job ${job.id} is ${job.observed}; a ${what} is taken of a running job.`, {
    hint: 'Wait until it runs, or restart it.',
  })
}
