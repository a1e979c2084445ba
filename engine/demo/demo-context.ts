import type { StreamLogs } from '../source/stream-logs.ts'
import type { EngineContext } from '../supervise/context.ts'
import type { ParameterStore } from '../supervise/parameter-store.ts'

/** What the demo needs of the engine. */
export interface DemoContext extends EngineContext {
  readonly logs: StreamLogs
  readonly say: (line: string) => void
  readonly parameters: () => ParameterStore
  readonly wake: () => void
}
