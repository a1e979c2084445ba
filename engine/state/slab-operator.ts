/**
 * The compiled keyed operator: what is kept of all keys stands in slabs (`key-state.ts`), updated by functions generated from the plan,
 * so that an event costs the same however many rows its windows hold. It answers what PlainKeyedOperator answers, its test oracle.
 */
import type { Evaluator } from '../compile/evaluator.ts'
import { keepsPanes } from '../plan/fast-path.ts'
import type { ResultRow, Value } from '../sink/port.ts'
import { askWithoutCounting } from './ask.ts'
import { BatchLookup } from './batch-lookup.ts'
import type { ColumnBatch } from './column-batch.ts'
import { FeatureValues } from './feature-values.ts'
import { KEY_GROUPS, murmur3 } from './hash.ts'
import { Horizon } from './horizon.ts'
import { KeyRows } from './key-rows.ts'
import type { KeyState } from './key-state.ts'
import type { KeyedOperator, KeyReading, OperatorState, ResultBuffer } from './operator.ts'
import { PaneState } from './pane-state.ts'
import type { PlainOperatorOptions } from './plain-operator.ts'
import { offsetOf, partitionOf, positionOf } from './position.ts'
import { readAnyGroup } from './read-any-group.ts'
import { ResultColumns } from './result-columns.ts'
import { RowState } from './row-state.ts'
import {
  F_ANCHOR,
  F_APPLIED,
  F_AS_OF,
  F_AS_OF_POSITION,
  F_HEAD_TIME,
  F_TIMER,
  F_VALID_UNTIL,
  I_TOUCHED,
  type KeySlab,
  tableHash,
} from './slab-keys.ts'
import { restoreSlabGroup } from './slab-restore.ts'
import { SlabSnapshot } from './slab-snapshot.ts'
import { finiteOrNull } from './slab-store.ts'
import { TextPool } from './text-pool.ts'
import { TimerHeap } from './timer-heap.ts'
import { Ttl } from './ttl.ts'
import { WaitingRows } from './waiting-rows.ts'

export interface SlabOperatorOptions extends PlainOperatorOptions {
  /** whether somebody takes a row per event, and the newest row by key; both by default */
  readonly wantsRows?: boolean
  readonly wantsCurrent?: boolean
}

const encoder = new TextEncoder()

export class SlabOperator implements KeyedOperator<ColumnBatch> {
  readonly sliceRows = 256
  /** what the last slice gave, for whoever takes columns rather than rows */
  readonly results: ResultColumns
  private readonly evaluator: Evaluator
  private readonly options: SlabOperatorOptions
  private readonly state: KeyState
  private readonly keySlab: KeySlab
  private readonly texts = new TextPool()
  private readonly features: FeatureValues
  private readonly lookup: BatchLookup
  private readonly horizon: Horizon
  private readonly waiting: WaitingRows
  private readonly timers = new TimerHeap()
  /** keys whose current row changed, with that row where it is already known */
  private touched: { slot: number; row: ResultRow | null }[] = []
  /** aggregates of one key, where they are not results of an event */
  private readonly now: Float64Array[]
  private knownKeys = 0
  private sweepSlot = 0
  private readonly ttl: Ttl
  /** keys that have not been looked at since the ttl was changed */
  private unrevised = 0
  private rewriteSlot = 0
  /** the snapshot that is under way; keys are given to it before they change */
  private snapshot: SlabSnapshot | null = null
  private snapshots = 0

  constructor(options: SlabOperatorOptions) {
    this.options = options
    this.evaluator = options.evaluator
    this.ttl = new Ttl(options.ttlMs)
    const { plan } = options.evaluator
    this.features = new FeatureValues(this.evaluator, this.texts)
    this.state = keepsPanes(plan)
      ? new PaneState(this.evaluator, this.features)
      : new RowState(this.evaluator, this.texts, this.ttl, (f, g, k, slot) => this.valuesNow(f, g, k, slot))
    this.keySlab = this.state.keys
    this.lookup = new BatchLookup(this.state, (key, from, to, hash) => this.newKey(key, from, to, hash))
    this.horizon = new Horizon(plan, options.allowedLatenessMs + options.clockSlackMs)
    this.results = new ResultColumns(plan.aggregates.length)
    this.now = plan.aggregates.map(() => new Float64Array(1))
    this.waiting = new WaitingRows(plan.columns.length)
  }

  applyBatch(batch: ColumnBatch, from: number, to: number, out: ResultBuffer): void {
    this.results.clear()
    this.lookup.prepare(batch, from, to)
    const { slots, inputs } = this.lookup
    const { eventTimesMs, offsets, watermarksMs, partition } = batch
    for (let i = from; i < to; i++) {
      const slot = slots[i]!
      const timeMs = eventTimesMs[i]!
      const position = positionOf(partition, offsets[i]!)
      if (this.options.order === 'event_time') {
        if (watermarksMs[i]! > this.horizon.watermarkMs) this.fireBefore(watermarksMs[i]!, Number.POSITIVE_INFINITY, out)
        if (timeMs >= this.horizon.watermarkMs) {
          this.waiting.push(slot, timeMs, position, inputs, i)
          continue
        }
      }
      const isEvaluated = this.insert(slot, timeMs, watermarksMs[i]!, position, inputs, i)
      this.emit(slot, timeMs, position, inputs, i, out, null, isEvaluated)
    }
  }

  private newKey(key: Uint8Array, from: number, to: number, hash: number, derives = true): number {
    const group = (hash >>> 0) % KEY_GROUPS
    const slot = this.keySlab.insert(key, from, to, tableHash(hash), group)
    this.state.initialise(slot, derives)
    return slot
  }

  /**
   * `watermarkMs`: how far event time had come before it. True: the aggregates of the event's moment, which lies before the key's
   * current one, stand at `results.count`.
   */
  private insert(slot: number, timeMs: number, watermarkMs: number, position: number, inputs: readonly Float64Array[], i: number): boolean {
    this.snapshot?.take(slot)
    const f = this.keySlab.floatsOf(slot)
    const g = this.keySlab.intsOf(slot)
    const k = this.keySlab.base(slot)
    if (this.ttl.isOver(f[k + F_AS_OF]!, Math.max(timeMs, watermarkMs))) this.clear(f, g, k, slot)
    const asOfMs = f[k + F_AS_OF]!
    const drops = f[k + F_HEAD_TIME]! < this.horizon.neededFromMs
    const neededMs = drops ? this.horizon.neededFromMs : Number.NEGATIVE_INFINITY
    const isEvaluated = this.state.insert(f, g, k, slot, timeMs, position, inputs, i, neededMs, this.results)
    if (drops) this.horizon.dropped()
    if (timeMs > asOfMs || (timeMs === asOfMs && position > f[k + F_AS_OF_POSITION]!)) {
      f[k + F_AS_OF] = timeMs
      f[k + F_AS_OF_POSITION] = position
    }
    if (timeMs > this.horizon.maxAppliedMs) this.horizon.maxAppliedMs = timeMs
    return isEvaluated
  }

  /** Evaluates the event's key at the event's time. `shared`: values by slot, of keys with several rows in one millisecond. */
  private emit(
    slot: number,
    timeMs: number,
    position: number,
    inputs: readonly Float64Array[],
    i: number,
    out: ResultBuffer,
    shared: Map<number, Value[]> | null,
    isEvaluated: boolean,
  ): void {
    const { results, features } = this
    const f = this.keySlab.floatsOf(slot)
    const g = this.keySlab.intsOf(slot)
    const k = this.keySlab.base(slot)
    const applied = ++f[k + F_APPLIED]!
    if (applied === 1) this.knownKeys++
    results.makeRoom()
    const n = results.count++
    results.slots[n] = slot
    results.eventTimesMs[n] = timeMs
    results.positions[n] = position
    results.asOfMs[n] = f[k + F_AS_OF]!
    results.applied[n] = applied
    const isCurrent = f[k + F_ANCHOR] === timeMs
    let isThere = isCurrent || isEvaluated
    if (!isEvaluated) {
      if (isCurrent) this.state.evaluate(f, g, k, slot, results.aggregates, n)
      else isThere = this.state.evaluateAt(f, g, k, timeMs, results.aggregates, n)
    }
    if (isThere && features.areBare) results.values[n] = null
    else results.values[n] = shared?.get(slot) ?? this.valuesAt(slot, timeMs, isThere, n, inputs, i)
    shared?.set(slot, results.values[n] ?? features.take(results.aggregates, n, null))
    const row = this.options.wantsRows === false ? null : this.rowOf(n)
    if (row) out.rows.push(row)
    else out.untaken = (out.untaken ?? 0) + 1
    if (this.options.wantsCurrent !== false)
      this.touch(g, k, slot, isCurrent && f[k + F_AS_OF] === timeMs && f[k + F_AS_OF_POSITION] === position ? row : null)
  }

  private valuesAt(slot: number, timeMs: number, isThere: boolean, n: number, inputs: readonly Float64Array[], i: number): Value[] {
    const latest = this.features.needLatest ? this.state.columnsOf(inputs, i) : null
    return isThere ? this.features.take(this.results.aggregates, n, latest) : this.state.pastValues(slot, timeMs, latest)
  }

  private rowOf(n: number): ResultRow {
    const { results } = this
    const position = results.positions[n]!
    return {
      key: this.keySlab.text(results.slots[n]!),
      partition: partitionOf(position),
      offset: offsetOf(position),
      eventTimeMs: results.eventTimesMs[n]!,
      version: [results.asOfMs[n]!, results.applied[n]!, 0],
      values: results.values[n] ?? this.features.take(results.aggregates, n, null),
      validUntilMs: null,
    }
  }

  /** Values at the moment that the record stands for. */
  private valuesNow(f: Float64Array, g: Int32Array, k: number, slot: number): Value[] {
    if (this.ttl.isOver(f[k + F_AS_OF]!, f[k + F_ANCHOR]!))
      return this.evaluator.evaluate(new KeyRows('', 0, this.state.columnCount), f[k + F_ANCHOR]!, null)
    const latest = this.features.needLatest ? this.state.latestColumns(slot) : null
    this.state.evaluate(f, g, k, slot, this.now, 0)
    return this.features.take(this.now, 0, latest)
  }

  private touch(g: Int32Array, k: number, slot: number, row: ResultRow | null): void {
    const index = g[2 * k + I_TOUCHED]!
    if (index > 0) this.touched[index - 1]!.row = row
    else g[2 * k + I_TOUCHED] = this.touched.push({ slot, row })
  }

  advanceWatermark(watermarkMs: number, limit: number, out: ResultBuffer): boolean {
    this.results.clear()
    return this.fireBefore(watermarkMs, limit, out)
  }

  private fireBefore(watermarkMs: number, limit: number, out: ResultBuffer): boolean {
    if (watermarkMs > this.horizon.watermarkMs) this.horizon.watermarkMs = watermarkMs
    let fired = 0
    while (this.waiting.headTimeMs < this.horizon.watermarkMs) {
      if (fired >= limit) return false
      fired += this.fireMillisecond(this.waiting.headTimeMs, out)
    }
    this.horizon.move()
    return true
  }

  /** All rows of one millisecond: first all go in, then each is evaluated; those of one key share the result. */
  private fireMillisecond(timeMs: number, out: ResultBuffer): number {
    const { waiting } = this
    const rows: number[] = []
    while (waiting.headTimeMs === timeMs) rows.push(waiting.pop())
    for (const row of rows) this.insert(waiting.slots[row]!, timeMs, timeMs, waiting.positions[row]!, waiting.columns, row)
    const shared = rows.length > 1 && !this.features.needLatest ? new Map<number, Value[]>() : null
    for (const row of rows) {
      this.emit(waiting.slots[row]!, timeMs, waiting.positions[row]!, waiting.columns, row, out, shared, false)
      waiting.release(row)
    }
    return rows.length
  }

  settle(out: ResultBuffer): void {
    for (const { slot, row } of this.touched) {
      const g = this.keySlab.intsOf(slot)
      g[2 * this.keySlab.base(slot) + I_TOUCHED] = 0
      this.putCurrent(slot, row, out)
    }
    if (this.touched.length > 0) this.touched = []
  }

  private putCurrent(slot: number, row: ResultRow | null, out: ResultBuffer): void {
    const f = this.keySlab.floatsOf(slot)
    const g = this.keySlab.intsOf(slot)
    const k = this.keySlab.base(slot)
    const validUntilMs = this.validUntil(f, g, k)
    f[k + F_VALID_UNTIL] = validUntilMs
    this.setTimer(f, k, slot)
    const values = row ? row.values : this.valuesNow(f, g, k, slot)
    const asOfMs = f[k + F_AS_OF]!
    const key = row ? row.key : this.keySlab.text(slot)
    out.current.set(key, {
      key,
      partition: partitionOf(f[k + F_AS_OF_POSITION]!),
      offset: offsetOf(f[k + F_AS_OF_POSITION]!),
      eventTimeMs: asOfMs,
      version: [asOfMs, f[k + F_APPLIED]!, f[k + F_ANCHOR]! - asOfMs],
      values,
      validUntilMs: finiteOrNull(validUntilMs),
    })
  }

  decay(nowMs: number, limit: number, out: ResultBuffer): boolean {
    this.settle(out)
    let rewritten = 0
    while (this.timers.nextMs <= nowMs) {
      if (rewritten >= limit) return false
      const slot = this.timers.pop()
      this.snapshot?.take(slot)
      const f = this.keySlab.floatsOf(slot)
      const g = this.keySlab.intsOf(slot)
      const k = this.keySlab.base(slot)
      f[k + F_TIMER] = Number.POSITIVE_INFINITY
      if (f[k + F_VALID_UNTIL]! > nowMs) {
        this.setTimer(f, k, slot)
        continue
      }
      this.settleUpTo(f, g, k, nowMs)
      this.putCurrent(slot, null, out)
      rewritten++
    }
    return true
  }

  rewrite(maxKeys: number): boolean {
    const end = Math.min(this.keySlab.count, this.rewriteSlot + maxKeys)
    for (; this.rewriteSlot < end; this.rewriteSlot++) {
      const slot = this.rewriteSlot
      const g = this.keySlab.intsOf(slot)
      const k = this.keySlab.base(slot)
      if (this.keySlab.floatsOf(slot)[k + F_APPLIED]! > 0 && g[2 * k + I_TOUCHED] === 0) this.touch(g, k, slot, null)
    }
    return this.rewriteSlot >= this.keySlab.count
  }

  nextDecayMs(): number | null {
    return finiteOrNull(this.timers.nextMs)
  }

  /** One heap entry a key, at or before the moment it is needed; looked at again when it comes out. */
  private setTimer(f: Float64Array, k: number, slot: number): void {
    const validUntilMs = f[k + F_VALID_UNTIL]!
    if (f[k + F_TIMER]! <= validUntilMs) return
    f[k + F_TIMER] = validUntilMs
    this.timers.push(validUntilMs, slot)
  }

  read(key: string, atMs: number, group: number): KeyReading {
    const bytes = encoder.encode(key)
    const slot = this.keySlab.find(bytes, 0, bytes.length, tableHash(murmur3(bytes)), 0)
    const known = this.isThere(slot, atMs) ? slot : -1
    return askWithoutCounting(this.evaluator.counters, () => this.state.read(known, key, group, atMs))
  }

  private isThere(slot: number, atMs: number): boolean {
    if (slot < 0) return false
    const f = this.keySlab.floatsOf(slot)
    const k = this.keySlab.base(slot)
    return f[k + F_APPLIED]! > 0 && !this.ttl.isOver(f[k + F_AS_OF]!, atMs)
  }

  readableFromMs(): number {
    return Math.max(this.horizon.readableFromMs(), Math.min(this.ttl.readableFromMs, this.horizon.maxAppliedMs))
  }

  maxEventTimeMs(): number {
    return this.horizon.maxAppliedMs
  }

  expire(maxKeys: number): boolean {
    if (maxKeys >= this.keySlab.count) this.sweepSlot = 0 // all of them, wherever it stood
    const end = Math.min(this.keySlab.count, this.sweepSlot + maxKeys)
    while (this.sweepSlot < end) {
      const slot = this.sweepSlot++
      const f = this.keySlab.floatsOf(slot)
      const g = this.keySlab.intsOf(slot)
      const k = this.keySlab.base(slot)
      if (this.unrevised > 0) this.revise(f, g, k, slot)
      if (this.ttl.isOver(f[k + F_AS_OF]!, this.horizon.momentMs)) this.sweepOut(f, g, k, slot)
      else if (f[k + F_HEAD_TIME]! < this.horizon.neededFromMs) {
        this.snapshot?.take(slot)
        if (this.settleUpTo(f, g, k, this.horizon.momentMs) && this.options.wantsCurrent !== false) this.touch(g, k, slot, null)
        this.drop(f, g, k, slot)
      }
      this.state.shrink(f, g, k)
    }
    if (this.sweepSlot < this.keySlab.count) return false
    this.sweepSlot = 0
    return true
  }

  private drop(f: Float64Array, g: Int32Array, k: number, slot: number): void {
    this.state.drop(f, g, k, slot, this.horizon.neededFromMs)
    this.horizon.dropped()
  }

  /** A key whose time is over goes, once its stored row says so; its record stays while rows of it wait. */
  private sweepOut(f: Float64Array, g: Int32Array, k: number, slot: number): void {
    this.snapshot?.take(slot)
    if (this.settleUpTo(f, g, k, this.horizon.momentMs) && this.options.wantsCurrent !== false) this.touch(g, k, slot, null)
    if (g[2 * k + I_TOUCHED]! > 0) return
    this.clear(f, g, k, slot)
    if (this.waiting.isWaiting(slot)) return
    this.keySlab.remove(slot)
    this.state.initialise(slot, true)
  }

  private clear(f: Float64Array, g: Int32Array, k: number, slot: number): void {
    this.ttl.forgot(f[k + F_AS_OF]!)
    this.state.clear(f, g, k, slot)
    this.knownKeys--
  }

  /** When the current values stop being right without an event; Infinity: never. */
  private validUntil(f: Float64Array, g: Int32Array, k: number): number {
    const endMs = this.ttl.endMs(f[k + F_AS_OF]!)
    return f[k + F_ANCHOR]! >= endMs ? Number.POSITIVE_INFINITY : Math.min(this.state.validUntil(f, g, k), endMs)
  }

  /** Moves the key's current moment to the last change at or before `nowMs`, its end among them. True where it moved. */
  private settleUpTo(f: Float64Array, g: Int32Array, k: number, nowMs: number): boolean {
    const endMs = this.ttl.endMs(f[k + F_AS_OF]!)
    if (f[k + F_ANCHOR]! >= endMs) return false
    const moved = this.state.settleUpTo(f, g, k, Math.min(nowMs, endMs))
    if (nowMs < endMs) return moved
    f[k + F_ANCHOR] = endMs // nothing else changes up to then
    return true
  }

  configure({ ttlMs }: { ttlMs: number | null }): void {
    this.ttl.ttlMs = ttlMs
    this.unrevised = this.keySlab.count
  }

  private revise(f: Float64Array, g: Int32Array, k: number, slot: number): void {
    this.unrevised--
    f[k + F_VALID_UNTIL] = this.validUntil(f, g, k)
    this.setTimer(f, k, slot)
  }

  snapshotKeyGroup(group: number): Uint8Array | null {
    const snapshot = this.beginSnapshot()
    snapshot.advance(Number.POSITIVE_INFINITY)
    const parts = snapshot.partsOf(group)
    return parts && Buffer.concat(parts)
  }

  beginSnapshot(): SlabSnapshot {
    this.snapshot?.advance(Number.POSITIVE_INFINITY) // one at a time
    const completed = () => {
      this.snapshot = null
    }
    this.snapshot = new SlabSnapshot({
      state: this.state,
      waiting: this.waiting,
      operator: this.snapshotOperator(),
      number: ++this.snapshots,
      completed,
    })
    return this.snapshot
  }

  restoreKeyGroup(group: number, bytes: Uint8Array): void {
    const isDone = restoreSlabGroup(bytes, {
      state: this.state,
      slotOf: (from, start, end, keyFollows) => this.slotOf(from, start, end, !keyFollows),
      restored: (slot) => this.restored(slot),
      waits: (slot, timeMs, position, columns) => this.waiting.push(slot, timeMs, position, columns, 0),
    })
    if (isDone) return
    const { keys, waiting } = readAnyGroup(group, bytes)
    for (const rows of keys) {
      const slot = this.slotFor(rows.key)
      this.state.restoreRows(slot, rows)
      this.restored(slot)
    }
    for (const row of waiting) {
      const input = row.columns.map((value) => Float64Array.of(this.state.toInput(value)))
      this.waiting.push(this.slotFor(row.key), row.timeMs, positionOf(row.partition, row.offset), input, 0)
    }
  }

  private restored(slot: number): void {
    const f = this.keySlab.floatsOf(slot)
    const g = this.keySlab.intsOf(slot)
    const k = this.keySlab.base(slot)
    if (f[k + F_APPLIED]! > 0) this.knownKeys++
    f[k + F_VALID_UNTIL] = this.validUntil(f, g, k)
    this.setTimer(f, k, slot)
  }

  private slotFor(key: string): number {
    const bytes = encoder.encode(key)
    return this.slotOf(bytes, 0, bytes.length)
  }

  /** Of the key whose canonical text is bytes[from, to) in UTF-8. */
  private slotOf(bytes: Uint8Array, from: number, to: number, derives = true): number {
    const hash = murmur3(bytes, from, to)
    const slot = this.keySlab.find(bytes, from, to, tableHash(hash), 0)
    return slot >= 0 ? slot : this.newKey(bytes, from, to, hash, derives)
  }

  snapshotOperator(): OperatorState {
    return {
      watermarkMs: finiteOrNull(this.horizon.watermarkMs),
      maxEventTimeMs: finiteOrNull(this.horizon.maxAppliedMs),
      droppedBeforeMs: finiteOrNull(this.horizon.droppedBeforeMs),
      forgottenBeforeMs: finiteOrNull(this.ttl.readableFromMs),
      counters: { ...this.evaluator.counters },
    }
  }

  restoreOperator(state: OperatorState): void {
    this.horizon.watermarkMs = state.watermarkMs ?? Number.NEGATIVE_INFINITY
    this.horizon.maxAppliedMs = state.maxEventTimeMs ?? Number.NEGATIVE_INFINITY
    this.horizon.droppedBeforeMs = state.droppedBeforeMs ?? Number.NEGATIVE_INFINITY
    this.ttl.readableFromMs = state.forgottenBeforeMs ?? Number.NEGATIVE_INFINITY
    Object.assign(this.evaluator.counters, state.counters)
    this.horizon.move()
  }

  stateBytes(): number {
    return this.state.byteLength + this.texts.byteLength + this.timers.byteLength + this.waiting.byteLength
  }

  keys(): number {
    return this.knownKeys
  }

  waitingRows(): number {
    return this.waiting.size
  }
}
