/** What the console runs on: database, engine, sessions, settings. One per process; tests make their own. */
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { databaseTarget, openDatabase } from '../db/client.ts'
import type { Db } from '../db/client.ts'
import { FeatureFolder } from '../features/load/read-folder.ts'
import { createAuth } from './auth/better-auth.ts'
import type { Auth } from './auth/better-auth.ts'
import type { SignInLimit } from './auth/rate-limit.ts'
import { createSignInLimit } from './auth/rate-limit.ts'
import type { Actor, ConsoleContext } from './context.ts'
import type { EngineClient } from './engine-client.ts'
import { createEngineClient } from './engine-client.ts'
import { engineLastHeard } from './readers/engine-state.ts'
import { createFirstAdministrator } from './users/create-first-administrator.ts'
import { administrators } from './users/administrators.ts'

export type Settings = { demo: boolean; apiToken: string | undefined; startedAt: Date; version: string }
export type Runtime = {
  db: Db
  engine: EngineClient
  code: FeatureFolder
  auth: Auth
  signInLimit: SignInLimit
  settings: Settings
  now: () => Date
}

type Environment = Record<string, string | undefined>

export async function createRuntime(env: Environment): Promise<Runtime> {
  const target = databaseTarget(env.DATABASE_URL)
  const db = await openDatabase({ url: env.DATABASE_URL })
  const engine = createEngineClient({
    baseUrl: env.EVENFLOW_ENGINE_URL ?? `http://127.0.0.1:${env.ENGINE_PORT ?? 3100}`,
    token: env.EVENFLOW_ENGINE_TOKEN,
    lastHeard: async () => (await engineLastHeard(db))?.toISOString() ?? null,
  })
  const auth = createAuth({ db, kind: target.kind, secret: env.EVENFLOW_SECRET ?? keptSecret(resolve(env.EVENFLOW_DATA_DIR ?? './data')) })
  const settings = {
    demo: env.EVENFLOW_DEMO !== 'off',
    apiToken: env.EVENFLOW_API_TOKEN || undefined,
    startedAt: new Date(),
    version: env.EVENFLOW_VERSION ?? '0.1.0',
  }
  const code = new FeatureFolder(resolve(env.EVENFLOW_FEATURES_DIR ?? './features'))
  const runtime: Runtime = { db, engine, code, auth, signInLimit: createSignInLimit(), settings, now: () => new Date() }
  await administratorFromEnvironment(runtime, env)
  return runtime
}

export const contextFor = (runtime: Runtime, actor: Actor): ConsoleContext => ({
  db: runtime.db,
  engine: runtime.engine,
  code: runtime.code,
  now: runtime.now,
  actor,
})

export const systemActor = (name: string, address: string | null = null): Actor => ({
  id: 'system',
  personId: 'system',
  name,
  email: null,
  role: 'admin',
  demo: false,
  via: 'system',
  address,
})

/**
 * EVENFLOW_ADMIN_EMAIL and EVENFLOW_ADMIN_PASSWORD make the administrator where there is none; they change nobody's password.
 * Values that can't be used are told in the log: the console goes on, and the first visitor may make one.
 */
async function administratorFromEnvironment(runtime: Runtime, env: Environment): Promise<void> {
  const { EVENFLOW_ADMIN_EMAIL: email, EVENFLOW_ADMIN_PASSWORD: password } = env
  if (!email && !password) return
  if ((await administrators(runtime.db)) > 0) return
  try {
    const input = { name: email?.split('@')[0], email, password }
    await createFirstAdministrator.run(contextFor(runtime, systemActor('EVENFLOW_ADMIN_EMAIL')), input)
  } catch (error) {
    if ((error as { code?: unknown }).code === 'already_exists') return // another console was first
    console.error(
      `No administrator was made of EVENFLOW_ADMIN_EMAIL and EVENFLOW_ADMIN_PASSWORD: ${error instanceof Error ? error.message : String(error)}`,
    )
  }
}

/** Signs the session cookies; kept beside the data so that a restart signs nobody out. */
function keptSecret(dataDir: string): string {
  const file = join(dataDir, 'console-secret')
  if (!existsSync(file)) {
    mkdirSync(dataDir, { recursive: true })
    try {
      writeFileSync(file, randomBytes(32).toString('base64url'), { mode: 0o600, flag: 'wx' })
    } catch (error) {
      if ((error as { code?: string }).code !== 'EEXIST') throw error // another process was first: take its secret
    }
  }
  return readFileSync(file, 'utf8').trim()
}

// Next loads route files several times over in one process (a bundle each): the runtime lives on the process itself.
const holder = globalThis as { evenflowRuntime?: Promise<Runtime> }

export function getRuntime(): Promise<Runtime> {
  holder.evenflowRuntime ??= createRuntime(process.env).catch((error: unknown) => {
    delete holder.evenflowRuntime // the next request tries again
    throw error
  })
  return holder.evenflowRuntime
}
