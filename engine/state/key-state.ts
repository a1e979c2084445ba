/**
 * What the compiled operator keeps of its keys behind a record's fixed words (`slab-keys.ts`), and what it derives from that: rows
 * (`row-state.ts`) or panes (`pane-state.ts`). f, g, k everywhere: the chunk of a key's record as 64- and 32-bit words, and the record's first 64-bit word.
 */
import type { Value } from '../sink/port.ts'
import type { ByteReader, ByteWriter } from './byte-writer.ts'
import type { KeyRows } from './key-rows.ts'
import type { KeyReading } from './operator.ts'
import type { ResultColumns } from './result-columns.ts'
import type { KeySlab } from './slab-keys.ts'

type Floats = Float64Array
type Ints = Int32Array

export interface KeyState {
  readonly keys: KeySlab
  readonly columnCount: number
  /** The number by which a text column's value goes on; it is held once more. */
  takeText(bytes: Uint8Array, from: number, to: number): number
  /** What a new record needs besides its key. `derives`: its quantities too, which whoever fills it at once derives afterwards. */
  initialise(slot: number, derives: boolean): void
  /** Loads what an event of these slots will need, so that cache misses overlap. */
  touch(slots: Int32Array, from: number, to: number): number
  /**
   * Takes in event i, after what lies before `neededMs` was dropped. True: the aggregates of the event's moment, which lies before
   * the key's current one, stand at `results.count`.
   */
  insert(
    f: Floats,
    g: Ints,
    k: number,
    slot: number,
    timeMs: number,
    position: number,
    inputs: readonly Floats[],
    i: number,
    neededMs: number,
    results: ResultColumns,
  ): boolean
  /** Aggregates of the moment that the record stands for into out[a][o]; NaN is NULL, a text stands by its number, a decimal is scaled. */
  evaluate(f: Floats, g: Ints, k: number, slot: number, out: readonly Floats[], o: number): void
  /** The same of an earlier moment. False: only the plain evaluator can, see `pastValues`. */
  evaluateAt(f: Floats, g: Ints, k: number, atMs: number, out: readonly Floats[], o: number): boolean
  /** Feature values of an earlier moment, of which `latest` is the latest event. */
  pastValues(slot: number, atMs: number, latest: readonly Value[] | null): Value[]
  /** When the values of the moment that the record stands for stop being right without an event. */
  validUntil(f: Floats, g: Ints, k: number): number
  /** Moves the key's current moment to the last change at or before `nowMs`. True where it moved. */
  settleUpTo(f: Floats, g: Ints, k: number, nowMs: number): boolean
  drop(f: Floats, g: Ints, k: number, slot: number, neededMs: number): void
  /** Forgets all that is kept of the key, what was dropped too: its record is as that of a key that is met for the first time. */
  clear(f: Floats, g: Ints, k: number, slot: number): void
  /** Gives back room that a key does not use. */
  shrink(f: Floats, g: Ints, k: number): void
  /** Kept columns of the event in `inputs`, and of the key's newest one, as plain values; only where features ask for them. */
  columnsOf(inputs: readonly Floats[], i: number): Value[]
  latestColumns(slot: number): Value[] | null
  /** Without changing anything. `slot` −1: a key that was never seen, or is forgotten at that moment. */
  read(slot: number, key: string, group: number, atMs: number): KeyReading
  /** A key group's head, then keys and waiting rows; and back. */
  writeHead(out: ByteWriter): void
  writeKey(out: ByteWriter, f: Floats, g: Ints, k: number): void
  writeInputs(out: ByteWriter, inputs: readonly Floats[], i: number): void
  /** null: these bytes are of another form. */
  reader(input: ByteReader, bytes: Uint8Array): GroupReader | null
  restoreRows(slot: number, rows: KeyRows): void
  /** A plain value of a kept column as it stands in `inputs`. */
  toInput(value: Value): number
  readonly byteLength: number
}

/** Reads what `writeKey` and `writeInputs` have written behind a head that fits. */
export interface GroupReader {
  readKey(slot: number): void
  /** The columns of a waiting row, in arrays of one value. */
  readInputs(): readonly Floats[]
}
