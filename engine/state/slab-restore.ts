/**
 * The fast road of a restore: a key group in the slabs' own form (`group-format.ts`) whose columns are of the kinds that the slabs
 * hold goes from bytes into records and rings, without a text or an object in between. Groups of other forms take the plain road.
 */
import { ByteReader } from './byte-writer.ts'
import { isGroupFormat, KEY_ENTRY, readKinds, type ValueKind } from './group-format.ts'
import { F_ANCHOR, F_APPLIED, F_AS_OF, F_AS_OF_POSITION, F_DROPPED_TIME, I_ROW_BASE, I_ROW_CHUNK, I_ROW_MASK, I_TAIL } from './slab-keys.ts'
import type { SlabStore } from './slab-store.ts'
import type { TextPool } from './text-pool.ts'

export interface RestoreTarget {
  readonly store: SlabStore
  /** The slot of the key in bytes[from, to), made where it is new; its quantities are not derived yet where the key itself follows. */
  slotOf(bytes: Uint8Array, from: number, to: number, keyFollows: boolean): number
  /** The key's record is whole. */
  restored(slot: number): void
  /** `columns`: one value each. */
  waits(slot: number, timeMs: number, position: number, columns: readonly Float64Array[]): void
}

/** False: these bytes are not of that form, and nothing was restored. */
export function restoreSlabGroup(bytes: Uint8Array, target: RestoreTarget): boolean {
  if (!isGroupFormat(bytes)) return false
  const { store } = target
  const wanted = store.layout.columns.map(({ kind }) => kind)
  const input = new ByteReader(bytes)
  const kinds = readKinds(input)
  if (kinds.length !== wanted.length || kinds.some((kind, c) => kind !== wanted[c])) return false
  const columns = kinds.map(() => new Float64Array(1))
  const readColumns = () => {
    for (let c = 0; c < kinds.length; c++) columns[c]![0] = readNumber(input, bytes, kinds[c]!, store.texts)
  }
  while (!input.atEnd) {
    const entry = input.u8()
    const length = input.u32()
    const from = input.skip(length)
    const slot = target.slotOf(bytes, from, from + length, entry === KEY_ENTRY)
    if (entry === KEY_ENTRY) {
      restoreKey(input, store, slot, columns, readColumns)
      target.restored(slot)
      continue
    }
    const timeMs = input.f64()
    const position = input.f64()
    readColumns()
    target.waits(slot, timeMs, position, columns)
  }
  return true
}

function restoreKey(input: ByteReader, store: SlabStore, slot: number, columns: readonly Float64Array[], readColumns: () => void): void {
  const f = store.keys.floatsOf(slot)
  const g = store.keys.intsOf(slot)
  const k = store.keys.base(slot)
  f[k + F_AS_OF] = input.f64()
  f[k + F_AS_OF_POSITION] = input.f64()
  f[k + F_APPLIED] = input.f64()
  f[k + F_ANCHOR] = input.f64()
  f[k + F_DROPPED_TIME] = input.f64()
  if (input.u8() === 1) {
    readColumns()
    const { dropped } = store.layout
    if (dropped >= 0) for (let c = 0; c < columns.length; c++) f[k + dropped + c] = columns[c]![0]!
  }
  const rows = input.u32()
  if (rows > 0) store.makeRoomFor(g, k, rows)
  const floats = store.rows.floats[g[2 * k + I_ROW_CHUNK]!]!
  const ints = store.rows.ints[g[2 * k + I_ROW_CHUNK]!]!
  for (let row = 0; row < rows; row++) {
    const timeMs = input.f64()
    const position = input.f64()
    readColumns()
    const at = g[2 * k + I_ROW_BASE]! + (g[2 * k + I_TAIL]! & g[2 * k + I_ROW_MASK]!) * store.rows.stride
    store.writeRow(floats, ints, at, timeMs, position, columns)
    g[2 * k + I_TAIL]!++
  }
  store.rebuild(slot)
}

/** A value as the slabs hold it: NaN for NULL, a text's number, 0 and 1. A text is held once more. */
function readNumber(input: ByteReader, bytes: Uint8Array, kind: ValueKind, texts: TextPool): number {
  if (kind === 'number') return input.f64()
  if (kind === 'boolean') {
    const code = input.u8()
    return code === 0 ? Number.NaN : code - 1
  }
  const length = input.u32()
  if (length === 0) return Number.NaN
  const from = input.skip(length - 1)
  return texts.intern(bytes, from, from + length - 1)
}
