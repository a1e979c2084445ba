/**
 * Keys with their panes, for windows with PRECISION: a pane is what its events come to, so memory and work follow the panes that have
 * events, not the events. A window that ends now has running totals in the record; when a pane leaves it they are summed anew from the panes
 * that are left, so that nothing is ever subtracted. Moments before the key's current one, and reads, are summed from the panes.
 */
import type { Evaluator } from '../compile/evaluator.ts'
import { compilePaneKernel, type PaneKernel } from '../compile/pane-kernel.ts'
import { layOutPanes, type PaneLayout, type PaneWindow, STALE } from '../compile/pane-layout.ts'
import { valueHash } from '../compile/value-hash.ts'
import type { Value } from '../sink/port.ts'
import type { ByteReader, ByteWriter } from './byte-writer.ts'
import type { FeatureValues } from './feature-values.ts'
import { murmur3 } from './hash.ts'
import type { GroupReader, KeyState } from './key-state.ts'
import type { KeyRows } from './key-rows.ts'
import type { KeyReading } from './operator.ts'
import { compilePaneFormat, isPaneFormat, type PaneFormat, readPaneHead, writePaneHead } from './pane-format.ts'
import { PANES, PaneStore } from './pane-store.ts'
import { positionOf } from './position.ts'
import type { ResultColumns } from './result-columns.ts'
import { SketchSlab } from './sketch-slab.ts'
import {
  F_ANCHOR,
  F_APPLIED,
  F_AS_OF,
  F_AS_OF_POSITION,
  F_DROPPED_TIME,
  F_HEAD_TIME,
  F_TIMER,
  F_VALID_UNTIL,
  I_HEAD,
  I_ROW_CHUNK,
  I_TAIL,
  KeySlab,
} from './slab-keys.ts'
import { RowSlab } from './slab-rows.ts'

/** So often totals are asked for after a pane has left before it pays to sum them: many keys never come to it before the next one leaves. */
const ASKED_BEFORE_SUMMED = 4
/** More of them are not summed twice. */
const FEW_PANES = 16

/** Where no pane stands. */
const NONE = { floats: new Float64Array(0), ints: new Int32Array(0), bytes: new Uint8Array(0) }

export class PaneState implements KeyState {
  readonly keys: KeySlab
  readonly columnCount: number
  private readonly features: FeatureValues
  private readonly layout: PaneLayout
  private readonly sketches = new SketchSlab()
  private readonly kernel: PaneKernel
  private readonly store: PaneStore
  /** the windows that have totals */
  private readonly running: readonly PaneWindow[]
  private readonly format: PaneFormat
  private readonly saved: Float64Array
  private readonly now: Float64Array[]

  constructor(evaluator: Evaluator, features: FeatureValues) {
    const { plan, columnTypes, counters } = evaluator
    this.features = features
    this.columnCount = plan.columns.length
    this.layout = layOutPanes(plan, columnTypes)
    this.format = compilePaneFormat(this.layout, this.sketches)
    this.running = this.layout.windows.filter(({ totals }) => totals >= 0)
    this.keys = new KeySlab(this.layout.recordWords)
    const panes = new RowSlab(this.layout.paneWords, PANES)
    this.kernel = compilePaneKernel(plan, columnTypes, this.layout, panes, this.sketches, counters)
    this.store = new PaneStore(this.keys, this.layout, this.kernel, panes)
    this.saved = new Float64Array(this.layout.recordWords)
    this.now = plan.aggregates.map(() => new Float64Array(1))
  }

  takeText(bytes: Uint8Array, from: number, to: number): number {
    return murmur3(bytes, from, to)
  }

  initialise(slot: number): void {
    const f = this.keys.floatsOf(slot)
    const g = this.keys.intsOf(slot)
    const k = this.keys.base(slot)
    g[2 * k + I_ROW_CHUNK] = -1
    f[k + F_AS_OF] = Number.NEGATIVE_INFINITY
    f[k + F_ANCHOR] = Number.NEGATIVE_INFINITY
    f[k + F_TIMER] = Number.POSITIVE_INFINITY
    f[k + F_VALID_UNTIL] = Number.POSITIVE_INFINITY
    f[k + F_HEAD_TIME] = Number.POSITIVE_INFINITY
    f[k + F_DROPPED_TIME] = Number.NEGATIVE_INFINITY
    for (const { totals, lo, leaveAt } of this.running) {
      g[2 * k + lo] = g[2 * k + I_HEAD]!
      f[k + leaveAt] = Number.POSITIVE_INFINITY
      this.kernel.init(f, g, this.keys.bytesOf(slot), k + totals)
    }
  }

  touch(slots: Int32Array, from: number, to: number): number {
    return this.store.touch(slots, from, to)
  }

  private numberOf(timeMs: number): number {
    return Math.floor(timeMs / this.layout.widthMs)
  }

  /** The last moment at which pane `number` is in the window. */
  private lastMoment(number: number, { startMs }: PaneWindow): number {
    return (number + 1) * this.layout.widthMs + startMs - 1
  }

  insert(
    f: Float64Array,
    g: Int32Array,
    k: number,
    slot: number,
    timeMs: number,
    position: number,
    inputs: readonly Float64Array[],
    i: number,
    neededMs: number,
    results: ResultColumns,
  ): boolean {
    const isNewest = timeMs > f[k + F_AS_OF]!
    const isCurrent = isNewest || timeMs === f[k + F_ANCHOR]!
    if (isNewest) this.moveTo(f, g, k, timeMs)
    this.drop(f, g, k, slot, neededMs)
    const index = this.paneFor(f, g, k, this.numberOf(timeMs))
    const { slab } = this.store
    const chunk = g[2 * k + I_ROW_CHUNK]!
    const floats = slab.floats[chunk]!
    const w = this.store.place(g, k, index)
    this.kernel.add(floats, slab.ints[chunk]!, slab.bytes[chunk]!, w, inputs, i, timeMs, position)
    for (const { totals, lo } of this.running) {
      if (index >= g[2 * k + lo]! && g[2 * (k + totals) + STALE] === 0)
        this.kernel.add(f, g, this.keys.bytesOf(slot), k + totals, inputs, i, timeMs, position)
    }
    if (isCurrent) return false
    results.makeRoom()
    return this.evaluateAt(f, g, k, timeMs, results.aggregates, results.count)
  }

  /** Index of the pane with this number, made where there is none. The windows stand for the key's current moment. */
  private paneFor(f: Float64Array, g: Int32Array, k: number, number: number): number {
    const { store } = this
    const k2 = 2 * k
    const tail = g[k2 + I_TAIL]!
    let index = tail
    if (tail > g[k2 + I_HEAD]!) {
      const newest = store.numberAt(g, k, tail - 1)
      if (newest === number) return tail - 1
      if (newest > number) {
        index = store.indexOf(g, k, number)
        if (store.numberAt(g, k, index) === number) return index
      }
    }
    const at = store.open(g, k, index, number)
    for (const window of this.running) {
      const { lo, leaveAt } = window
      if (at > g[k2 + lo]!) continue
      const last = this.lastMoment(number, window)
      if (at < g[k2 + lo]! || last < f[k + F_ANCHOR]!) g[k2 + lo]!++
      else f[k + leaveAt] = last
    }
    if (at === g[k2 + I_HEAD]!) f[k + F_HEAD_TIME] = number * this.layout.widthMs
    return at
  }

  /** The key's current moment lies before the one that the record stands for where that was moved on by time alone. */
  private moveTo(f: Float64Array, g: Int32Array, k: number, atMs: number): void {
    if (atMs >= f[k + F_ANCHOR]!) {
      this.kernel.advance(f, g, k, atMs)
      return
    }
    f[k + F_ANCHOR] = atMs
    this.derive(f, g, k)
  }

  evaluate(f: Float64Array, g: Int32Array, k: number, slot: number, out: readonly Float64Array[], o: number): void {
    const { kernel, layout } = this
    for (let n = 0; n < layout.windows.length; n++) {
      const { totals, lo } = layout.windows[n]!
      if (totals < 0) this.evaluateWindow(n, g, k, f[k + F_ANCHOR]!, out, o)
      else {
        const stale = 2 * (k + totals) + STALE
        const panes = g[2 * k + I_TAIL]! - g[2 * k + lo]!
        if (g[stale]! > 0 && g[stale]! <= ASKED_BEFORE_SUMMED && panes <= FEW_PANES) {
          g[stale]!++
          this.evaluatePanes(n, g, k, g[2 * k + lo]!, g[2 * k + I_TAIL]!, out, o)
          continue
        }
        const bytes = this.keys.bytesOf(slot)
        if (g[stale]! > 0) {
          kernel.release(bytes, k + totals)
          this.sum(g, k, g[2 * k + lo]!, f, bytes, k + totals)
          g[stale] = 0
        }
        kernel.values(n, f, g, bytes, k + totals, out, o)
      }
    }
  }

  /** Panes from `from` on into the totals at w, whatever stood there. */
  private sum(g: Int32Array, k: number, from: number, f: Float64Array, bytes: Uint8Array, w: number): void {
    const { kernel, store, layout } = this
    const { slab } = store
    kernel.init(f, g, bytes, w)
    const chunk = g[2 * k + I_ROW_CHUNK]!
    const end = store.place(g, k, g[2 * k + I_TAIL]!)
    for (let r = store.place(g, k, from); r < end; r += layout.paneWords)
      kernel.merge(f, g, bytes, w, slab.floats[chunk]!, slab.ints[chunk]!, slab.bytes[chunk]!, r)
  }

  evaluateAt(_f: Float64Array, g: Int32Array, k: number, atMs: number, out: readonly Float64Array[], o: number): true {
    for (let n = 0; n < this.layout.windows.length; n++) this.evaluateWindow(n, g, k, atMs, out, o)
    return true
  }

  private evaluateWindow(n: number, g: Int32Array, k: number, atMs: number, out: readonly Float64Array[], o: number): void {
    const { startMs, endMs } = this.layout.windows[n]!
    const from = this.store.indexOf(g, k, this.numberOf(atMs - startMs))
    const to = Math.max(from, this.store.indexOf(g, k, this.numberOf(atMs - endMs) + 1))
    this.evaluatePanes(n, g, k, from, to, out, o)
  }

  private evaluatePanes(n: number, g: Int32Array, k: number, from: number, to: number, out: readonly Float64Array[], o: number): void {
    const { slab } = this.store
    const chunk = g[2 * k + I_ROW_CHUNK]!
    const [r, end] = [this.store.place(g, k, from), this.store.place(g, k, to)]
    this.kernel.panes(n, slab.floats[chunk]!, slab.ints[chunk]!, slab.bytes[chunk]!, r, end, out, o)
  }

  pastValues(): Value[] {
    throw new Error('a moment of panes is always evaluated from the panes')
  }

  validUntil(f: Float64Array, g: Int32Array, k: number): number {
    const { store, layout } = this
    let next = Number.POSITIVE_INFINITY
    for (const window of layout.windows) {
      if (window.totals >= 0) {
        next = Math.min(next, f[k + window.leaveAt]! + 1)
        continue
      }
      const atMs = f[k + F_ANCHOR]!
      const tail = g[2 * k + I_TAIL]!
      const lo = store.indexOf(g, k, this.numberOf(atMs - window.startMs))
      const hi = store.indexOf(g, k, this.numberOf(atMs - window.endMs) + 1)
      if (lo < tail) next = Math.min(next, this.lastMoment(store.numberAt(g, k, lo), window) + 1)
      if (hi < tail) next = Math.min(next, store.numberAt(g, k, hi) * layout.widthMs + window.endMs)
    }
    return next
  }

  settleUpTo(f: Float64Array, g: Int32Array, k: number, nowMs: number): boolean {
    let moved = false
    for (let next = this.validUntil(f, g, k); next <= nowMs; next = this.validUntil(f, g, k)) {
      this.kernel.advance(f, g, k, next)
      moved = true
    }
    return moved
  }

  drop(f: Float64Array, g: Int32Array, k: number, _slot: number, neededMs: number): void {
    if (neededMs === Number.NEGATIVE_INFINITY) return
    this.store.dropBefore(g, k, this.numberOf(neededMs))
    const head = g[2 * k + I_HEAD]!
    f[k + F_HEAD_TIME] = head < g[2 * k + I_TAIL]! ? this.store.numberAt(g, k, head) * this.layout.widthMs : Number.POSITIVE_INFINITY
  }

  clear(f: Float64Array, g: Int32Array, k: number, slot: number): void {
    this.store.dropBefore(g, k, Number.POSITIVE_INFINITY)
    this.store.shrink(g, k)
    for (const { totals } of this.running) this.kernel.release(this.keys.bytesOf(slot), k + totals)
    const timer = f[k + F_TIMER]!
    f[k + F_APPLIED] = 0
    f[k + F_AS_OF_POSITION] = 0
    this.initialise(slot)
    f[k + F_TIMER] = timer // its entry in the heap is still there
  }

  shrink(_f: Float64Array, g: Int32Array, k: number): void {
    this.store.shrink(g, k)
  }

  columnsOf(): Value[] {
    throw new Error('panes keep no events')
  }

  latestColumns(): null {
    return null
  }

  /** The record is moved on to the moment and put back; its totals are left as they are. */
  read(slot: number, _key: string, _group: number, atMs: number): KeyReading {
    if (slot < 0) return { status: 'UNKNOWN_KEY', values: this.empty(), asOfMs: null, version: null }
    const f = this.keys.floatsOf(slot)
    const g = this.keys.intsOf(slot)
    const k = this.keys.base(slot)
    this.evaluateAt(f, g, k, atMs, this.now, 0)
    const values = this.features.take(this.now, 0, null)
    const status = this.holds(g, k, atMs) ? 'PRESENT' : 'EMPTY'
    const asOfMs = f[k + F_AS_OF]!
    if (atMs < asOfMs) return { status, values, asOfMs: null, version: null }
    this.saved.set(f.subarray(k, k + this.saved.length))
    this.settleUpTo(f, g, k, atMs)
    const version = [asOfMs, f[k + F_APPLIED]!, f[k + F_ANCHOR]! - asOfMs] as const
    f.set(this.saved, k)
    return { status, values, asOfMs, version }
  }

  private holds(g: Int32Array, k: number, atMs: number): boolean {
    const { store } = this
    return this.layout.windows.some(
      ({ startMs, endMs }) => store.indexOf(g, k, this.numberOf(atMs - endMs) + 1) > store.indexOf(g, k, this.numberOf(atMs - startMs)),
    )
  }

  /** What a key without events says. */
  private empty(): Value[] {
    for (let n = 0; n < this.layout.windows.length; n++) this.kernel.panes(n, NONE.floats, NONE.ints, NONE.bytes, 0, 0, this.now, 0)
    return this.features.take(this.now, 0, null)
  }

  writeHead(out: ByteWriter): void {
    writePaneHead(out, this.layout)
  }

  writeKey(out: ByteWriter, _f: Float64Array, g: Int32Array, k: number): void {
    const [head, tail] = [g[2 * k + I_HEAD]!, g[2 * k + I_TAIL]!]
    const { slab } = this.store
    const chunk = g[2 * k + I_ROW_CHUNK]!
    out.u32(tail - head)
    if (head === tail) return
    const [floats, ints, bytes] = [slab.floats[chunk]!, slab.ints[chunk]!, slab.bytes[chunk]!]
    for (let index = head; index < tail; index++) this.format.write(out, floats, ints, bytes, this.store.place(g, k, index))
  }

  writeInputs(out: ByteWriter, inputs: readonly Float64Array[], i: number): void {
    for (const column of inputs) out.f64(column[i]!)
  }

  reader(input: ByteReader, bytes: Uint8Array): GroupReader | null {
    if (!isPaneFormat(bytes)) return null
    readPaneHead(input, this.layout)
    const inputs = this.layout.texts.map(() => new Float64Array(1))
    return {
      readKey: (slot) => this.readKey(input, bytes, slot),
      readInputs: () => {
        for (const column of inputs) column[0] = input.f64()
        return inputs
      },
    }
  }

  private readKey(input: ByteReader, bytes: Uint8Array, slot: number): void {
    const f = this.keys.floatsOf(slot)
    const g = this.keys.intsOf(slot)
    const k = this.keys.base(slot)
    const panes = input.u32()
    if (panes > 0) this.store.makeRoomFor(g, k, panes)
    const { slab } = this.store
    const chunk = g[2 * k + I_ROW_CHUNK]!
    const [floats, ints, ownBytes] = [slab.floats[chunk]!, slab.ints[chunk]!, slab.bytes[chunk]!]
    for (let index = 0; index < panes; index++) {
      this.format.read(input, bytes, floats, ints, ownBytes, this.store.place(g, k, index))
    }
    g[2 * k + I_TAIL] = panes
    this.derive(f, g, k)
  }

  /** Sets what follows from the panes, for the moment in the record's anchor. */
  private derive(f: Float64Array, g: Int32Array, k: number): void {
    const [head, tail] = [g[2 * k + I_HEAD]!, g[2 * k + I_TAIL]!]
    f[k + F_HEAD_TIME] = head < tail ? this.store.numberAt(g, k, head) * this.layout.widthMs : Number.POSITIVE_INFINITY
    for (const { leaveAt, lo } of this.running) {
      g[2 * k + lo] = head
      f[k + leaveAt] = Number.NEGATIVE_INFINITY
    }
    this.kernel.advance(f, g, k, f[k + F_ANCHOR]!)
  }

  /** From rows, as the plain operator keeps them. */
  restoreRows(slot: number, rows: KeyRows): void {
    const f = this.keys.floatsOf(slot)
    const g = this.keys.intsOf(slot)
    const k = this.keys.base(slot)
    f[k + F_AS_OF] = rows.asOfMs
    f[k + F_AS_OF_POSITION] = positionOf(rows.asOfPartition, rows.asOfOffset)
    f[k + F_APPLIED] = rows.applied
    f[k + F_ANCHOR] = rows.settledMs
    const inputs = rows.columns.map(() => new Float64Array(1))
    for (let i = rows.head; i < rows.times.length; i++) {
      for (const [c, column] of rows.columns.entries()) inputs[c]![0] = this.toInput(column[i]!)
      const timeMs = rows.times[i]!
      const w = this.store.place(g, k, this.paneFor(f, g, k, this.numberOf(timeMs)))
      const chunk = g[2 * k + I_ROW_CHUNK]!
      const { slab } = this.store
      const position = positionOf(rows.partitions[i]!, rows.offsets[i]!)
      this.kernel.add(slab.floats[chunk]!, slab.ints[chunk]!, slab.bytes[chunk]!, w, inputs, 0, timeMs, position)
    }
    this.derive(f, g, k)
  }

  toInput(value: Value): number {
    return value === null ? Number.NaN : typeof value === 'string' ? valueHash(value) : Number(value)
  }

  get byteLength(): number {
    return this.keys.byteLength + this.store.slab.byteLength + this.sketches.byteLength
  }
}
