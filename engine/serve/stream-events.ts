/** What stands in a stream's log, for the screens. */
import type { StreamEvents, StreamStats } from '../../contract/engine-api.ts'
import type { Db } from '../../db/client.ts'
import { feederOf } from '../../definition/forward-stream.ts'
import { parseIsoTimestamp } from '../compile/timestamp.ts'
import { openEmbeddedSource } from '../source/embedded-source.ts'
import type { StreamLogs } from '../source/stream-logs.ts'
import { streamSchema } from '../supervise/source-streams.ts'
import type { IngestStream } from './ingest.ts'

const MAX_SHOWN = 65_536

export async function streamEvents(
  dataDir: string,
  stream: IngestStream,
  query: { partition: number; offset: number; limit: number },
): Promise<StreamEvents> {
  const source = openEmbeddedSource({ dataDir, stream: stream.schema.name, partitions: stream.partitions })
  try {
    const states = source.partitions()
    const { logStart, end } = states[query.partition] as (typeof states)[number]
    const from = Math.min(end, Math.max(logStart, query.offset < 0 ? end + query.offset : query.offset))
    source.open(Object.fromEntries(states.map((state) => [state.partition, state.partition === query.partition ? from : state.end])))
    const items: StreamEvents['items'] = []
    while (items.length < query.limit) {
      const batches = source.poll(query.limit - items.length)
      if (batches.length === 0) break
      for (const batch of batches) {
        if (batch.partition !== query.partition) continue
        for (let i = 0; i < batch.count; i++) {
          const start = batch.valueStart[i] as number
          const stop = Math.min(batch.valueEnd[i] as number, start + MAX_SHOWN)
          items.push({
            partition: batch.partition,
            offset: batch.baseOffset + (batch.offsetDelta[i] as number),
            timestampMs: batch.timestamp[i] as number,
            value: Buffer.from(batch.data.subarray(start, Math.max(start, stop))).toString('utf8'),
          })
        }
      }
    }
    return { items, start: logStart, end }
  } finally {
    await source.close()
  }
}

/** Event times are those of the oldest and newest few events of each partition: the log is not read through for a figure. */
export async function streamStats(
  dataDir: string,
  stream: IngestStream,
  logs: StreamLogs,
  /** of the job that feeds it, where one does */
  forwardedPerSecond: () => number = () => 0,
): Promise<StreamStats> {
  const isFed = stream.fedBy !== null
  const partitions = logs.log({ name: stream.schema.name, partitions: stream.partitions, isFed }).stats()
  let minEventTimeMs: number | null = null
  let maxEventTimeMs: number | null = null
  for (const { partition, start, end } of partitions) {
    if (start === end) continue
    const oldest = await streamEvents(dataDir, stream, { partition, offset: start, limit: 100 })
    const newest = await streamEvents(dataDir, stream, { partition, offset: -200, limit: 200 })
    for (const { value } of [...oldest.items, ...newest.items]) {
      const ms = eventTimeOf(value, stream.schema.eventTime)
      if (ms === null) continue
      minEventTimeMs = Math.min(minEventTimeMs ?? ms, ms)
      maxEventTimeMs = Math.max(maxEventTimeMs ?? ms, ms)
    }
  }
  return {
    partitions,
    events: partitions.reduce((sum, { start, end }) => sum + end - start, 0),
    bytes: partitions.reduce((sum, { bytes }) => sum + bytes, 0),
    eventsPerSecond: isFed ? forwardedPerSecond() : logs.eventsPerSecond(stream.schema.name),
    minEventTimeMs,
    maxEventTimeMs,
  }
}

/** @throws when there is no such stream */
export async function streamStatsOf(
  name: string,
  { db, dataDir, logs }: { db: Db; dataDir: string; logs: StreamLogs },
): Promise<StreamStats> {
  const row = await db.stream.findUniqueOrThrow({ where: { name } })
  const { id, partitions, partitionBy } = row
  return streamStats(dataDir, { id, schema: streamSchema(row), partitions, partitionBy, fedBy: feederOf(row.source) }, logs)
}

function eventTimeOf(value: string, field: string): number | null {
  try {
    const raw: unknown = (JSON.parse(value) as Record<string, unknown>)[field]
    return typeof raw === 'number' ? raw : typeof raw === 'string' ? parseIsoTimestamp(raw) : null
  } catch {
    return null
  }
}
