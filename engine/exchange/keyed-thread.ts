/** Starts the thread of a keyed subtask. */
import { performance } from 'node:perf_hooks'
import { Worker } from 'node:worker_threads'
import type { SourceSchema, ViewDefinition } from '../../definition/model.ts'
import type { CompileViewOptions } from '../task/compile-view.ts'
import type { Layout } from './layout.ts'
import type { FromSubtask } from './messages.ts'
import type { SubtaskPort } from './remote-subtask.ts'

/** Of what a thread makes its plan, its intake and its operator. */
export interface ThreadStart {
  readonly definition: ViewDefinition
  readonly stream: SourceSchema
  readonly options: Omit<CompileViewOptions, 'parallelism' | 'callWatch'>
  readonly layout: Layout
  /** where it says which call of a feature in TypeScript is going on; null: nobody looks */
  readonly callMemory: SharedArrayBuffer | null
}

export interface ThreadData extends ThreadStart {
  readonly index: number
  /** durations are measured from the same moment in all threads */
  readonly originMs: number
}

export function startKeyedThread(
  start: ThreadStart,
  index: number,
  receive: (message: FromSubtask) => void,
  lost: (error: Error) => void,
): SubtaskPort {
  const worker = new Worker(new URL('./keyed-thread-main.ts', import.meta.url), {
    workerData: { ...start, index, originMs: performance.timeOrigin } satisfies ThreadData,
    execArgv: ['--disable-warning=ExperimentalWarning'],
  })
  let closing = false
  worker.on('message', receive)
  worker.on('error', (error: Error) => lost(new Error(`Keyed subtask ${index} failed: ${error.message}`, { cause: error })))
  worker.on('messageerror', lost)
  worker.on('exit', (code) => {
    if (!closing) lost(new Error(`The thread of keyed subtask ${index} ended with code ${code}.`))
  })
  return {
    post: (message, transfer) => worker.postMessage(message, transfer as ArrayBuffer[] | undefined),
    async close() {
      closing = true
      await worker.terminate()
    },
  }
}
