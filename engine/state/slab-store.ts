/** The rows of keys in the slabs: room in rings, rows put between others, and rows as plain values for whoever needs them so. */
import type { Kernel } from '../compile/kernel.ts'
import { type KernelLayout, POSITION_WORD, TIME_WORD } from '../compile/kernel-layout.ts'
import type { Value } from '../sink/port.ts'
import type { ByteWriter } from './byte-writer.ts'
import { KeyRows } from './key-rows.ts'
import { offsetOf, partitionOf, positionOf } from './position.ts'
import {
  F_ANCHOR,
  F_APPLIED,
  F_AS_OF,
  F_AS_OF_POSITION,
  F_DROPPED_TIME,
  F_HEAD_TIME,
  F_TIMER,
  F_VALID_UNTIL,
  I_GROUP,
  I_HEAD,
  I_ROW_BASE,
  I_ROW_CHUNK,
  I_ROW_MASK,
  I_TAIL,
  type KeySlab,
} from './slab-keys.ts'
import { MIN_ROWS_LOG2, type RowSlab } from './slab-rows.ts'
import type { TextPool } from './text-pool.ts'

/** Sequence numbers of a key's rows begin again before they leave 31 bits. */
const MAX_SEQUENCE = 2 ** 30

export class SlabStore {
  readonly keys: KeySlab
  readonly rows: RowSlab
  readonly texts: TextPool
  readonly layout: KernelLayout
  private readonly kernel: Kernel

  constructor(parts: { keys: KeySlab; rows: RowSlab; texts: TextPool; layout: KernelLayout; kernel: Kernel }) {
    this.keys = parts.keys
    this.rows = parts.rows
    this.texts = parts.texts
    this.layout = parts.layout
    this.kernel = parts.kernel
  }

  /** What a new record needs besides its key. `derives`: its quantities too, which whoever fills it at once derives afterwards. */
  initialise(slot: number, derives = true): void {
    const f = this.keys.floatsOf(slot)
    const g = this.keys.intsOf(slot)
    const k = this.keys.base(slot)
    g[2 * k + I_ROW_CHUNK] = -1
    g[2 * k + I_ROW_MASK] = -1
    f[k + F_AS_OF] = Number.NEGATIVE_INFINITY
    f[k + F_ANCHOR] = Number.NEGATIVE_INFINITY
    f[k + F_TIMER] = Number.POSITIVE_INFINITY
    f[k + F_VALID_UNTIL] = Number.POSITIVE_INFINITY
    f[k + F_HEAD_TIME] = Number.POSITIVE_INFINITY
    f[k + F_DROPPED_TIME] = Number.NEGATIVE_INFINITY
    if (this.layout.dropped >= 0) f.fill(Number.NaN, k + this.layout.dropped, k + this.layout.dropped + this.layout.columns.length)
    if (derives) this.kernel.rebuild(f, g, k, slot)
  }

  /** Loads the places of the slots' next and oldest counted rows: as KeySlab.touch, for what follows in the kernel. */
  touch(slots: Int32Array, from: number, to: number): number {
    let sum = 0
    const lo = this.layout.windows[0]!.lo
    const { stride } = this.rows
    for (let i = from; i < to; i++) {
      const g = this.keys.intsOf(slots[i]!)
      const k2 = 2 * this.keys.base(slots[i]!)
      const rows = this.rows.ints[g[k2 + I_ROW_CHUNK]!]
      if (!rows) continue
      const mask = g[k2 + I_ROW_MASK]!
      const base = g[k2 + I_ROW_BASE]!
      sum ^= rows[2 * (base + (g[k2 + I_TAIL]! & mask) * stride)]! ^ rows[2 * (base + (g[k2 + lo]! & mask) * stride)]!
    }
    return sum
  }

  /** Room for one row more. */
  makeRoom(f: Float64Array, g: Int32Array, k: number, slot: number): void {
    const k2 = 2 * k
    const count = g[k2 + I_TAIL]! - g[k2 + I_HEAD]!
    if (g[k2 + I_TAIL]! >= MAX_SEQUENCE) this.renumber(f, g, k, slot)
    if (count <= g[k2 + I_ROW_MASK]!) return
    this.move(g, k2, count === 0 ? MIN_ROWS_LOG2 : Math.log2(g[k2 + I_ROW_MASK]! + 1) + 1)
  }

  /** A ring for so many rows, of a key that has none yet. */
  makeRoomFor(g: Int32Array, k: number, rows: number): void {
    this.move(g, 2 * k, Math.max(MIN_ROWS_LOG2, Math.ceil(Math.log2(rows))))
  }

  /** Writes one value of each column as a row at its place in a ring. */
  writeRow(floats: Float64Array, ints: Int32Array, at: number, timeMs: number, position: number, columns: readonly Float64Array[]): void {
    this.kernel.write(floats, ints, at, timeMs, position, columns, 0)
  }

  /** Derives the running quantities of a key from its rows. */
  rebuild(slot: number): void {
    this.kernel.rebuild(this.keys.floatsOf(slot), this.keys.intsOf(slot), this.keys.base(slot), slot)
  }

  /** Frees the ring of a key without rows, and halves one that is less than two fifths full. */
  shrink(g: Int32Array, k: number): void {
    const k2 = 2 * k
    const capacity = g[k2 + I_ROW_MASK]! + 1
    const count = g[k2 + I_TAIL]! - g[k2 + I_HEAD]!
    if (capacity === 0 || count * 5 > capacity * 2) return
    if (count > 0) {
      if (capacity > 1 << MIN_ROWS_LOG2) this.move(g, k2, Math.log2(capacity) - 1)
      return
    }
    this.rows.free(g[k2 + I_ROW_CHUNK]!, g[k2 + I_ROW_BASE]!, Math.log2(capacity))
    g[k2 + I_ROW_CHUNK] = -1
    g[k2 + I_ROW_MASK] = -1
  }

  private move(g: Int32Array, k2: number, log2: number): void {
    const { rows } = this
    const { stride } = rows
    const [oldChunk, oldBase, oldMask] = [g[k2 + I_ROW_CHUNK]!, g[k2 + I_ROW_BASE]!, g[k2 + I_ROW_MASK]!]
    rows.allocate(log2)
    const mask = 2 ** log2 - 1
    if (oldChunk >= 0) {
      const from = rows.floats[oldChunk]!
      const to = rows.floats[rows.chunk]!
      for (let s = g[k2 + I_HEAD]!; s < g[k2 + I_TAIL]!; ) {
        // as many rows as lie side by side in both rings
        const run = Math.min(g[k2 + I_TAIL]! - s, oldMask + 1 - (s & oldMask), mask + 1 - (s & mask))
        const at = oldBase + (s & oldMask) * stride
        to.set(from.subarray(at, at + run * stride), rows.base + (s & mask) * stride)
        s += run
      }
      const [chunk, base] = [rows.chunk, rows.base]
      rows.free(oldChunk, oldBase, Math.log2(oldMask + 1))
      g[k2 + I_ROW_CHUNK] = chunk
      g[k2 + I_ROW_BASE] = base
    } else {
      g[k2 + I_ROW_CHUNK] = rows.chunk
      g[k2 + I_ROW_BASE] = rows.base
    }
    g[k2 + I_ROW_MASK] = mask
  }

  private renumber(f: Float64Array, g: Int32Array, k: number, slot: number): void {
    const k2 = 2 * k
    this.kernel.unlink(f, g, k, slot)
    const head = g[k2 + I_ROW_CHUNK]! < 0 ? 0 : g[k2 + I_HEAD]! & g[k2 + I_ROW_MASK]!
    g[k2 + I_TAIL] = g[k2 + I_TAIL]! - g[k2 + I_HEAD]! + head
    g[k2 + I_HEAD] = head
    this.kernel.rebuild(f, g, k, slot)
  }

  /** Puts input row i behind the newest row. There is room, and the windows stand for its time. */
  append(
    f: Float64Array,
    g: Int32Array,
    k: number,
    slot: number,
    timeMs: number,
    position: number,
    columns: readonly Float64Array[],
    i: number,
  ): void {
    const chunk = g[2 * k + I_ROW_CHUNK]!
    this.kernel.write(this.rows.floats[chunk]!, this.rows.ints[chunk]!, this.place(g, k, g[2 * k + I_TAIL]!), timeMs, position, columns, i)
    this.kernel.join(f, g, k, slot)
  }

  /** Where row `sequence` stands in its chunk. */
  private place(g: Int32Array, k: number, sequence: number): number {
    return g[2 * k + I_ROW_BASE]! + (sequence & g[2 * k + I_ROW_MASK]!) * this.rows.stride
  }

  /**
   * Puts input row i where its time and position say, between other rows, by going back: newer rows are taken off, the windows
   * moved back to its time, the row put in, `there` called, and the newer rows taken in again, up to the moment `anchorMs`.
   */
  insertByGoingBack(
    f: Float64Array,
    g: Int32Array,
    k: number,
    slot: number,
    timeMs: number,
    position: number,
    columns: readonly Float64Array[],
    i: number,
    anchorMs: number,
    there: () => void,
  ): void {
    const { kernel, rows } = this
    const R = rows.floats[g[2 * k + I_ROW_CHUNK]!]!
    const tail = g[2 * k + I_TAIL]!
    while (g[2 * k + I_TAIL]! > g[2 * k + I_HEAD]!) {
      const last = this.place(g, k, g[2 * k + I_TAIL]! - 1)
      const time = R[last + TIME_WORD]!
      if (time < timeMs || (time === timeMs && R[last + POSITION_WORD]! < position)) break
      kernel.part(f, g, k, slot)
    }
    kernel.retreat(f, g, k, timeMs)
    for (let s = tail; s > g[2 * k + I_TAIL]!; s--) {
      const from = this.place(g, k, s - 1)
      R.copyWithin(this.place(g, k, s), from, from + rows.stride)
    }
    this.append(f, g, k, slot, timeMs, position, columns, i)
    while (g[2 * k + I_TAIL]! <= tail && R[this.place(g, k, g[2 * k + I_TAIL]!) + TIME_WORD] === timeMs) kernel.join(f, g, k, slot)
    there()
    while (g[2 * k + I_TAIL]! <= tail) {
      kernel.advance(f, g, k, R[this.place(g, k, g[2 * k + I_TAIL]!) + TIME_WORD]!)
      kernel.join(f, g, k, slot)
    }
    if (anchorMs > f[k + F_ANCHOR]!) kernel.advance(f, g, k, anchorMs)
  }

  /** Puts input row i where its time and position say, between other rows; the running quantities are derived anew. */
  insertBetween(
    f: Float64Array,
    g: Int32Array,
    k: number,
    slot: number,
    timeMs: number,
    position: number,
    columns: readonly Float64Array[],
    i: number,
  ): void {
    const k2 = 2 * k
    const { stride } = this.rows
    this.kernel.unlink(f, g, k, slot)
    const R = this.rows.floats[g[k2 + I_ROW_CHUNK]!]!
    const base = g[k2 + I_ROW_BASE]!
    const mask = g[k2 + I_ROW_MASK]!
    let s = g[k2 + I_TAIL]!
    for (; s > g[k2 + I_HEAD]!; s--) {
      const before = base + ((s - 1) & mask) * stride
      const time = R[before + TIME_WORD]!
      if (time < timeMs || (time === timeMs && R[before + POSITION_WORD]! < position)) break
      R.copyWithin(base + (s & mask) * stride, before, before + stride)
    }
    this.kernel.write(R, this.rows.ints[g[k2 + I_ROW_CHUNK]!]!, base + (s & mask) * stride, timeMs, position, columns, i)
    g[k2 + I_TAIL]!++
    this.kernel.rebuild(f, g, k, slot)
  }

  /** Forgets the key's rows, the dropped ones too; its record is as that of a key that is met for the first time. */
  clear(f: Float64Array, g: Int32Array, k: number, slot: number): void {
    const k2 = 2 * k
    const { dropped, columns } = this.layout
    this.kernel.unlink(f, g, k, slot)
    const ints = this.rows.ints[g[k2 + I_ROW_CHUNK]!]
    for (let s = g[k2 + I_HEAD]!; s < g[k2 + I_TAIL]!; s++)
      for (const { kind, at } of columns) {
        const text = kind === 'text' ? ints![2 * this.place(g, k, s) + at]! : -1
        if (text >= 0) this.texts.release(text)
      }
    for (const [c, { kind }] of columns.entries()) {
      const text = kind === 'text' && dropped >= 0 ? f[k + dropped + c]! : Number.NaN
      if (!Number.isNaN(text)) this.texts.release(text)
    }
    g[k2 + I_TAIL] = g[k2 + I_HEAD]!
    this.shrink(g, k)
    g[k2 + I_HEAD] = 0
    g[k2 + I_TAIL] = 0
    const timer = f[k + F_TIMER]!
    f[k + F_APPLIED] = 0
    f[k + F_AS_OF_POSITION] = 0
    this.initialise(slot)
    f[k + F_TIMER] = timer // its entry in the heap is still there
  }

  /** The key with its rows as the plain operator keeps them. */
  keyRows(slot: number): KeyRows {
    const f = this.keys.floatsOf(slot)
    const g = this.keys.intsOf(slot)
    const k = this.keys.base(slot)
    const plain = new KeyRows(this.keys.text(slot), g[2 * k + I_GROUP]!, this.layout.columns.length)
    const chunk = g[2 * k + I_ROW_CHUNK]!
    for (let s = g[2 * k + I_HEAD]!; s < g[2 * k + I_TAIL]!; s++) {
      const at = g[2 * k + I_ROW_BASE]! + (s & g[2 * k + I_ROW_MASK]!) * this.rows.stride
      const position = this.rows.floats[chunk]![at + POSITION_WORD]!
      plain.times.push(this.rows.floats[chunk]![at + TIME_WORD]!)
      plain.partitions.push(partitionOf(position))
      plain.offsets.push(offsetOf(position))
      for (let c = 0; c < plain.columns.length; c++) plain.columns[c]!.push(this.valueInRow(c, chunk, at))
    }
    plain.asOfMs = f[k + F_AS_OF]!
    plain.asOfPartition = partitionOf(f[k + F_AS_OF_POSITION]!)
    plain.asOfOffset = offsetOf(f[k + F_AS_OF_POSITION]!)
    plain.applied = f[k + F_APPLIED]!
    plain.settledMs = f[k + F_ANCHOR]!
    plain.validUntilMs = finiteOrNull(f[k + F_VALID_UNTIL]!)
    const droppedMs = f[k + F_DROPPED_TIME]!
    if (droppedMs > Number.NEGATIVE_INFINITY) plain.dropped = { timeMs: droppedMs, columns: this.droppedColumns(f, k) }
    return plain
  }

  droppedColumns(f: Float64Array, k: number): Value[] {
    const { dropped, columns } = this.layout
    return columns.map(({ kind }, c) => (dropped < 0 ? null : this.toValue(kind, f[k + dropped + c]!)))
  }

  /** The key's rows as `group-format.ts` has them. */
  writeRows(out: ByteWriter, g: Int32Array, k: number): void {
    const chunk = g[2 * k + I_ROW_CHUNK]!
    const [head, tail] = [g[2 * k + I_HEAD]!, g[2 * k + I_TAIL]!]
    out.u32(tail - head)
    const floats = this.rows.floats[chunk]!
    const ints = this.rows.ints[chunk]!
    const { columns } = this.layout
    const base = g[2 * k + I_ROW_BASE]!
    const mask = g[2 * k + I_ROW_MASK]!
    for (let s = head; s < tail; s++) {
      const at = base + (s & mask) * this.rows.stride
      out.f64(floats[at + TIME_WORD]!)
      out.f64(floats[at + POSITION_WORD]!)
      for (let c = 0; c < columns.length; c++) {
        const { kind, at: word, shift } = columns[c]!
        if (kind === 'number') out.f64(floats[at + word]!)
        else if (kind === 'boolean') out.u8((ints[2 * at + word]! >>> shift) & 3)
        else if (ints[2 * at + word]! < 0) out.u32(0)
        else this.texts.writeTo(out, ints[2 * at + word]!)
      }
    }
  }

  private valueInRow(column: number, chunk: number, at: number): Value {
    const { kind, at: word, shift } = this.layout.columns[column]!
    if (kind === 'number') return this.toValue(kind, this.rows.floats[chunk]![at + word]!)
    const half = this.rows.ints[chunk]![2 * at + word]!
    if (kind === 'text') return half < 0 ? null : this.texts.text(half)
    return [null, false, true][(half >>> shift) & 3] ?? null
  }

  /** A column's number (NaN: NULL; a text's number; 0 and 1) as a plain value. */
  toValue(kind: 'number' | 'boolean' | 'text', number: number): Value {
    if (Number.isNaN(number)) return null
    return kind === 'text' ? this.texts.text(number) : kind === 'boolean' ? number === 1 : number
  }

  /** The other way; a text is held once more. */
  toNumber(value: Value): number {
    return value === null ? Number.NaN : typeof value === 'string' ? this.texts.internText(value) : Number(value)
  }

  /** Kept columns of the key's newest row, or of the newest dropped one; null where there never was one. */
  latestColumns(slot: number): Value[] | null {
    const f = this.keys.floatsOf(slot)
    const g = this.keys.intsOf(slot)
    const k = this.keys.base(slot)
    if (g[2 * k + I_TAIL] === g[2 * k + I_HEAD]) return f[k + F_DROPPED_TIME]! > Number.NEGATIVE_INFINITY ? this.droppedColumns(f, k) : null
    const at = g[2 * k + I_ROW_BASE]! + ((g[2 * k + I_TAIL]! - 1) & g[2 * k + I_ROW_MASK]!) * this.rows.stride
    return this.layout.columns.map((_, c) => this.valueInRow(c, g[2 * k + I_ROW_CHUNK]!, at))
  }

  /** Fills a new record from the plain form, and derives its running quantities. */
  restore(slot: number, plain: KeyRows): void {
    const f = this.keys.floatsOf(slot)
    const g = this.keys.intsOf(slot)
    const k = this.keys.base(slot)
    const input = plain.columns.map(() => new Float64Array(1))
    for (let i = plain.head; i < plain.times.length; i++) {
      this.makeRoom(f, g, k, slot)
      for (const [c, column] of plain.columns.entries()) input[c]![0] = this.toNumber(column[i]!)
      const chunk = g[2 * k + I_ROW_CHUNK]!
      const at = g[2 * k + I_ROW_BASE]! + (g[2 * k + I_TAIL]! & g[2 * k + I_ROW_MASK]!) * this.rows.stride
      this.kernel.write(
        this.rows.floats[chunk]!,
        this.rows.ints[chunk]!,
        at,
        plain.times[i]!,
        positionOf(plain.partitions[i]!, plain.offsets[i]!),
        input,
        0,
      )
      g[2 * k + I_TAIL]!++
    }
    f[k + F_AS_OF] = plain.asOfMs
    f[k + F_AS_OF_POSITION] = positionOf(plain.asOfPartition, plain.asOfOffset)
    f[k + F_APPLIED] = plain.applied
    f[k + F_ANCHOR] = plain.settledMs
    if (plain.dropped) {
      f[k + F_DROPPED_TIME] = plain.dropped.timeMs
      const { dropped } = this.layout
      if (dropped >= 0) for (const [c, value] of plain.dropped.columns.entries()) f[k + dropped + c] = this.toNumber(value)
    }
    this.kernel.rebuild(f, g, k, slot)
  }
}

export const finiteOrNull = (value: number): number | null => (Number.isFinite(value) ? value : null)
