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

export async function openReleaseHouse(): Promise<ReleaseHouse> {
  const dataDir = mkdtempSync(join(tmpdir(), 'evenflow-release-'))
  const db = await openTestDatabase(dataDir)
  const house: ReleaseHouse = {
    dataDir,
    db,
    engine: await startEngineProcess(dataDir),
    async killEngine(between) {
      await house.engine.kill()
      await between?.()
      house.engine = await startEngineProcess(dataDir)
    },
    async close() {
      await house.engine.kill()
      await db.$disconnect()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
  for (const [key, value] of [
    ['gateSamples', 2],
    ['checkpointInterval', 300],
    ['checkpointMinPause', 10],
  ] as const)
    await db.parameter.create({ data: { key, scope: 'system', value, updatedBy: 'test' } })
  return house
}
