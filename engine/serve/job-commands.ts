/** Commands to a running job: checkpoint now, savepoint by the row that the console made. */
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { EvenflowError } from '../../contract/errors.ts'
import type { CheckpointReport, PositionMap } from '../../contract/job-ipc.ts'
import type { Db } from '../../db/client.ts'
import type { Supervisor } from '../supervise/supervisor.ts'

interface Deps {
  readonly db: Db
  readonly dataDir: string
  readonly supervisor: () => Supervisor
}

function running({ supervisor }: Deps, id: number) {
  const job = supervisor().jobs.get(id)
  if (!job?.alive || job.observed !== 'RUNNING')
    throw new EvenflowError('not_allowed_now', `Job ${id} is not running${job ? `: it is ${job.observed.toLowerCase()}` : ''}.`, {
      hint: 'Start it, and try again when it runs.',
    })
  return job
}

export async function takeCheckpoint(deps: Deps, id: number): Promise<CheckpointReport> {
  try {
    return await running(deps, id).checkpoint(randomUUID())
  } catch (error) {
    if (error instanceof EvenflowError) throw error
    throw new EvenflowError('not_allowed_now', (error as Error).message)
  }
}

/** `at`: exactly there; see `savepoint` in contract/job-ipc.ts. */
export async function startSavepoint(
  deps: Deps,
  id: number,
  savepointId: number,
  at?: { positions: PositionMap; stays: boolean },
): Promise<void> {
  const job = running(deps, id)
  const requestId = randomUUID()
  const { count } = await deps.db.savepoint.updateMany({
    where: { id: savepointId, jobId: id, status: 'IN_PROGRESS', path: null },
    data: { requestId },
  })
  if (count === 0) throw new EvenflowError('not_found', `Job ${id} has no savepoint ${savepointId} that waits to be taken.`)
  job.send({ type: 'savepoint', requestId, path: join(deps.dataDir, 'savepoints', `savepoint-${savepointId}`), ...(at && { at }) })
}
