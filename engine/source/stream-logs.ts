/** The embedded logs of all streams, opened on first use: append by partition rule, counts for the screens, retention. */
import { createHash } from 'node:crypto'
import { openEmbeddedLog, type EmbeddedLog } from './embedded-log.ts'
import type { EventColumns } from './record-batch.ts'

export interface StreamShape {
  readonly name: string
  readonly partitions: number
  /** a view feeds it: the job that forwards writes its log */
  readonly isFed?: boolean
}

export interface StreamLogs {
  log(stream: StreamShape): EmbeddedLog
  /** Durable when it resolves. `partitionOf` gives the partition of event i; absent: all go to one partition, in turn by call. */
  append(stream: StreamShape, events: EventColumns, partitionOf?: (i: number) => number): Promise<void>
  eventsPerSecond(stream: string): number
  close(): Promise<void>
}

export function openStreamLogs(at: { dataDir: string; now: () => number; onAppended: (stream: string) => void }): StreamLogs {
  const logs = new Map<string, EmbeddedLog>()
  const turns = new Map<string, number>()
  const rates = new Map<string, { sinceMs: number; count: number; last: number }>()

  function logOf(stream: StreamShape): EmbeddedLog {
    let log = logs.get(stream.name)
    if (!log) {
      const { name, partitions, isFed } = stream
      log = openEmbeddedLog({ dataDir: at.dataDir, stream: name, partitions, isFed: isFed ?? false })
      logs.set(stream.name, log)
    }
    return log
  }

  function rateOf(stream: string) {
    const nowMs = at.now()
    let rate = rates.get(stream)
    if (!rate) rates.set(stream, (rate = { sinceMs: nowMs, count: 0, last: 0 }))
    if (nowMs - rate.sinceMs >= 2000) {
      rate.last = (rate.count * 1000) / (nowMs - rate.sinceMs)
      rate.count = 0
      rate.sinceMs = nowMs
    }
    return rate
  }

  return {
    log: logOf,
    async append(stream, events, partitionOf) {
      const log = logOf(stream)
      rateOf(stream.name).count += events.count
      if (stream.partitions === 1 || !partitionOf) {
        const turn = turns.get(stream.name) ?? 0
        turns.set(stream.name, turn + 1)
        await log.append(turn % stream.partitions, events, at.now())
      } else {
        const parts = Array.from({ length: stream.partitions }, () => ({ start: [] as number[], end: [] as number[] }))
        for (let i = 0; i < events.count; i++) {
          const part = parts[partitionOf(i)] as (typeof parts)[number]
          part.start.push(events.start[i] as number)
          part.end.push(events.end[i] as number)
        }
        await Promise.all(
          parts.map(({ start, end }, partition) =>
            start.length === 0
              ? undefined
              : log.append(
                  partition,
                  { data: events.data, start: Int32Array.from(start), end: Int32Array.from(end), count: start.length },
                  at.now(),
                ),
          ),
        )
      }
      at.onAppended(stream.name)
    },
    eventsPerSecond(stream) {
      const rate = rateOf(stream)
      return rate.last || (rate.count > 0 ? (rate.count * 1000) / Math.max(1000, at.now() - rate.sinceMs) : 0)
    },
    async close() {
      for (const log of logs.values()) await log.close()
    },
  }
}

/** Stable for ever: the partition of a value is part of what a stream is. */
export function partitionOfValue(value: unknown, partitions: number): number {
  return (
    createHash('md5')
      .update(JSON.stringify(value ?? null))
      .digest()
      .readUInt32BE(0) % partitions
  )
}
