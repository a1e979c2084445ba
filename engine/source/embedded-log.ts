/**
 * The embedded log's writer: one LMDB environment per stream and partition, key = base offset, value = a record batch.
 * One process writes (the engine; a stream that a view feeds: the job that forwards, see forward/stream-target.ts); any number read.
 * An append is acknowledged only when it is flushed to disk; appends that arrive while a flush is under way share the next one.
 */
import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { open, type Database, type RootDatabase } from 'lmdb'
import { batchesOf, readHeader, type EventColumns } from './record-batch.ts'

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

export interface LogPartition {
  readonly env: RootDatabase
  readonly records: Database<Buffer, number>
  /** `end`: next offset · `bytes`: of all batches */
  readonly meta: Database<number, string>
}

interface Partition extends LogPartition {
  /** another process writes: what stands in the environment is looked up each time */
  readonly isFed: boolean
  end: number // next offset to hand out; runs ahead of what is committed
  bytes: number
}

export function openEmbeddedLog(at: { dataDir: string; stream: string; partitions: number; isFed?: boolean }): EmbeddedLog {
  const dir = streamDir(at.dataDir, at.stream)
  const found = existsSync(dir) ? readdirSync(dir).filter((name) => /^\d+$/.test(name)).length : 0
  if (found > at.partitions) throw new Error(`${dir} holds ${found} partitions, the stream ${at.stream} is defined with ${at.partitions}`)
  const partitions = Array.from({ length: at.partitions }, (_, partition) =>
    openPartition(partitionDir(at.dataDir, at.stream, partition), at.isFed ?? false),
  )
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
      if (p.isFed) throw new Error(`the stream ${at.stream} is fed by a view: nothing else is appended to it`)
      const first = p.end
      if (events.count === 0) return first
      let last: Promise<boolean> | undefined
      for (const { batch, baseOffset, count } of batchesOf(first, appendTimeMs, events)) {
        void p.records.put(baseOffset, batch)
        p.end = baseOffset + count
        p.bytes += batch.length
        void p.meta.put('bytes', p.bytes) // same event turn, same transaction: batch, bytes and end are committed together
        last = p.meta.put('end', p.end)
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

export function openLogPartition(path: string): LogPartition {
  mkdirSync(path, { recursive: true })
  const env = open({ path, maxDbs: 4, noSubdir: false, keyEncoding: 'ordered-binary' })
  const records = env.openDB<Buffer, number>('records', { encoding: 'binary' })
  return { env, records, meta: env.openDB<number, string>('meta', { encoding: 'json' }) }
}

function openPartition(path: string, isFed: boolean): Partition {
  const log = openLogPartition(path)
  const { records, meta } = log
  return { ...log, isFed, end: meta.get('end') ?? 0, bytes: meta.get('bytes') ?? storedBytes(records) }
}

/** What another process has written since. */
function look(p: Partition): void {
  p.env.resetReadTxn()
  p.end = p.meta.get('end') ?? 0
  p.bytes = p.meta.get('bytes') ?? 0
}

function storedBytes(records: Database<Buffer, number>): number {
  let bytes = 0
  for (const { value } of records.getRange()) bytes += value.length
  return bytes
}

function partitionStats(p: Partition, partition: number): PartitionStats {
  if (p.isFed) look(p)
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
  if (old.length === 0) return 0
  const removed = old.reduce((sum, { bytes }) => sum + bytes, 0)
  p.bytes -= removed
  if (p.isFed)
    await p.env.transaction(() => {
      for (const { key } of old) p.records.removeSync(key)
      p.meta.putSync('bytes', (p.meta.get('bytes') ?? 0) - removed)
    })
  else {
    for (const { key } of old) void p.records.remove(key)
    await p.meta.put('bytes', p.bytes)
  }
  return old.length
}
