/**
 * For tests, given to an engine by `--import`: one of its jobs has a kernel that is wrong. What is kept of events is right, and so is
 * every savepoint; what is made of it is one too many. `WRONG_KERNEL`: the job and the feature's index, as `3:1`.
 */
import childProcess, { type ForkOptions } from 'node:child_process'
import { syncBuiltinESMExports } from 'node:module'
import { env } from 'node:process'
import { Job } from '../job/job.ts'
import { FeatureValues } from '../state/feature-values.ts'

const [wrongJob, wrongFeature] = (env.WRONG_KERNEL ?? '').split(':').map(Number)

export const wrongKernel = (job: number, feature: number): Record<string, string> => ({
  NODE_OPTIONS: `--import ${import.meta.url}`,
  WRONG_KERNEL: `${job}:${feature}`,
})

if (env.WRONG_KERNEL && process.argv[1]?.endsWith('main.ts')) {
  const isJob = /engine[\\/]job[\\/]main\.ts$/.test(process.argv[1])
  if (isJob) makeWrong()
  else handOn()
}

/** The engine gives its children no more of its environment than they need. */
function handOn(): void {
  const { fork } = childProcess
  childProcess.fork = ((entry: string, args: readonly string[], options: ForkOptions) =>
    fork(entry, args, {
      ...options,
      execArgv: [...(options.execArgv ?? []), '--import', import.meta.url],
      env: { ...options.env, WRONG_KERNEL: env.WRONG_KERNEL } as NodeJS.ProcessEnv,
    })) as typeof fork
  syncBuiltinESMExports()
}

function makeWrong(): void {
  const { open } = Job.prototype
  const { take } = FeatureValues.prototype
  Job.prototype.open = async function () {
    if ((this as unknown as { start: { jobId: number } }).start.jobId === wrongJob)
      FeatureValues.prototype.take = function (...of) {
        const values = take.apply(this, of)
        return values.map((value, i) => (i === wrongFeature && typeof value === 'number' ? value + 1 : value))
      }
    return open.call(this)
  }
}
