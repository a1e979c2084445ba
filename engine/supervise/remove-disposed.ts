/** Files of savepoints that a person disposed of; the row stays, without its path. */
import { rm } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { EngineContext } from './context.ts'

export async function removeDisposed({ db, dataDir, log }: EngineContext): Promise<void> {
  for (const { id, path } of await db.savepoint.findMany({
    where: { status: 'DISPOSED', path: { not: null } },
    select: { id: true, path: true },
  })) {
    if (path === null) continue
    await rm(resolve(dataDir, path), { recursive: true, force: true })
    await db.savepoint.update({ where: { id }, data: { path: null } })
    log.info({ savepoint: id, path }, 'a disposed savepoint was removed')
  }
}
