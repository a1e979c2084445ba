/**
 * What a job reports is written one row after the other, so that reports never overtake. A database that is away is waited for: what is
 * lost here (a savepoint that is done, a job that runs) nobody would tell again.
 */
import type { Logger } from 'pino'
import { isForeignKeyViolation, isNotFound, isUniqueViolation } from '../../db/transaction.ts'

const PATIENCE_MS = 120_000
const PAUSE_MS = { first: 250, most: 2000 }

export interface RecordWrites {
  /** Queues a write; resolves when it is done or was given up, which is logged. */
  write(what: string, body: () => Promise<unknown>): Promise<void>
  /** All that was queued so far is written or given up. */
  settled(): Promise<void>
  /** The engine ends: a database that is away is not waited for any more. */
  hurry(): void
}

export function recordWrites(
  log: Logger,
  pause: (ms: number) => Promise<unknown> = (ms) => new Promise((r) => setTimeout(r, ms)),
): RecordWrites {
  let writes: Promise<void> = Promise.resolve()
  let hurried = false

  async function persistently(what: string, body: () => Promise<unknown>): Promise<void> {
    let waitedMs = 0
    for (let pauseMs = PAUSE_MS.first; ; pauseMs = Math.min(pauseMs * 2, PAUSE_MS.most)) {
      try {
        await body()
        return
      } catch (error) {
        const isOver = isRefusal(error) || hurried || waitedMs >= PATIENCE_MS
        log.error({ error }, isOver ? `could not record ${what}` : `could not record ${what} yet`)
        if (isOver) return
      }
      await pause(pauseMs)
      waitedMs += pauseMs
    }
  }

  return {
    write: (what, body) => (writes = writes.then(() => persistently(what, body))),
    settled: () => writes,
    hurry() {
      hurried = true
    },
  }
}

/** The database is there and says no: asked again it would say the same. */
const isRefusal = (error: unknown): boolean =>
  isUniqueViolation(error) ||
  isForeignKeyViolation(error) ||
  isNotFound(error) ||
  (error as { name?: unknown }).name === 'PrismaClientValidationError'
