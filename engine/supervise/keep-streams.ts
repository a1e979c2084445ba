/** Streams as the database has them: their logs are made before a job asks for them, and old events go by `streamRetention`. */
import { feederOf } from '../../definition/forward-stream.ts'
import type { StreamLogs } from '../source/stream-logs.ts'
import type { EngineContext } from './context.ts'
import type { ParameterStore } from './parameter-store.ts'

const RETENTION_EVERY_MS = 5_000

export function keepStreams(context: EngineContext, logs: StreamLogs): { tend(parameters: ParameterStore): Promise<void> } {
  const { db, now, log } = context
  const known = new Set<string>()
  let nextRetentionMs = 0
  return {
    async tend(parameters) {
      const found = await db.stream.findMany({ select: { name: true, partitions: true, source: true } })
      const rows = found.map(({ name, partitions, source }) => ({ name, partitions, isFed: feederOf(source) !== null }))
      for (const stream of rows) {
        if (known.has(stream.name)) continue
        try {
          logs.log(stream)
          known.add(stream.name)
        } catch (error) {
          log.error({ error, stream: stream.name }, 'the log of a stream could not be opened')
        }
      }
      if (now() < nextRetentionMs) return
      nextRetentionMs = now() + RETENTION_EVERY_MS
      for (const stream of rows) {
        const beforeMs = now() - parameters.ofStream(stream.name).streamRetention.value
        const removed = known.has(stream.name) ? await logs.log(stream).truncateBefore(beforeMs) : 0
        if (removed > 0) log.info({ stream: stream.name, batches: removed }, 'events older than streamRetention were removed')
      }
    },
  }
}
