/** What every verb and reader works with. Made once a request by app/api/v1/route-helper.ts, by hand in tests. */
import type { Role } from '../contract/http-api.ts'
import type { Db } from '../db/client.ts'
import type { FeatureFolder } from '../features/load/read-folder.ts'
import type { EngineClient } from './engine-client.ts'

export type Actor = {
  id: string
  /** what the audit log and `createdBy` show */
  name: string
  /** the person behind: a token acts for the one who made it */
  personId: string
  email: string | null
  role: Role
  demo: boolean
  via: 'session' | 'token' | 'system'
  address: string | null
}

export type ConsoleContext = {
  db: Db
  engine: EngineClient
  /** features in TypeScript, as their files are now */
  code: FeatureFolder
  actor: Actor
  now: () => Date
}

export const iso = (date: Date | null | undefined): string | null => (date ? date.toISOString() : null)
