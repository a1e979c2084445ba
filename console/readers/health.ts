import type { Health } from '../../contract/http-api.ts'
import type { Runtime } from '../runtime.ts'
import { engineState } from './engine-state.ts'

/** Open to all: says whether things run, nothing about what is in them. */
export async function readHealth(runtime: Runtime): Promise<Health> {
  const { reachable, since, health } = await engineState(runtime)
  const { version, startedAt } = runtime.settings
  return {
    status: reachable && health?.status === 'ok' ? 'ok' : 'degraded',
    console: { version, startedAt: startedAt.toISOString() },
    engine: { reachable, since },
    versions: { console: version, ...(health && { engine: health.version }), node: process.versions.node },
  }
}
