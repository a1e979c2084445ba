/**
 * SQLite waits for another writer by blocking its thread: in one process that would stop the very code it waits for, and in
 * any it would stop everything else. So the driver waits a moment only, and the rest of the patience is here, asynchronous.
 */
export const driverPatienceMs = 20
const patienceMs = 10_000

/**
 * For a statement outside a transaction, or the one that begins it: busy means that it has done nothing.
 * `reconnect`: the driver leaves a busy statement half-way through, and a connection with such a one can't commit any more.
 */
export async function withBusyRetry<T>(attempt: () => Promise<T>, reconnect: () => Promise<void> | void): Promise<T> {
  const untilMs = performance.now() + patienceMs
  for (let pauseMs = 2; ; pauseMs = Math.min(pauseMs * 2, 50)) {
    try {
      return await attempt()
    } catch (error) {
      if ((error as { code?: unknown }).code !== 'SQLITE_BUSY' || performance.now() > untilMs) throw error
    }
    await reconnect()
    await new Promise((resolve) => setTimeout(resolve, pauseMs * (0.5 + Math.random())))
  }
}
