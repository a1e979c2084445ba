/** Is the engine there, and since when (reachable) or when was it last heard of (not)? From its own rows, and by asking. */
import type { EngineHealth } from '../../contract/engine-api.ts'
import type { Db } from '../../db/client.ts'
import type { ConsoleContext } from '../context.ts'

export type EngineState = { reachable: boolean; since: string | null; health: EngineHealth | null }

export async function engineLastHeard(db: Db): Promise<Date | null> {
  const newest = await db.engineInstance.findFirst({ orderBy: { heartbeatAt: 'desc' }, select: { heartbeatAt: true } })
  return newest?.heartbeatAt ?? null
}

export async function engineState({ db, engine }: Pick<ConsoleContext, 'db' | 'engine'>): Promise<EngineState> {
  const health = await engine.health().catch(() => null)
  if (health) return { reachable: true, since: new Date(health.startedAtMs).toISOString(), health }
  return { reachable: false, since: (await engineLastHeard(db))?.toISOString() ?? null, health: null }
}
