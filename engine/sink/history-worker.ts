/** The history thread: node:sqlite blocks whoever calls it, so a job's history is written here, where no read waits for it. */
import { parentPort, workerData } from 'node:worker_threads'
import { type HistoryStore, openHistory } from './history.ts'
import { type FromHistoryThread, type ThreadStart, type ToHistoryThread, unflatten } from './history-thread-port.ts'
import { Fenced } from './port.ts'

const port = parentPort!
let nowMs = 0
let history: HistoryStore | null = null

const answer = (message: FromHistoryThread) => port.postMessage(message)
const refuse = (id: number, error: unknown) =>
  answer({ id, error: { fenced: error instanceof Fenced, message: error instanceof Error ? error.message : String(error) } })

async function carryOut(store: HistoryStore, message: ToHistoryThread): Promise<number> {
  if (message.do === 'prune') return store.prune(message.writtenBeforeMs)
  if (message.do === 'write') {
    await store.write(unflatten(message.rows))
    return 0
  }
  if (message.do === 'fill') {
    store.fill(message.block)
    return 0
  }
  nowMs = message.nowMs
  await (message.do === 'flush' ? store.flush() : store.close())
  return 0
}

let before = Promise.resolve()
port.on('message', (message: ToHistoryThread) => {
  before = before.then(async () => {
    if (!history) return
    try {
      answer({ id: message.id, removed: await carryOut(history, message) })
    } catch (error) {
      refuse(message.id, error)
    }
  })
})

try {
  history = openHistory({ ...(workerData as ThreadStart), now: () => nowMs })
  const { places } = history
  answer({ id: 0, removed: 0, places: places && { standing: places.standing.pages, filled: places.filled.pages } })
} catch (error) {
  refuse(0, error)
}
