/**
 * A job's history, written by a thread of its own: commits, syncs and prunes of SQLite hold up no read. Orders are carried out one
 * after another, so `flush` says what it says of every row handed over before it. Rows on their way are bounded: beyond that
 * `write` waits.
 */
import { Worker } from 'node:worker_threads'
import type { HistoryWriterAt } from './history.ts'
import { type FromHistoryThread, flatten, type ThreadStart, type ToHistoryThread } from './history-thread-port.ts'
import { Fenced, type Sink } from './port.ts'

const ROWS_ON_THEIR_WAY = 20_000

export interface HistoryThread extends Sink {
  /** Removes rows written before the instant, a bounded number; answers how many went. */
  prune(writtenBeforeMs: number): Promise<number>
}

interface Order {
  readonly resolve: (removed: number) => void
  readonly reject: (error: Error) => void
}

/** @throws Fenced when a higher epoch of the same job has already written */
export async function openHistoryThread(at: HistoryWriterAt): Promise<HistoryThread> {
  const { now, ...start } = at
  const worker = new Worker(new URL('./history-worker.ts', import.meta.url), {
    workerData: start satisfies ThreadStart,
    execArgv: ['--disable-warning=ExperimentalWarning'],
  })
  const orders = new Map<number, Order>()
  let next = 0
  let rowsOnTheirWay = 0
  let failure: Error | null = null
  let closed = false

  function fail(error: Error): void {
    failure ??= error
    for (const { reject } of orders.values()) reject(error)
    orders.clear()
  }
  worker.on('message', (message: FromHistoryThread) => {
    const order = orders.get(message.id)
    orders.delete(message.id)
    if ('removed' in message) return order?.resolve(message.removed)
    const error = message.error.fenced ? new Fenced(message.error.message) : new Error(message.error.message)
    failure ??= error
    order?.reject(error)
  })
  worker.on('error', fail)
  worker.on('exit', () => fail(new Error(`The history thread of view ${at.view} ended.`)))

  type Content = ToHistoryThread extends infer Message ? (Message extends ToHistoryThread ? Omit<Message, 'id'> : never) : never
  const expect = (id: number) => new Promise<number>((resolve, reject) => orders.set(id, { resolve, reject }))
  function order(content: Content): Promise<number> {
    if (failure) return Promise.reject(failure)
    const id = ++next
    const done = expect(id)
    worker.postMessage({ id, ...content })
    return done
  }

  try {
    await expect(0)
  } catch (error) {
    await worker.terminate()
    throw error
  }
  return {
    name: 'history',
    write(rows) {
      if (failure) throw failure
      if (rows.length === 0) return
      rowsOnTheirWay += rows.length
      const done = order({ do: 'write', rows: flatten(rows) }).then(() => {
        rowsOnTheirWay -= rows.length
      })
      if (rowsOnTheirWay > ROWS_ON_THEIR_WAY) return done
      done.catch(() => undefined) // told at the next write or flush
    },
    async flush() {
      await order({ do: 'flush', nowMs: now() })
    },
    prune: (writtenBeforeMs) => order({ do: 'prune', writtenBeforeMs }),
    async close() {
      if (closed) return
      closed = true
      try {
        await order({ do: 'close', nowMs: now() })
      } finally {
        await worker.terminate()
      }
    },
  }
}
