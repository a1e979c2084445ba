/** Start-up of the console's process: peers are noted from the first request on, the database is opened, the administrator of the environment made. */
import { watchPeers } from './auth/peer.ts'
import { getRuntime } from './runtime.ts'

export async function startConsole(): Promise<void> {
  watchPeers()
  // A database that is away for a moment must not keep the console from starting: the next request tries again and says so.
  await getRuntime().catch((error: unknown) => console.error(error instanceof Error ? error.message : error))
}
