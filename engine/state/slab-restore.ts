/**
 * The fast road of a restore: a key group in the slabs' own form goes from bytes into records, without a text or an object in between.
 * Groups of other forms take the plain road.
 */
import { ByteReader } from './byte-writer.ts'
import { isGroupFormat, KEY_ENTRY, readKinds, type ValueKind } from './group-format.ts'
import type { GroupReader, KeyState } from './key-state.ts'
import { F_ANCHOR, F_APPLIED, F_AS_OF, F_AS_OF_POSITION, F_DROPPED_TIME, I_ROW_BASE, I_ROW_CHUNK, I_ROW_MASK, I_TAIL } from './slab-keys.ts'
import type { SlabStore } from './slab-store.ts'
import type { TextPool } from './text-pool.ts'

export interface RestoreTarget {
  readonly state: KeyState
  /** The slot of the key in bytes[from, to), made where it is new; its quantities are not derived yet where the key itself follows. */
  slotOf(bytes: Uint8Array, from: number, to: number, keyFollows: boolean): number
  /** The key's record is whole. */
  restored(slot: number): void
  /** `columns`: one value each. */
  waits(slot: number, timeMs: number, position: number, columns: readonly Float64Array[]): void
}

/** False: these bytes are not of the state's form, and nothing was restored. */
export function restoreSlabGroup(bytes: Uint8Array, target: RestoreTarget): boolean {
  const { keys } = target.state
  const input = new ByteReader(bytes)
  const reader = target.state.reader(input, bytes)
  if (!reader) return false
  while (!input.atEnd) {
    const entry = input.u8()
    const length = input.u32()
    const from = input.skip(length)
    const slot = target.slotOf(bytes, from, from + length, entry === KEY_ENTRY)
    if (entry === KEY_ENTRY) {
      const f = keys.floatsOf(slot)
      const k = keys.base(slot)
      f[k + F_AS_OF] = input.f64()
      f[k + F_AS_OF_POSITION] = input.f64()
      f[k + F_APPLIED] = input.f64()
      f[k + F_ANCHOR] = input.f64()
      f[k + F_DROPPED_TIME] = input.f64()
      reader.readKey(slot)
      target.restored(slot)
      continue
    }
    const timeMs = input.f64()
    const position = input.f64()
    target.waits(slot, timeMs, position, reader.readInputs())
  }
  return true
}

/** Rows, where their columns are of the kinds that the slabs hold. */
export function rowsReader(input: ByteReader, bytes: Uint8Array, store: SlabStore): GroupReader | null {
  if (!isGroupFormat(bytes)) return null
  const wanted = store.layout.columns.map(({ kind }) => kind)
  const kinds = readKinds(input)
  if (kinds.length !== wanted.length || kinds.some((kind, c) => kind !== wanted[c])) return null
  const columns = kinds.map(() => new Float64Array(1))
  const readInputs = () => {
    for (let c = 0; c < kinds.length; c++) columns[c]![0] = readNumber(input, bytes, kinds[c]!, store.texts)
    return columns
  }
  return { readInputs, readKey: (slot) => readRows(input, store, slot, readInputs) }
}

function readRows(input: ByteReader, store: SlabStore, slot: number, readInputs: () => readonly Float64Array[]): void {
  const f = store.keys.floatsOf(slot)
  const g = store.keys.intsOf(slot)
  const k = store.keys.base(slot)
  if (input.u8() === 1) {
    const columns = readInputs()
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
    const at = g[2 * k + I_ROW_BASE]! + (g[2 * k + I_TAIL]! & g[2 * k + I_ROW_MASK]!) * store.rows.stride
    store.writeRow(floats, ints, at, timeMs, position, readInputs())
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
