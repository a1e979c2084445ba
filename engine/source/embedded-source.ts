/**
 * Reads the embedded log as the `Source` port says, from any process: opens the partitions' environments read-only and
 * sees what the engine has committed. A partition that nothing was ever written to reads as empty.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { open, type Database, type RootDatabase } from 'lmdb'
import { partitionDir } from './embedded-log.ts'
import { PositionOutOfRange, type PartitionState, type Positions, type RecordBatch, type Source } from './port.ts'
import { DecodeColumns, decodeRecordBatch, readHeader } from './record-batch.ts'

const EMPTY_I32 = new Int32Array(0)
const EMPTY_F64 = new Float64Array(0)

interface Reader {
  readonly env: RootDatabase
  readonly records: Database<Buffer, number>
  readonly meta: Database<number, string>
}

interface Cursor {
  readonly partition: number
  readonly path: string
  reader: Reader | undefined
  position: number
  columns: DecodeColumns
}

export function openEmbeddedSource(at: { dataDir: string; stream: string; partitions: number }): Source {
  const cursors: Cursor[] = Array.from({ length: at.partitions }, (_, partition) => ({
    partition,
    path: partitionDir(at.dataDir, at.stream, partition),
    reader: undefined,
    position: -1,
    columns: new DecodeColumns(),
  }))
  let turn = 0

  return {
    partitions: () => cursors.map(stateOf),
    open(from: Positions) {
      for (const cursor of cursors) {
        const position = from[String(cursor.partition)]
        if (position === undefined) throw new Error(`no position given for partition ${cursor.partition} of stream ${at.stream}`)
        const { logStart, end } = stateOf(cursor)
        if (position < logStart || position > end) throw new PositionOutOfRange({ partition: cursor.partition, position, logStart, end })
        cursor.position = position
      }
    },
    poll(maxRecords) {
      const batches: RecordBatch[] = []
      let left = maxRecords
      for (let i = 0; i < cursors.length && left > 0; i++) {
        const cursor = cursors[(turn + i) % cursors.length] as Cursor
        if (cursor.position < 0) throw new Error(`the source of stream ${at.stream} is polled before it was opened`)
        const batch = readBatch(cursor, left)
        if (!batch) continue
        batches.push(batch)
        left -= batch.count
      }
      if (cursors.length > 0) turn = (turn + 1) % cursors.length
      return batches
    },
    async close() {
      for (const cursor of cursors) {
        await cursor.reader?.env.close()
        cursor.reader = undefined
      }
    },
  }
}

function readerOf(cursor: Cursor): Reader | undefined {
  if (cursor.reader) {
    cursor.reader.env.resetReadTxn() // see what was committed since
    return cursor.reader
  }
  if (!existsSync(join(cursor.path, 'data.mdb'))) return undefined
  const env = open({ path: cursor.path, maxDbs: 4, noSubdir: false, readOnly: true, keyEncoding: 'ordered-binary' })
  const records = env.openDB<Buffer, number>('records', { encoding: 'binary' })
  const meta = env.openDB<number, string>('meta', { encoding: 'json' })
  if (!records || !meta) {
    void env.close() // the writer is just now making it
    return undefined
  }
  cursor.reader = { env, records, meta }
  return cursor.reader
}

function stateOf(cursor: Cursor): PartitionState {
  const reader = readerOf(cursor)
  const end = reader?.meta.get('end') ?? 0
  let logStart = end
  if (reader) for (const key of reader.records.getKeys({ limit: 1 })) logStart = key
  return { partition: cursor.partition, logStart, end }
}

function readBatch(cursor: Cursor, maxRecords: number): RecordBatch | undefined {
  const reader = readerOf(cursor)
  if (!reader) return undefined
  const { position } = cursor
  // The batch that holds the position begins at or below it.
  let first: number | undefined
  for (const key of reader.records.getKeys({ start: position, reverse: true, limit: 1 })) first = key
  const raw: Buffer[] = []
  let records = 0
  let bytes = 0
  let nextOffset = position
  for (const { value } of reader.records.getRange({ start: first ?? position, snapshot: true })) {
    const head = readHeader(value)
    if (head.nextOffset <= position) continue
    // Nothing at or below the position is left: truncated under us. With something there, it is a gap, which is legal.
    if (raw.length === 0 && head.baseOffset > position && first === undefined) {
      const { logStart, end } = stateOf(cursor)
      throw new PositionOutOfRange({ partition: cursor.partition, position, logStart, end })
    }
    raw.push(value)
    bytes += value.length
    records += Math.min(head.count, head.nextOffset - position)
    nextOffset = head.nextOffset
    if (records >= maxRecords || bytes > 4 << 20) break
  }
  if (raw.length === 0) return undefined
  const data = raw.length === 1 ? (raw[0] as Buffer) : Buffer.concat(raw, bytes)
  const baseOffset = position
  const columns = cursor.columns
  columns.count = 0
  for (let at = 0; at < data.length; at += readHeader(data, at).bytes) decodeRecordBatch(data, at, columns, baseOffset, position)
  const count = Math.min(columns.count, maxRecords)
  if (count < columns.count) nextOffset = baseOffset + (columns.offsetDelta[count] as number)
  cursor.position = nextOffset
  if (count === 0)
    return {
      partition: cursor.partition,
      baseOffset,
      count,
      data,
      valueStart: EMPTY_I32,
      valueEnd: EMPTY_I32,
      offsetDelta: EMPTY_I32,
      timestamp: EMPTY_F64,
      nextOffset,
    }
  return {
    partition: cursor.partition,
    baseOffset,
    count,
    data,
    valueStart: columns.valueStart.subarray(0, count),
    valueEnd: columns.valueEnd.subarray(0, count),
    offsetDelta: columns.offsetDelta.subarray(0, count),
    timestamp: columns.timestamp.subarray(0, count),
    nextOffset,
  }
}
