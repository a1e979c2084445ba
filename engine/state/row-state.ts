/**
 * Keys with their rows, for exact windows: rings of rows (`slab-store.ts`) and the quantities that a generated kernel keeps right. What
 * is rare (an event's own moment before the key's current one, a read in the past) is left to the plain evaluator.
 */
import type { Evaluator } from '../compile/evaluator.ts'
import { compileKernel, type Kernel } from '../compile/kernel.ts'
import { type KernelLayout, layOut } from '../compile/kernel-layout.ts'
import type { Value } from '../sink/port.ts'
import type { ByteReader, ByteWriter } from './byte-writer.ts'
import { type ValueKind, writeHead, writeValue } from './group-format.ts'
import type { GroupReader, KeyState } from './key-state.ts'
import type { KeyRows } from './key-rows.ts'
import { LastSeen } from './last-seen.ts'
import type { KeyReading } from './operator.ts'
import type { ResultColumns } from './result-columns.ts'
import { F_ANCHOR, F_AS_OF, F_AS_OF_POSITION, F_DROPPED_TIME, I_HEAD, I_TAIL, KeySlab } from './slab-keys.ts'
import { SlabReader, settleUpTo } from './slab-reader.ts'
import { rowsReader } from './slab-restore.ts'
import { RowSlab } from './slab-rows.ts'
import { SlabStore } from './slab-store.ts'
import type { TextPool } from './text-pool.ts'
import type { Ttl } from './ttl.ts'

export class RowState implements KeyState {
  readonly keys: KeySlab
  readonly columnCount: number
  private readonly evaluator: Evaluator
  private readonly layout: KernelLayout
  private readonly rows: RowSlab
  private readonly texts: TextPool
  private readonly seen: LastSeen
  private readonly kernel: Kernel
  private readonly store: SlabStore
  private readonly reading: SlabReader
  private readonly kinds: readonly ValueKind[]
  /** all windows end now, so that an event behind others can be put in by going back */
  private readonly canGoBack: boolean

  /** `valuesOf`: feature values from the aggregates of the moment that a record stands for. */
  constructor(
    evaluator: Evaluator,
    texts: TextPool,
    ttl: Ttl,
    valuesOf: (f: Float64Array, g: Int32Array, k: number, slot: number) => Value[],
  ) {
    const { plan, columnTypes, counters } = evaluator
    this.evaluator = evaluator
    this.texts = texts
    this.layout = layOut(plan, columnTypes)
    this.columnCount = plan.columns.length
    this.kinds = this.layout.columns.map(({ kind }) => kind)
    this.canGoBack = this.layout.edges.every(({ endMs }) => endMs === 0)
    this.keys = new KeySlab(this.layout.recordWords)
    this.rows = new RowSlab(this.layout.rowWords)
    this.seen = new LastSeen(Math.max(1, this.layout.twins.length))
    this.kernel = compileKernel(plan, columnTypes, this.layout, this.rows, this.seen, texts, counters)
    this.store = new SlabStore({ keys: this.keys, rows: this.rows, texts, layout: this.layout, kernel: this.kernel })
    this.reading = new SlabReader({ evaluator, store: this.store, kernel: this.kernel, ttl, valuesNow: valuesOf })
  }

  takeText(bytes: Uint8Array, from: number, to: number): number {
    return this.texts.intern(bytes, from, to)
  }

  initialise(slot: number, derives: boolean): void {
    this.store.initialise(slot, derives)
  }

  touch(slots: Int32Array, from: number, to: number): number {
    return this.store.touch(slots, from, to)
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
    const { kernel, store } = this
    const asOfMs = f[k + F_AS_OF]!
    const isLast = timeMs > asOfMs || (timeMs === asOfMs && g[2 * k + I_TAIL]! > g[2 * k + I_HEAD]! && position > f[k + F_AS_OF_POSITION]!)
    const isInOrder = isLast && timeMs >= f[k + F_ANCHOR]!
    if (isInOrder) kernel.advance(f, g, k, timeMs)
    this.drop(f, g, k, slot, neededMs)
    store.makeRoom(f, g, k, slot)
    if (isInOrder) {
      store.append(f, g, k, slot, timeMs, position, inputs, i)
      return false
    }
    if (this.canGoBack) {
      const anchorMs = timeMs > asOfMs ? timeMs : f[k + F_ANCHOR]!
      store.insertByGoingBack(f, g, k, slot, timeMs, position, inputs, i, anchorMs, () => {
        results.makeRoom()
        kernel.evaluate(f, g, k, results.aggregates, results.count)
      })
      return true
    }
    if (timeMs > asOfMs) f[k + F_ANCHOR] = timeMs
    store.insertBetween(f, g, k, slot, timeMs, position, inputs, i)
    return false
  }

  evaluate(f: Float64Array, g: Int32Array, k: number, _slot: number, out: readonly Float64Array[], o: number): void {
    this.kernel.evaluate(f, g, k, out, o)
  }

  evaluateAt(): boolean {
    return false
  }

  pastValues(slot: number, atMs: number, latest: readonly Value[] | null): Value[] {
    return this.evaluator.evaluate(this.store.keyRows(slot), atMs, latest)
  }

  validUntil(f: Float64Array, _g: Int32Array, k: number): number {
    return this.kernel.validUntil(f, k)
  }

  settleUpTo(f: Float64Array, g: Int32Array, k: number, nowMs: number): boolean {
    return settleUpTo(this.kernel, f, g, k, nowMs)
  }

  drop(f: Float64Array, g: Int32Array, k: number, slot: number, neededMs: number): void {
    if (neededMs > Number.NEGATIVE_INFINITY) this.kernel.drop(f, g, k, slot, neededMs)
  }

  clear(f: Float64Array, g: Int32Array, k: number, slot: number): void {
    this.store.clear(f, g, k, slot)
  }

  shrink(_f: Float64Array, g: Int32Array, k: number): void {
    this.store.shrink(g, k)
  }

  columnsOf(inputs: readonly Float64Array[], i: number): Value[] {
    return this.kinds.map((kind, c) => this.store.toValue(kind, inputs[c]![i]!))
  }

  latestColumns(slot: number): Value[] | null {
    return this.store.latestColumns(slot)
  }

  read(slot: number, key: string, group: number, atMs: number): KeyReading {
    return this.reading.read(slot, key, group, atMs)
  }

  writeHead(out: ByteWriter): void {
    writeHead(out, this.kinds)
  }

  writeKey(out: ByteWriter, f: Float64Array, g: Int32Array, k: number): void {
    const columns = f[k + F_DROPPED_TIME]! > Number.NEGATIVE_INFINITY ? this.store.droppedColumns(f, k) : null
    out.u8(columns ? 1 : 0)
    if (columns) for (const [c, kind] of this.kinds.entries()) writeValue(out, kind, columns[c]!)
    this.store.writeRows(out, g, k)
  }

  writeInputs(out: ByteWriter, inputs: readonly Float64Array[], i: number): void {
    for (const [c, kind] of this.kinds.entries()) writeValue(out, kind, this.store.toValue(kind, inputs[c]![i]!))
  }

  reader(input: ByteReader, bytes: Uint8Array): GroupReader | null {
    return rowsReader(input, bytes, this.store)
  }

  restoreRows(slot: number, rows: KeyRows): void {
    this.store.restore(slot, rows)
  }

  toInput(value: Value): number {
    return this.store.toNumber(value)
  }

  get byteLength(): number {
    return this.keys.byteLength + this.rows.byteLength + this.seen.byteLength
  }
}
