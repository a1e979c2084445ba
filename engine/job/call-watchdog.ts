/**
 * Notices a call of a feature in TypeScript that does not come back. The job's own thread is then stuck in it, so a thread of its own
 * looks at the shared memory of the calls, and tells the supervisor over a pipe that needs no thread of ours: it kills the process and
 * starts it again without that feature.
 */
import { Worker } from 'node:worker_threads'
import { CallWatch } from '../code/call-watch.ts'

/** A call that is going on for so long is taken for endless. */
export const CALL_WITHIN_MS = 5000

export interface WatchdogData {
  readonly memory: SharedArrayBuffer
  /** of the features, by their number in the memory */
  readonly names: readonly string[]
  readonly withinMs: number
  readonly fd: number
}

/** `names`: of the view's calls, in the order of its plan; `fd`: the pipe to the supervisor. */
export function watchCalls(names: readonly string[], fd: number): CallWatch {
  const watch = new CallWatch()
  const worker = new Worker(new URL('./call-watchdog-thread.ts', import.meta.url), {
    workerData: { memory: watch.memory, names, withinMs: CALL_WITHIN_MS, fd } satisfies WatchdogData,
  })
  worker.unref()
  return watch
}
