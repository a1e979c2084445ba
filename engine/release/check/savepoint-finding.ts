/** Whether a release may begin with this savepoint: it is there and whole, of that version, and the log still has what comes after it. */
import { resolve } from 'node:path'
import type { StreamStats } from '../../../contract/engine-api.ts'
import type { PositionMap } from '../../../contract/job-ipc.ts'
import type { Refusal } from '../../../contract/release-check.ts'
import { refusal } from '../../../contract/release-words.ts'
import type { Db } from '../../../db/client.ts'
import { SnapshotError } from '../../checkpoint/manifest.ts'
import { nodeSnapshotFs } from '../../checkpoint/node-fs.ts'
import { readSnapshot } from '../../checkpoint/snapshot-files.ts'

/** `eventsAfter`: that stand in the log and come after it. */
export type SavepointFinding = { readonly eventsAfter: number } | { readonly refusal: Refusal }

/** Reads every byte of its files. */
export async function savepointFinding(
  { db, dataDir }: { db: Db; dataDir: string },
  id: number,
  wanted: { viewId: string; version: number; partitions: StreamStats['partitions'] },
): Promise<SavepointFinding> {
  const row = await db.savepoint.findUnique({ where: { id } })
  if (row?.viewId !== wanted.viewId) return { refusal: refusal('refused_savepoint_missing', { savepoint: id }) }
  if (row.status !== 'COMPLETED' || !row.path)
    return { refusal: refusal('refused_savepoint_gone', { savepoint: id, status: row.status.toLowerCase() }) }
  if (row.version !== wanted.version)
    return { refusal: refusal('refused_savepoint_version', { savepoint: id, holds: row.version, version: wanted.version }) }
  const positions = (row.positions ?? {}) as PositionMap
  const { partitions } = wanted
  if (partitions.some(({ partition, start }) => (positions[partition] ?? 0) < start))
    return { refusal: refusal('refused_savepoint_log', { savepoint: id }) }
  const damage = await savepointDamage(dataDir, id, row.path)
  if (damage) return { refusal: damage }
  return { eventsAfter: partitions.reduce((sum, { partition, end }) => sum + Math.max(0, end - (positions[partition] ?? 0)), 0) }
}

/** Null: every byte of its files is as it was written. */
export async function savepointDamage(dataDir: string, id: number, path: string): Promise<Refusal | null> {
  try {
    await readSnapshot(nodeSnapshotFs, resolve(dataDir, path))
    return null
  } catch (error) {
    if (!(error instanceof SnapshotError)) throw error
    return refusal('refused_savepoint_corrupt', { savepoint: id, why: error.message })
  }
}
