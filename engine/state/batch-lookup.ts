/**
 * A batch's keys and texts → slots and numbers, for all its events at once: tables are probed, records and rows loaded in loops of
 * their own, so that cache misses overlap rather than follow one another.
 */
import type { ColumnBatch } from './column-batch.ts'
import type { KeyState } from './key-state.ts'
import { type KeySlab, tableHash } from './slab-keys.ts'

export class BatchLookup {
  /** by event of the batch */
  slots = new Int32Array(0)
  /** kept columns by event: numbers, NaN for NULL; a text by its number, held once for the event's row */
  readonly inputs: Float64Array[]
  private readonly textInputs: Float64Array[]
  private readonly keys: KeySlab
  private readonly state: KeyState
  private readonly newKey: (key: Uint8Array, from: number, to: number, hash: number) => number
  private hashes = new Int32Array(0)
  private candidates = new Int32Array(0)

  /** `newKey` makes the record of a key that is met for the first time. */
  constructor(state: KeyState, newKey: BatchLookup['newKey']) {
    this.state = state
    this.keys = state.keys
    this.newKey = newKey
    this.inputs = Array.from({ length: state.columnCount }, () => new Float64Array(0))
    this.textInputs = Array.from({ length: state.columnCount }, () => new Float64Array(0))
  }

  prepare(batch: ColumnBatch, from: number, to: number): void {
    if (this.slots.length < batch.count) {
      this.hashes = new Int32Array(batch.count)
      this.candidates = new Int32Array(batch.count)
      this.slots = new Int32Array(batch.count)
    }
    const { hashes, candidates, slots, keys } = this
    const { keyBytes, keyStarts, keyEnds, keyHashes } = batch
    for (let i = from; i < to; i++) hashes[i] = tableHash(keyHashes[i]!)
    keys.probe(hashes, from, to, candidates)
    keys.touch(candidates, from, to)
    for (let i = from; i < to; i++) {
      const slot = keys.find(keyBytes, keyStarts[i]!, keyEnds[i]!, hashes[i]!, candidates[i]!)
      slots[i] = slot >= 0 ? slot : this.newKey(keyBytes, keyStarts[i]!, keyEnds[i]!, keyHashes[i]!)
    }
    this.state.touch(slots, from, to)
    for (let c = 0; c < batch.columns.length; c++) this.takeColumn(batch, c, from, to)
  }

  private takeColumn(batch: ColumnBatch, c: number, from: number, to: number): void {
    const column = batch.columns[c]!
    if (column instanceof Float64Array) {
      this.inputs[c] = column
      return
    }
    if (this.textInputs[c]!.length < batch.count) this.textInputs[c] = new Float64Array(batch.count)
    const numbers = this.textInputs[c]!
    const { starts, ends } = column
    for (let i = from; i < to; i++) numbers[i] = starts[i] === -1 ? Number.NaN : this.state.takeText(batch.texts, starts[i]!, ends[i]!)
    this.inputs[c] = numbers
  }
}
