import type { Logger } from 'pino'
import type { Db } from '../../db/client.ts'

/** What the parts of the engine share. Clock and places are passed in. */
export interface EngineContext {
  readonly db: Db
  readonly dataDir: string
  readonly now: () => number
  readonly log: Logger
}
