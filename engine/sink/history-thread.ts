/**
 * A job's history, written by a thread of its own: commits, syncs and prunes of SQLite hold up no read. Orders are carried out one
 * after another, so `flush` says what it says of every row handed over before it. Rows on their way are bounded: beyond that
 * `write` waits.
 */
import { Worker } from 'node:worker_threads'
import type { HistoryWriterAt } from './history.ts'
import { splitBackfill } from './history-backfill.ts'
import { type FromHistoryThread, flatten, type ThreadStart, type ToHistoryThread } from './history-thread-port.ts'
import { Fenced, type ResultRow, type Sink } from './port.ts'
import { PositionSet } from './position-set.ts'

const ROWS_ON_THEIR_WAY = 20_000
/** a block is handed over, not copied: it weighs less than its rows would */
const ROWS_A_BLOCK = 1000

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
  const opened: Pick<Extract<FromHistoryThread, { id: 0 }>, 'places'>[] = []
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
    if ('places' in message) opened.push(message)
    if ('removed' in message) return order?.resolve(message.removed)
    const error = message.error.fenced ? new Fenced(message.error.message) : new Error(message.error.message)
    failure ??= error
    order?.reject(error)
  })
  worker.on('error', fail)
  worker.on('exit', () => fail(new Error(`The history thread of view ${at.view} ended.`)))

  type Content = ToHistoryThread extends infer Message ? (Message extends ToHistoryThread ? Omit<Message, 'id'> : never) : never
  const expect = (id: number) => new Promise<number>((resolve, reject) => orders.set(id, { resolve, reject }))
  function order(content: Content, given: readonly ArrayBuffer[] = []): Promise<number> {
    if (failure) return Promise.reject(failure)
    const id = ++next
    const done = expect(id)
    worker.postMessage({ id, ...content }, given)
    return done
  }
  /** Carried out in its turn; a failure is told at the next write or flush. */
  function begin(rows: number, content: Content, given?: readonly ArrayBuffer[]): Promise<void> {
    rowsOnTheirWay += rows
    const done = order(content, given).then(() => {
      rowsOnTheirWay -= rows
    })
    done.catch(() => undefined)
    return done
  }

  try {
    await expect(0)
  } catch (error) {
    await worker.terminate()
    throw error
  }
  let newest: Promise<void> = Promise.resolve()
  const places = opened[0]?.places
  const backfill =
    places &&
    splitBackfill(at.features, {
      standing: new PositionSet(places.standing),
      filled: new PositionSet(places.filled),
      fill: (block) => {
        newest = begin(ROWS_A_BLOCK, { do: 'fill', block }, [block.body.buffer])
      },
    })
  return {
    name: 'history',
    write(all: readonly ResultRow[]) {
      if (failure) throw failure
      const rows = backfill ? backfill.take(all) : all
      if (rows.length > 0) newest = begin(rows.length, { do: 'write', rows: flatten(rows) })
      if (rowsOnTheirWay > ROWS_ON_THEIR_WAY) return newest
    },
    async flush() {
      backfill?.flush()
      await order({ do: 'flush', nowMs: now() })
    },
    prune: (writtenBeforeMs) => order({ do: 'prune', writtenBeforeMs }),
    async close() {
      if (closed) return
      closed = true
      try {
        if (!failure) backfill?.flush()
        await order({ do: 'close', nowMs: now() })
      } finally {
        await worker.terminate()
      }
    },
  }
}
