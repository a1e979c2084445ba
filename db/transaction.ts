/** A transaction that is tried again when the database, not the code, was the reason that it failed. */
import type { Db, Tx } from './client.ts'

const attempts = 5

/** The body may run several times: it must do nothing but write through `tx`, and must not use the client itself (SQLite would wait for ever). */
export async function inTransaction<T>(db: Db, body: (tx: Tx) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await db.$transaction(body)
    } catch (error) {
      if (attempt === attempts || !isConflict(error)) throw error
    }
  }
}

/** Deadlock, lost write race, lock wait or a busy file. */
export function isConflict(error: unknown): boolean {
  const { code, message } = error as { code?: unknown; message?: unknown }
  if (code === 'P2034') return true
  return (
    typeof message === 'string' &&
    /deadlock|lock wait timeout|SQLITE_BUSY|database is locked|record has changed since last read/i.test(message)
  )
}

/** A unique key was taken: someone else was first. */
export const isUniqueViolation = (error: unknown): boolean => (error as { code?: unknown }).code === 'P2002'

/** A row that this one belongs to is not there. */
export const isForeignKeyViolation = (error: unknown): boolean => (error as { code?: unknown }).code === 'P2003'

/** The row that an update or delete named is not there. */
export const isNotFound = (error: unknown): boolean => (error as { code?: unknown }).code === 'P2025'
