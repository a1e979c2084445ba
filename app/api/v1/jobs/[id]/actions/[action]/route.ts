import { EvenflowError } from '../../../../../../../contract/errors.ts'
import type { ConsoleContext } from '../../../../../../../console/context.ts'
import { restartJob } from '../../../../../../../console/jobs/restart-job.ts'
import { stopJob } from '../../../../../../../console/jobs/stop-job.ts'
import { takeCheckpoint } from '../../../../../../../console/jobs/take-checkpoint.ts'
import { takeSavepoint } from '../../../../../../../console/jobs/take-savepoint.ts'
import { readJobRow } from '../../../../../../../console/readers/jobs.ts'
import { readSavepoint } from '../../../../../../../console/readers/savepoints.ts'
import { handle, idOf, json } from '../../../../route-helper.ts'

type Act = (ctx: ConsoleContext, input: { jobId: number }) => Promise<unknown>

/** savepoint answers 202 with its row, which the engine completes; checkpoint with its report; stop and restart with the job. */
const actions: Record<string, Act> = {
  savepoint: async (ctx, input) => json(await readSavepoint(ctx, (await takeSavepoint.run(ctx, input)).id), 202),
  checkpoint: (ctx, input) => takeCheckpoint.run(ctx, input),
  stop: async (ctx, input) => readJobRow(ctx, (await stopJob.run(ctx, input)).id),
  restart: async (ctx, input) => readJobRow(ctx, (await restartJob.run(ctx, input)).id),
}

export const POST = handle(async ({ ctx, params, body }) => {
  const act = Object.hasOwn(actions, params.action!) ? actions[params.action!] : undefined
  if (!act)
    throw new EvenflowError('not_found', `Jobs have no action ${params.action}.`, {
      hint: `Actions are ${Object.keys(actions).join(', ')}.`,
    })
  return act(ctx, { ...((await body()) as object), jobId: idOf(params.id, 'job') })
})
