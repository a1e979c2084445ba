/**
 * The panes of each key, oldest first, side by side in one block (`slab-rows.ts`): those in [head, tail) of it. A closed pane is not
 * touched again, but by an event that is late. Indexes of panes stand in the record (`lo` of a window), so what moves panes moves them.
 */
import { NUMBER, type PaneLayout } from '../compile/pane-layout.ts'
import type { PaneKernel } from '../compile/pane-kernel.ts'
import { I_HEAD, I_ROW_BASE, I_ROW_CHUNK, I_ROW_MASK, I_TAIL, type KeySlab } from './slab-keys.ts'
import type { RowSlab } from './slab-rows.ts'

/** Panes of a block, by size. */
export const PANES = [2, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128]
while (PANES.length < 48) PANES.push(PANES.at(-2)! * 2)

/** The record's word that has the block's size. */
const I_SIZE = I_ROW_MASK
const INTS_PER_LINE = 16
/** More panes than stand in so many lines are read one after the other anyway, which the processor sees coming. */
const LINES_AHEAD = 8

export class PaneStore {
  readonly slab: RowSlab
  private readonly keys: KeySlab
  private readonly layout: PaneLayout
  private readonly kernel: PaneKernel
  private readonly los: readonly number[]

  constructor(keys: KeySlab, layout: PaneLayout, kernel: PaneKernel, slab: RowSlab) {
    this.keys = keys
    this.layout = layout
    this.kernel = kernel
    this.slab = slab
    this.los = layout.windows.flatMap(({ totals, lo }) => (totals < 0 ? [] : [lo]))
  }

  /** First 64-bit word of pane `index` in its chunk. */
  place(g: Int32Array, k: number, index: number): number {
    return g[2 * k + I_ROW_BASE]! + index * this.layout.paneWords
  }

  numberAt(g: Int32Array, k: number, index: number): number {
    return this.slab.ints[g[2 * k + I_ROW_CHUNK]!]![2 * this.place(g, k, index) + NUMBER]!
  }

  /** Index of the first pane that is not before `number`. */
  indexOf(g: Int32Array, k: number, number: number): number {
    let low = g[2 * k + I_HEAD]!
    let high = g[2 * k + I_TAIL]!
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.numberAt(g, k, middle) < number) low = middle + 1
      else high = middle
    }
    return low
  }

  /** Makes an empty pane at `index`, those from there on moving up; returns its index, as panes may have moved within the block. */
  open(g: Int32Array, k: number, index: number, number: number): number {
    const k2 = 2 * k
    const at = index - this.makeRoom(g, k)
    const chunk = g[k2 + I_ROW_CHUNK]!
    const floats = this.slab.floats[chunk]!
    const w = this.place(g, k, at)
    const tail = g[k2 + I_TAIL]!++
    if (at < tail) floats.copyWithin(w + this.layout.paneWords, w, this.place(g, k, tail))
    const ints = this.slab.ints[chunk]!
    this.kernel.init(floats, ints, this.slab.bytes[chunk]!, w)
    ints[2 * w + NUMBER] = number
    return at
  }

  /** Room for one pane more. Returns by how much the indexes of all panes have gone down. */
  private makeRoom(g: Int32Array, k: number): number {
    const k2 = 2 * k
    const capacity = this.capacity(g, k)
    if (g[k2 + I_TAIL]! < capacity) return 0
    if (capacity === 0) return this.move(g, k, 0)
    if (g[k2 + I_HEAD]! * 4 < capacity) return this.move(g, k, g[k2 + I_SIZE]! + 1)
    const w = g[k2 + I_ROW_BASE]!
    this.slab.floats[g[k2 + I_ROW_CHUNK]!]!.copyWithin(w, this.place(g, k, g[k2 + I_HEAD]!), this.place(g, k, g[k2 + I_TAIL]!))
    return this.renumber(g, k)
  }

  private capacity(g: Int32Array, k: number): number {
    return g[2 * k + I_ROW_CHUNK]! < 0 ? 0 : PANES[g[2 * k + I_SIZE]!]!
  }

  /** A block for so many panes, of a key that has none yet. */
  makeRoomFor(g: Int32Array, k: number, panes: number): void {
    this.move(
      g,
      k,
      PANES.findIndex((capacity) => capacity >= panes),
    )
  }

  private move(g: Int32Array, k: number, size: number): number {
    const k2 = 2 * k
    const { slab } = this
    const [chunk, base] = [g[k2 + I_ROW_CHUNK]!, g[k2 + I_ROW_BASE]!]
    slab.allocate(size)
    if (chunk >= 0) {
      const { paneWords } = this.layout
      const source = slab.floats[chunk]!
      const target = slab.floats[slab.chunk]!
      const end = base + g[k2 + I_TAIL]! * paneWords
      for (let from = base + g[k2 + I_HEAD]! * paneWords, to = slab.base; from < end; ) target[to++] = source[from++]!
      const [newChunk, newBase] = [slab.chunk, slab.base]
      slab.free(chunk, base, g[k2 + I_SIZE]!)
      g[k2 + I_ROW_CHUNK] = newChunk
      g[k2 + I_ROW_BASE] = newBase
    } else {
      g[k2 + I_ROW_CHUNK] = slab.chunk
      g[k2 + I_ROW_BASE] = slab.base
    }
    g[k2 + I_SIZE] = size
    return this.renumber(g, k)
  }

  /** The oldest pane has index 0 now. */
  private renumber(g: Int32Array, k: number): number {
    const k2 = 2 * k
    const by = g[k2 + I_HEAD]!
    if (by === 0) return 0
    g[k2 + I_HEAD] = 0
    g[k2 + I_TAIL]! -= by
    for (const lo of this.los) g[k2 + lo]! -= by
    return by
  }

  /** Gives back panes before `number`. */
  dropBefore(g: Int32Array, k: number, number: number): void {
    const k2 = 2 * k
    const tail = g[k2 + I_TAIL]!
    let head = g[k2 + I_HEAD]!
    if (head === tail) return
    const chunk = g[k2 + I_ROW_CHUNK]!
    const ints = this.slab.ints[chunk]!
    for (; head < tail; head++) {
      const w = this.place(g, k, head)
      if (ints[2 * w + NUMBER]! >= number) break
      this.kernel.release(this.slab.bytes[chunk]!, w)
    }
    g[k2 + I_HEAD] = head
  }

  /** Frees the block of a key without panes, and changes one that is less than half full for a smaller one. */
  shrink(g: Int32Array, k: number): void {
    const k2 = 2 * k
    const capacity = this.capacity(g, k)
    if (capacity === 0) return
    const count = g[k2 + I_TAIL]! - g[k2 + I_HEAD]!
    if (count === 0) {
      this.slab.free(g[k2 + I_ROW_CHUNK]!, g[k2 + I_ROW_BASE]!, g[k2 + I_SIZE]!)
      this.renumber(g, k)
      g[k2 + I_ROW_CHUNK] = -1
    } else if (count * 2 < capacity && g[k2 + I_SIZE]! > 0) this.move(g, k, g[k2 + I_SIZE]! - 1)
  }

  /** Loads the newest panes of these slots, a word of each cache line. */
  touch(slots: Int32Array, from: number, to: number): number {
    let sum = 0
    const { paneWords } = this.layout
    for (let i = from; i < to; i++) {
      const g = this.keys.intsOf(slots[i]!)
      const k2 = 2 * this.keys.base(slots[i]!)
      const ints = this.slab.ints[g[k2 + I_ROW_CHUNK]!]
      if (!ints) continue
      const base = g[k2 + I_ROW_BASE]!
      const end = 2 * (base + g[k2 + I_TAIL]! * paneWords)
      for (
        let word = Math.max(2 * (base + g[k2 + I_HEAD]! * paneWords), end - LINES_AHEAD * INTS_PER_LINE);
        word < end;
        word += INTS_PER_LINE
      )
        sum ^= ints[word]!
    }
    return sum
  }
}
