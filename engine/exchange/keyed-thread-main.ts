/** The thread of a keyed subtask: wires port and clock to a Subtask and drives it in slices, so that reads are answered in between. */
import { performance } from 'node:perf_hooks'
import { parentPort, workerData } from 'node:worker_threads'
import { CallWatch } from '../code/call-watch.ts'
import type { ThreadData } from './keyed-thread.ts'
import type { FromSubtask, ToSubtask } from './messages.ts'
import { newSubtask } from './new-subtask.ts'

const SLICE_MS = 2
const IDLE_EVERY_MS = 50

const port = parentPort!
const { index, callMemory, originMs, ...start } = workerData as ThreadData
const nowMs = () => performance.timeOrigin - originMs + performance.now()
const post = (message: FromSubtask, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer)

const subtask = newSubtask(start, index, { callWatch: callMemory ? new CallWatch(callMemory) : undefined, nowMs, post })

let scheduled = false
let failed = false

/** What goes wrong ends the subtask; the job fails with the reason. */
function guarded(step: () => void): void {
  if (failed) return
  try {
    step()
  } catch (error) {
    failed = true
    const { message, stack } = error instanceof Error ? error : new Error(String(error))
    post({ did: 'fail', message, stack: stack ?? null })
  }
}

function work(): void {
  scheduled = false
  guarded(() => {
    const startMs = nowMs()
    if (subtask.work(() => nowMs() - startMs >= SLICE_MS)) schedule()
  })
}

function schedule(): void {
  if (scheduled) return
  scheduled = true
  setImmediate(work)
}

port.on('message', (message: ToSubtask) => {
  guarded(() => subtask.receive(message))
  schedule()
})
setInterval(() => guarded(() => subtask.idle()), IDLE_EVERY_MS)
