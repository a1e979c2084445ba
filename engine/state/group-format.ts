/**
 * A key group as bytes, version 1: what the compiled operator writes. It holds rows, not the quantities derived from them, so that
 * either operator, and a later layout of the slabs, can read it. Little endian:
 *
 *   group    u32 MAGIC, u8 columns, u8 kind of each (0 number, 1 boolean, 2 text), entries to the end
 *   entry    u8 1 and a key, or u8 2 and a row that waits for the watermark: text key, row
 *   key      text key, f64 asOfMs, f64 asOfPosition, f64 applied, f64 settledMs, f64 droppedMs (−Infinity: none),
 *            u8 1 and the dropped row's values or u8 0, u32 rows, row …
 *   row      f64 event time, f64 position (partition × 2^41 + offset), values
 *   value    number: f64, NaN for NULL · boolean: u8 0 NULL, 1 false, 2 true · text: u32 bytes + 1, 0 for NULL, then the bytes (WTF-8)
 *   text     u32 bytes, then the bytes
 */
import { textOf, wtf8 } from '../compile/wtf8.ts'
import type { Value } from '../sink/port.ts'
import { ByteReader, type ByteWriter } from './byte-writer.ts'
import type { WaitingRow } from './codec.ts'
import { KeyRows } from './key-rows.ts'
import { offsetOf, partitionOf } from './position.ts'

export const GROUP_MAGIC = 0x31475645 // "EVG1"
export const KEY_ENTRY = 1
export const WAITING_ENTRY = 2

const KINDS = ['number', 'boolean', 'text'] as const
export type ValueKind = (typeof KINDS)[number]

export function writeHead(out: ByteWriter, kinds: readonly ValueKind[]): void {
  out.u32(GROUP_MAGIC)
  out.u8(kinds.length)
  for (const kind of kinds) out.u8(KINDS.indexOf(kind))
}

export function writeValue(out: ByteWriter, kind: ValueKind, value: Value): void {
  if (kind === 'number') out.f64(value === null ? Number.NaN : Number(value))
  else if (kind === 'boolean') out.u8(value === null ? 0 : value ? 2 : 1)
  else if (value === null) out.u32(0)
  else {
    const bytes = wtf8(String(value))
    out.u32(bytes.length + 1)
    for (const byte of bytes) out.u8(byte)
  }
}

export const isGroupFormat = (bytes: Uint8Array): boolean =>
  bytes.length >= 5 && new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true) === GROUP_MAGIC

export function readKinds(input: ByteReader): ValueKind[] {
  input.u32()
  return Array.from({ length: input.u8() }, () => KINDS[input.u8()]!)
}

export function readGroup(group: number, bytes: Uint8Array): { keys: KeyRows[]; waiting: WaitingRow[] } {
  const input = new ByteReader(bytes)
  const kinds = readKinds(input)
  const keys: KeyRows[] = []
  const waiting: WaitingRow[] = []
  while (!input.atEnd) {
    const entry = input.u8()
    const key = readText(input)
    if (entry === KEY_ENTRY) keys.push(readKey(input, key, group, kinds))
    else {
      const timeMs = input.f64()
      const position = input.f64()
      waiting.push({
        key,
        group,
        timeMs,
        partition: partitionOf(position),
        offset: offsetOf(position),
        columns: kinds.map((kind) => readValue(input, kind)),
      })
    }
  }
  return { keys, waiting }
}

function readKey(input: ByteReader, key: string, group: number, kinds: readonly ValueKind[]): KeyRows {
  const rows = new KeyRows(key, group, kinds.length)
  rows.asOfMs = input.f64()
  const position = input.f64()
  rows.asOfPartition = partitionOf(position)
  rows.asOfOffset = offsetOf(position)
  rows.applied = input.f64()
  rows.settledMs = input.f64()
  const droppedMs = input.f64()
  const columns: Value[] = input.u8() === 1 ? kinds.map((kind) => readValue(input, kind)) : kinds.map(() => null)
  if (droppedMs > Number.NEGATIVE_INFINITY) rows.dropped = { timeMs: droppedMs, columns }
  for (let left = input.u32(); left > 0; left--) {
    rows.times.push(input.f64())
    const at = input.f64()
    rows.partitions.push(partitionOf(at))
    rows.offsets.push(offsetOf(at))
    for (const [c, kind] of kinds.entries()) rows.columns[c]!.push(readValue(input, kind))
  }
  return rows
}

function readText(input: ByteReader): string {
  const bytes = input.text()
  return textOf(bytes, 0, bytes.length)
}

function readValue(input: ByteReader, kind: ValueKind): Value {
  if (kind === 'number') {
    const value = input.f64()
    return Number.isNaN(value) ? null : value
  }
  if (kind === 'boolean') return [null, false, true][input.u8()] ?? null
  const length = input.u32()
  if (length === 0) return null
  const bytes = input.raw(length - 1)
  return textOf(bytes, 0, bytes.length)
}
