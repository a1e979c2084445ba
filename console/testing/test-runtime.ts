/** A console's runtime over a test's database, with an engine that is a double or away. */
import type { Role } from '../../contract/http-api.ts'
import type { TestDatabase } from '../../db/testing/test-databases.ts'
import { FeatureFolder } from '../../features/load/read-folder.ts'
import { createAuth } from '../auth/better-auth.ts'
import { createSignInLimit } from '../auth/rate-limit.ts'
import type { Actor, ConsoleContext } from '../context.ts'
import { createEngineClient } from '../engine-client.ts'
import { engineLastHeard } from '../readers/engine-state.ts'
import type { Runtime } from '../runtime.ts'

/** Nothing listens on port 9 of loopback. */
export const nobody = 'http://127.0.0.1:9'

export function testRuntime({ db, kind }: TestDatabase, engineUrl = nobody, featuresDir = 'features'): Runtime {
  return {
    db,
    engine: createEngineClient({
      baseUrl: engineUrl,
      token: 'engine-token',
      lastHeard: async () => (await engineLastHeard(db))?.toISOString() ?? null,
    }),
    code: new FeatureFolder(featuresDir),
    auth: createAuth({ db, kind, secret: 'a-secret-for-tests-that-is-long-enough' }),
    signInLimit: createSignInLimit(),
    settings: { demo: true, apiToken: 'env-token', startedAt: new Date(), version: 'test' },
    now: () => new Date(),
  }
}

export const actor = (role: Role): Actor => ({
  id: `id-${role}`,
  personId: `id-${role}`,
  name: `${role}@test`,
  email: `${role}@test`,
  role,
  demo: false,
  via: 'session',
  address: '127.0.0.1',
})

export const contextOf = ({ db, engine, code, now }: Runtime, role: Role): ConsoleContext => ({ db, engine, code, now, actor: actor(role) })
