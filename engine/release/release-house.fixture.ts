/** For tests: a database and an engine as a process of its own, with gates and checkpoints as quick as a test needs them. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Db } from '../../db/client.ts'
import { type EngineProcess, openTestDatabase, startEngineProcess } from '../engine-process.fixture.ts'

export interface ReleaseHouse {
  readonly dataDir: string
  readonly db: Db
  engine: EngineProcess
  /** kill -9, and another engine on what it left; `between` is done while there is none */
  killEngine(between?: () => Promise<void>): Promise<void>
  close(): Promise<void>
}

export interface HouseDatabase {
  readonly db: Db
  /** as the engine reaches it */
  readonly engineUrl: string
}

/** A server takes several milliseconds for what a file takes one: so many reports a second would pile up. */
const CHECKPOINT_EVERY_MS = { file: 300, server: 2000 }

/** Without a database of the test's own there is one in the data directory. `env`: more of the engine's, for those that see to it that something goes wrong. */
export async function openReleaseHouse(database?: HouseDatabase, env: Record<string, string> = {}): Promise<ReleaseHouse> {
  const dataDir = mkdtempSync(join(tmpdir(), 'evenflow-release-'))
  const db = database?.db ?? (await openTestDatabase(dataDir))
  const start = () => startEngineProcess(dataDir, { ...env, ...(database && { DATABASE_URL: database.engineUrl }) })
  const house: ReleaseHouse = {
    dataDir,
    db,
    engine: await start(),
    async killEngine(between) {
      await house.engine.kill()
      await between?.()
      house.engine = await start()
    },
    async close() {
      await house.engine.kill()
      if (!database) await db.$disconnect()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
  for (const [key, value] of [
    ['gateSamples', 2],
    ['checkpointInterval', database ? CHECKPOINT_EVERY_MS.server : CHECKPOINT_EVERY_MS.file],
    ['checkpointMinPause', 10],
  ] as const)
    await db.parameter.create({ data: { key, scope: 'system', value, updatedBy: 'test' } })
  return house
}
