/** A key group as bytes and back: JSON, one array per key. Numbers survive exactly; whole-number sums are written as text. */
import type { Base } from '../compile/aggregates.ts'
import type { Value } from '../sink/port.ts'
import { KeyRows } from './key-rows.ts'

/** A row that waits for the watermark (event_time order). */
export interface WaitingRow {
  readonly key: string
  readonly group: number
  readonly timeMs: number
  readonly partition: number
  readonly offset: number
  readonly columns: readonly Value[]
}

interface BaseRest {
  by?: Value
  counts?: [Value, number][]
  recent?: Value[]
  moments?: (number | string)[]
  /** base64 */
  sketch?: string
}
type BaseRecord = [count: number, sum: number | string, value: Value, seen: Value[] | null, rest?: BaseRest]
interface KeyRecord {
  k: string
  t: number[]
  p: number[]
  o: number[]
  c: Value[][]
  a: [timeMs: number, partition: number, offset: number] | null
  n: number
  s: number | null
  d: { timeMs: number; columns: Value[] } | null
  b: (BaseRecord | null)[] | null
}
interface GroupRecord {
  keys: KeyRecord[]
  waiting: [key: string, timeMs: number, partition: number, offset: number, columns: readonly Value[]][]
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null)

export function encodeGroup(keys: Iterable<KeyRows>, waiting: readonly WaitingRow[]): Uint8Array {
  const record: GroupRecord = { keys: [], waiting: waiting.map((row) => [row.key, row.timeMs, row.partition, row.offset, row.columns]) }
  for (const rows of keys) {
    record.keys.push({
      k: rows.key,
      t: rows.times.slice(rows.head),
      p: rows.partitions.slice(rows.head),
      o: rows.offsets.slice(rows.head),
      c: rows.columns.map((column) => column.slice(rows.head)),
      a: Number.isFinite(rows.asOfMs) ? [rows.asOfMs, rows.asOfPartition, rows.asOfOffset] : null,
      n: rows.applied,
      s: finite(rows.settledMs),
      d: rows.dropped,
      b: rows.bases?.map((base) => base && encodeBase(base)) ?? null,
    })
  }
  return Buffer.from(JSON.stringify(record))
}

export function decodeGroup(group: number, bytes: Uint8Array): { keys: KeyRows[]; waiting: WaitingRow[] } {
  const record = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')) as GroupRecord
  const keys = record.keys.map((entry) => {
    const rows = new KeyRows(entry.k, group, entry.c.length)
    rows.times = entry.t
    rows.partitions = entry.p
    rows.offsets = entry.o
    rows.columns = entry.c
    if (entry.a) [rows.asOfMs, rows.asOfPartition, rows.asOfOffset] = entry.a
    rows.applied = entry.n
    rows.settledMs = entry.s ?? Number.NEGATIVE_INFINITY
    rows.dropped = entry.d
    rows.bases = entry.b?.map((base) => base && decodeBase(base)) ?? null
    return rows
  })
  const waiting = record.waiting.map(([key, timeMs, partition, offset, columns]) => ({ key, group, timeMs, partition, offset, columns }))
  return { keys, waiting }
}

function encodeBase(base: Base): BaseRecord {
  const { by, counts, recent, moments, sketch } = base
  const record: BaseRecord = [base.count, encodeSum(base.sum), base.value, base.seen && [...base.seen]]
  if (by !== null || counts || recent || moments || sketch)
    record.push({
      ...(by !== null && { by }),
      ...(counts && { counts: [...counts] }),
      ...(recent && { recent }),
      ...(moments && { moments: moments.map(encodeSum) }),
      ...(sketch && { sketch: Buffer.from(sketch).toString('base64') }),
    })
  return record
}

const decodeBase = ([count, sum, value, seen, rest]: BaseRecord): Base => ({
  count,
  sum: decodeSum(sum),
  value,
  by: rest?.by ?? null,
  seen: seen && new Set(seen),
  counts: rest?.counts ? new Map(rest.counts) : null,
  recent: rest?.recent ?? null,
  moments: rest?.moments?.map((moment) => Number(decodeSum(moment))) ?? null,
  sketch: rest?.sketch === undefined ? null : new Uint8Array(Buffer.from(rest.sketch, 'base64')),
})

/** JSON has neither BigInt (`12n`) nor infinities (`Infinity`). */
const encodeSum = (sum: bigint | number): number | string =>
  typeof sum === 'bigint' ? `${sum}n` : Number.isFinite(sum) ? sum : String(sum)

const decodeSum = (sum: number | string): bigint | number =>
  typeof sum === 'number' ? sum : sum.endsWith('n') ? BigInt(sum.slice(0, -1)) : Number(sum)
