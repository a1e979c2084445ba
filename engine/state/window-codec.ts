/** A key group of a view with GROUP BY as bytes and back: JSON. Rows of open windows and of those that may be corrected; closed windows. */
import type { Value } from '../sink/port.ts'
import { type ClosedWindow, ClosedWindows } from './closed-windows.ts'
import { KeyRows } from './key-rows.ts'

export interface KeptKey {
  readonly rows: KeyRows
  readonly closed: ClosedWindows
}

interface KeyRecord {
  k: string
  t: number[]
  p: number[]
  o: number[]
  c: Value[][]
  r: readonly ClosedWindow[]
}
interface GroupRecord {
  /** windows that end at or before it have closed */
  closedMs: number | null
  windowKeys: KeyRecord[]
}

export function encodeWindowGroup(keys: Iterable<KeptKey>, closedMs: number): Uint8Array {
  const record: GroupRecord = { closedMs: Number.isFinite(closedMs) ? closedMs : null, windowKeys: [] }
  for (const { rows, closed } of keys)
    record.windowKeys.push({
      k: rows.key,
      t: rows.times.slice(rows.head),
      p: rows.partitions.slice(rows.head),
      o: rows.offsets.slice(rows.head),
      c: rows.columns.map((column) => column.slice(rows.head)),
      r: closed.list,
    })
  return Buffer.from(JSON.stringify(record))
}

export function decodeWindowGroup(group: number, bytes: Uint8Array): { keys: KeptKey[]; closedMs: number } {
  const record = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')) as GroupRecord
  const keys = record.windowKeys.map((entry) => {
    const rows = new KeyRows(entry.k, group, entry.c.length)
    rows.times = entry.t
    rows.partitions = entry.p
    rows.offsets = entry.o
    rows.columns = entry.c
    return { rows, closed: new ClosedWindows([...entry.r]) }
  })
  return { keys, closedMs: record.closedMs ?? Number.NEGATIVE_INFINITY }
}
