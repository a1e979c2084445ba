/**
 * The embedded log's writer: one LMDB environment per stream and partition, key = base offset, value = a record batch.
 * One process writes (the engine); any number read. An append is acknowledged only when it is flushed to disk; appends
 * that arrive while a flush is under way share the next one.
 */
import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { open, type Database, type RootDatabase } from 'lmdb'
import { encodeRecordBatch, readHeader, type EventColumns } from './record-batch.ts'

const MAX_BATCH_RECORDS = 1000
const MAX_BATCH_BYTES = 1 << 20

export interface PartitionStats {
  readonly partition: number
  readonly start: number
  readonly end: number
  readonly bytes: number
  readonly newestTimestampMs: number | null
}

export interface EmbeddedLog {
  readonly stream: string
  readonly partitions: number
  /** Durable when it resolves; answers the offset of the first event. */
  append(partition: number, events: EventColumns, appendTimeMs: number): Promise<number>
  stats(): PartitionStats[]
  /** Removes whole batches whose newest record is older than the instant, a slice at a time; answers how many batches. */
  truncateBefore(appendTimeMs: number): Promise<number>
  close(): Promise<void>
}

export const streamDir = (dataDir: string, stream: string): string => join(dataDir, 'streams', stream)
export const partitionDir = (dataDir: string, stream: string, partition: number): string =>
  join(streamDir(dataDir, stream), String(partition))

interface Partition {
  readonly env: RootDatabase
  readonly records: Database<Buffer, number>
  readonly meta: Database<number, string>
  end: number // next offset to hand out; runs ahead of what is committed
  bytes: number
}

export function openEmbeddedLog(at: { dataDir: string; stream: string; partitions: number }): EmbeddedLog {
  const dir = streamDir(at.dataDir, at.stream)
  const found = existsSync(dir) ? readdirSync(dir).filter((name) => /^\d+$/.test(name)).length : 0
  if (found > at.partitions) throw new Error(`${dir} holds ${found} partitions, the stream ${at.stream} is defined with ${at.partitions}`)
  const partitions = Array.from({ length: at.partitions }, (_, partition) => openPartition(partitionDir(at.dataDir, at.stream, partition)))
  const partitionAt = (partition: number): Partition => {
    const p = partitions[partition]
    if (!p) throw new RangeError(`stream ${at.stream} has no partition ${partition}`)
    return p
  }

  return {
    stream: at.stream,
    partitions: at.partitions,
    async append(partition, events, appendTimeMs) {
      const p = partitionAt(partition)
      const first = p.end
      if (events.count === 0) return first
      let last: Promise<boolean> | undefined
      for (let from = 0; from < events.count; ) {
        let to = from
        let bytes = 0
        while (to < events.count && to - from < MAX_BATCH_RECORDS && (to === from || bytes < MAX_BATCH_BYTES)) {
          bytes += (events.end[to] as number) - (events.start[to] as number)
          to++
        }
        const batch = encodeRecordBatch(p.end, appendTimeMs, events, from, to)
        void p.records.put(p.end, batch)
        p.end += to - from
        p.bytes += batch.length
        void p.meta.put('bytes', p.bytes) // same event turn, same transaction: batch, bytes and end are committed together
        last = p.meta.put('end', p.end)
        from = to
      }
      await last
      await p.env.flushed
      return first
    },
    stats: () => partitions.map((p, partition) => partitionStats(p, partition)),
    async truncateBefore(appendTimeMs) {
      let removed = 0
      for (const p of partitions) removed += await truncatePartition(p, appendTimeMs)
      return removed
    },
    async close() {
      for (const p of partitions) await p.env.close()
    },
  }
}

function openPartition(path: string): Partition {
  mkdirSync(path, { recursive: true })
  const env = open({ path, maxDbs: 4, noSubdir: false, keyEncoding: 'ordered-binary' })
  const records = env.openDB<Buffer, number>('records', { encoding: 'binary' })
  const meta = env.openDB<number, string>('meta', { encoding: 'json' })
  return { env, records, meta, end: meta.get('end') ?? 0, bytes: meta.get('bytes') ?? storedBytes(records) }
}

function storedBytes(records: Database<Buffer, number>): number {
  let bytes = 0
  for (const { value } of records.getRange()) bytes += value.length
  return bytes
}

function partitionStats(p: Partition, partition: number): PartitionStats {
  let start = p.end
  for (const key of p.records.getKeys({ limit: 1 })) start = key
  let newestTimestampMs: number | null = null
  for (const { value } of p.records.getRange({ reverse: true, limit: 1 })) newestTimestampMs = readHeader(value).appendTimeMs
  return { partition, start, end: p.end, bytes: p.bytes, newestTimestampMs }
}

async function truncatePartition(p: Partition, appendTimeMs: number): Promise<number> {
  const old: { key: number; bytes: number }[] = []
  for (const { key, value } of p.records.getRange({ limit: 200 })) {
    if (readHeader(value).appendTimeMs >= appendTimeMs) break
    old.push({ key, bytes: value.length })
  }
  let last: Promise<boolean> | undefined
  for (const { key, bytes } of old) {
    last = p.records.remove(key)
    p.bytes -= bytes
  }
  if (old.length > 0) last = p.meta.put('bytes', p.bytes)
  await last
  return old.length
}
