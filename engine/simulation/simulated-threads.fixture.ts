/**
 * Threads of keyed subtasks in the simulated world: what the source's thread and a subtask say to each other comes through when the
 * scheduler lets it, in order each way; their work goes on in slices between. They die with their process.
 */
import type { ThreadStart } from '../exchange/keyed-thread.ts'
import type { FromSubtask, ToSubtask } from '../exchange/messages.ts'
import { newSubtask } from '../exchange/new-subtask.ts'
import type { SubtaskPort } from '../exchange/remote-subtask.ts'
import type { StartThread } from '../job/ports.ts'
import type { Random } from './random.fixture.ts'
import type { Scheduler } from './scheduler.fixture.ts'

export function simulatedThreads(run: number, scheduler: Scheduler, random: Random): StartThread {
  return (start, index, receive, lost) => simulatedThread({ run, scheduler, random }, start, index, receive, lost)
}

function simulatedThread(
  { run, scheduler, random }: { run: number; scheduler: Scheduler; random: Random },
  start: ThreadStart,
  index: number,
  receive: (message: FromSubtask) => void,
  lost: (error: Error) => void,
): SubtaskPort {
  let isClosed = false
  /** One after the other, each an operation. */
  function line<T>(name: string, take: (message: T) => void): (message: T, transfer?: readonly ArrayBuffer[]) => void {
    const waiting: T[] = []
    const next = () =>
      void scheduler.later(run, name, () => {
        if (isClosed) return
        take(waiting.shift()!)
        if (waiting.length > 0) next()
      })
    return (message, transfer = []) => {
      // As postMessage does it: shared memory stays shared.
      if (waiting.push(structuredClone(message, { transfer: [...transfer] })) === 1) next()
    }
  }
  let isWorking = false
  const workOn = () => {
    if (isWorking) return
    isWorking = true
    void scheduler.later(run, 'thread works', () => {
      isWorking = false
      let slices = random.int(4)
      if (!isClosed && subtask.work(() => slices-- <= 0)) workOn()
    })
  }
  const toSource = line<FromSubtask>('thread says', receive)
  const subtask = newSubtask(start, index, { nowMs: () => 0, post: toSource })
  const toSubtask = line<ToSubtask>('thread is told', (message) => {
    try {
      subtask.receive(message)
      workOn()
    } catch (error) {
      lost(error as Error)
    }
  })
  return {
    post: toSubtask,
    async close() {
      isClosed = true
    },
  }
}
