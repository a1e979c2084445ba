/**
 * The keyed operator of views with GROUP BY: rows of each key once, whatever the number of windows that they are in; a window is
 * evaluated over its rows when the watermark reaches its end. An event that is late but allowed corrects windows that have closed.
 * Semantics: reference/language.md 1, 2, 6; semantics.md 3–6. A row costs its kept columns; a close costs a scan of the window's rows.
 */
import type { Evaluator } from '../compile/evaluator.ts'
import type { ResultRow, Value, WindowSpan } from '../sink/port.ts'
import { type ClosedWindow, ClosedWindows, rowOfWindow, versionOfWindow } from './closed-windows.ts'
import { KEY_GROUPS } from './hash.ts'
import { Heap } from './heap.ts'
import { KeyRows } from './key-rows.ts'
import { type KeyWindows, keyWindows } from './key-windows.ts'
import type { KeyedOperator, KeyReading, OperatorState, ResultBuffer, RowBatch } from './operator.ts'
import type { PlainOperatorOptions } from './plain-operator.ts'
import { Ttl } from './ttl.ts'
import { decodeWindowGroup, encodeWindowGroup } from './window-codec.ts'

interface WindowKey {
  readonly rows: KeyRows
  readonly windows: KeyWindows
  readonly closed: ClosedWindows
  /** what a restored snapshot had closed, where that is further than the operator's watermark */
  closedMs: number
  /** at or before the end of the next window to close; null: none holds a row */
  timerMs: number | null
  /** it stands in the heap of ends; looked at again when it comes out */
  isWatched: boolean
}

interface Timer {
  readonly atMs: number
  readonly key: WindowKey
}

const newTimers = () => new Heap<Timer>((a, b) => (a.atMs !== b.atMs ? a.atMs < b.atMs : a.key.rows.key < b.key.rows.key))

const ROW_OVERHEAD_BYTES = 32
const VALUE_BYTES = 12
const KEY_BYTES = 500

export class WindowOperator implements KeyedOperator<RowBatch> {
  readonly sliceRows = 32
  private readonly evaluator: Evaluator
  private readonly allowedLatenessMs: number
  private readonly clockSlackMs: number
  private readonly isSession: boolean
  private readonly groups: Map<string, WindowKey>[] = Array.from({ length: KEY_GROUPS }, () => new Map())
  /** windows of one end close in order of their keys: the output does not depend on how keys came */
  private readonly timers = newTimers()
  private readonly touched = new Set<WindowKey>()
  /** of a window's end: a key has nothing to say so long after its newest one */
  private readonly ttl: Ttl
  private ends = newTimers()
  private watermarkMs = Number.NEGATIVE_INFINITY
  private maxAppliedMs = Number.NEGATIVE_INFINITY
  private readableMs = Number.NEGATIVE_INFINITY
  private keyCount = 0
  private rowCount = 0
  private closedCount = 0
  private sweep: Iterator<WindowKey> | null = null
  private sweepGroup = 0
  private rewritten: Generator<WindowKey> | null = null

  constructor({ evaluator, allowedLatenessMs, clockSlackMs, ttlMs }: Omit<PlainOperatorOptions, 'order'>) {
    this.ttl = new Ttl(ttlMs)
    this.evaluator = evaluator
    this.allowedLatenessMs = allowedLatenessMs
    this.clockSlackMs = clockSlackMs
    this.isSession = evaluator.plan.group!.kind === 'session'
  }

  applyBatch(batch: RowBatch, from: number, to: number, out: ResultBuffer): void {
    for (let i = from; i < to; i++) {
      if (batch.watermarksMs[i]! > this.watermarkMs) this.advanceWatermark(batch.watermarksMs[i]!, Number.POSITIVE_INFINITY, out)
      const key = this.keyOf(batch.keys[i]!, batch.keyGroups[i]!)
      const timeMs = batch.eventTimesMs[i]!
      key.rows.insert(
        timeMs,
        batch.partition,
        batch.offsets[i]!,
        batch.columns.map((column) => column[i]!),
      )
      this.rowCount++
      key.windows.add(timeMs)
      if (timeMs > this.maxAppliedMs) this.maxAppliedMs = timeMs
      const closedMs = Math.max(this.watermarkMs, key.closedMs)
      for (const window of key.windows.holding(timeMs)) {
        if (window.endMs > closedMs) {
          this.setTimer(key, window.endMs)
          break
        }
        this.emit(key, window, out, { partition: batch.partition, offset: batch.offsets[i]! }) // late, but allowed: it had closed already
      }
    }
  }

  advanceWatermark(watermarkMs: number, limit: number, out: ResultBuffer): boolean {
    if (watermarkMs > this.watermarkMs) this.watermarkMs = watermarkMs
    let closed = 0
    for (let head = this.timers.peek(); head && head.atMs <= this.watermarkMs; head = this.timers.peek()) {
      if (closed >= limit) return false
      const { atMs, key } = this.timers.pop()!
      if (key.timerMs !== atMs) continue // an earlier one has taken its place
      key.timerMs = null
      const window = key.windows.firstAfter(atMs - 1)
      if (window?.endMs === atMs) {
        this.emit(key, window, out)
        closed++
        this.setTimer(key, key.windows.firstAfter(atMs)?.endMs)
        this.drop(key)
      } else this.setTimer(key, window?.endMs) // a session has grown
    }
    return true
  }

  private setTimer(key: WindowKey, atMs: number | undefined): void {
    if (atMs === undefined || (key.timerMs !== null && key.timerMs <= atMs)) return
    key.timerMs = atMs
    this.timers.push({ atMs, key })
  }

  private emit(key: WindowKey, { startMs, endMs }: WindowSpan, out: ResultBuffer, late?: ResultRow['late']): void {
    const { rows } = key
    const [from, to] = [rows.lowerBound(startMs), rows.lowerBound(endMs)]
    const window: ClosedWindow = {
      startMs,
      endMs,
      count: to - from,
      eventTimeMs: rows.times[to - 1]!,
      partition: rows.partitions[to - 1]!,
      offset: rows.offsets[to - 1]!,
      values: this.evaluator.evaluateWindow(rows, { startMs, endMs }),
    }
    out.rows.push({ ...rowOfWindow(rows.key, window, null), ...(late && { late }) })
    this.closedCount -= key.closed.list.length
    key.closed.put(window, this.isSession)
    const readableMs = key.closed.forget(this.watermarkMs - this.allowedLatenessMs - this.clockSlackMs)
    if (readableMs !== null && readableMs > this.readableMs) this.readableMs = readableMs
    this.closedCount += key.closed.list.length
    this.touched.add(key)
  }

  settle(out: ResultBuffer): void {
    for (const key of this.touched) {
      out.current.set(key.rows.key, rowOfWindow(key.rows.key, key.closed.newest!, this.endOf(key)))
      this.watchEnd(key)
    }
    this.touched.clear()
  }

  /** When the key's newest window stops being an answer; null: never. */
  private endOf({ closed }: WindowKey): number | null {
    const endMs = closed.newest ? this.ttl.endMs(closed.newest.endMs) : Number.POSITIVE_INFINITY
    return Number.isFinite(endMs) ? endMs : null
  }

  private watchEnd(key: WindowKey): void {
    const atMs = this.endOf(key)
    if (atMs === null || key.isWatched) return
    key.isWatched = true
    this.ends.push({ atMs, key })
  }

  rewrite(maxKeys: number): boolean {
    this.rewritten ??= this.allKeys()
    for (let n = 0; n < maxKeys; n++) {
      const next = this.rewritten.next()
      if (next.done) return true
      if (next.value.closed.newest) this.touched.add(next.value)
    }
    return false
  }

  private *allKeys(): Generator<WindowKey> {
    for (const keys of this.groups) yield* keys.values()
  }

  configure({ ttlMs }: { ttlMs: number | null }): void {
    this.ttl.ttlMs = ttlMs
    this.ends = newTimers()
    for (const key of this.allKeys()) {
      key.isWatched = false
      if (key.closed.newest) this.touched.add(key)
    }
  }

  /** Rows of windows that nothing corrects any more. */
  private drop(key: WindowKey): void {
    const closedMs = Math.min(this.watermarkMs, (key.timerMs ?? Number.POSITIVE_INFINITY) - 1)
    const neededFromMs = key.windows.forget(closedMs - this.allowedLatenessMs)
    const { plan, aggregates } = this.evaluator
    this.rowCount -= key.rows.dropBefore(neededFromMs, plan.aggregates, aggregates, [])
  }

  expire(maxKeys: number): boolean {
    for (let seen = 0; seen < maxKeys; seen++) {
      this.sweep ??= this.groups[this.sweepGroup]!.values()
      const next = this.sweep.next()
      if (!next.done) {
        this.drop(next.value)
        if (next.value.rows.rowCount === 0) this.forgetIfOver(next.value)
        continue
      }
      this.sweep = null
      this.sweepGroup = (this.sweepGroup + 1) % KEY_GROUPS
      if (this.sweepGroup === 0) return true
    }
    return false
  }

  private forgetIfOver(key: WindowKey): void {
    const { rows, closed } = key
    if (!closed.newest || !this.ttl.isOver(closed.newest.endMs, this.watermarkMs - this.allowedLatenessMs - this.clockSlackMs)) return
    this.ttl.forgot(closed.newest.endMs)
    this.groups[rows.group]!.delete(rows.key)
    this.keyCount--
    this.closedCount -= closed.list.length
  }

  /** The newest window that had closed at the instant: an open one is not shown. */
  read(key: string, atMs: number, group: number): KeyReading {
    const known = this.groups[group]!.get(key)
    const window = known?.closed.at(atMs)
    if (window && !this.ttl.isOver(window.endMs, atMs)) {
      const { startMs, endMs, values } = window
      return { status: 'PRESENT', values, asOfMs: endMs, version: versionOfWindow(window), window: { startMs, endMs } }
    }
    const isKnown = known && (known.rows.rowCount > 0 || !window)
    return { status: isKnown ? 'EMPTY' : 'UNKNOWN_KEY', values: this.valuesOfNothing(), asOfMs: null, version: null, window: null }
  }

  private valuesOfNothing(): readonly Value[] {
    const { counters } = this.evaluator
    const before = { ...counters }
    const values = this.evaluator.evaluateWindow(new KeyRows('', 0, this.evaluator.plan.columns.length), null)
    Object.assign(counters, before) // a question is not an event: it counts nothing
    return values
  }

  readableFromMs(): number {
    return Math.max(this.readableMs, this.ttl.readableFromMs)
  }

  maxEventTimeMs(): number {
    return this.maxAppliedMs
  }

  /** A closed window stays what it is, until its key is forgotten. */
  decay(nowMs: number, limit: number, out: ResultBuffer): boolean {
    this.settle(out)
    let rewritten = 0
    for (let head = this.ends.peek(); head && head.atMs <= nowMs; head = this.ends.peek()) {
      if (rewritten >= limit) return false
      const { key } = this.ends.pop()!
      key.isWatched = false
      const { rows, closed } = key
      const known = this.groups[rows.group]!.get(rows.key)
      const endMs = this.endOf(key)
      if (endMs === null || (known && known !== key)) continue // the ttl is gone, or the key has begun anew
      if (endMs > nowMs) {
        this.watchEnd(key) // it has a newer window
        continue
      }
      const { window: _, ...row } = rowOfWindow(rows.key, closed.newest!, null)
      out.current.set(rows.key, { ...row, version: [row.version[0], row.version[1], 1], values: this.valuesOfNothing() })
      rewritten++
    }
    return true
  }

  nextDecayMs(): number | null {
    return this.ends.peek()?.atMs ?? null
  }

  private keyOf(key: string, group: number): WindowKey {
    const map = this.groups[group]!
    let known = map.get(key)
    if (!known) {
      known = this.newKey(new KeyRows(key, group, this.evaluator.plan.columns.length), new ClosedWindows(), Number.NEGATIVE_INFINITY)
      map.set(key, known)
      this.keyCount++
    }
    return known
  }

  private newKey(rows: KeyRows, closed: ClosedWindows, closedMs: number): WindowKey {
    return { rows, windows: keyWindows(this.evaluator.plan.group!, rows), closed, closedMs, timerMs: null, isWatched: false }
  }

  snapshotKeyGroup(group: number): Uint8Array | null {
    const keys = this.groups[group]!
    return keys.size === 0 ? null : encodeWindowGroup(keys.values(), this.watermarkMs)
  }

  restoreKeyGroup(group: number, bytes: Uint8Array): void {
    const { keys, closedMs } = decodeWindowGroup(group, bytes)
    for (const { rows, closed } of keys) {
      const key = this.newKey(rows, closed, closedMs)
      this.groups[group]!.set(rows.key, key)
      this.keyCount++
      this.rowCount += rows.rowCount
      this.closedCount += closed.list.length
      this.setTimer(key, key.windows.firstAfter(closedMs)?.endMs)
      this.watchEnd(key)
    }
  }

  snapshotOperator(): OperatorState {
    return {
      watermarkMs: finite(this.watermarkMs),
      maxEventTimeMs: finite(this.maxAppliedMs),
      droppedBeforeMs: finite(this.readableMs),
      forgottenBeforeMs: finite(this.ttl.readableFromMs),
      counters: { ...this.evaluator.counters },
    }
  }

  restoreOperator(state: OperatorState): void {
    this.watermarkMs = state.watermarkMs ?? Number.NEGATIVE_INFINITY
    this.maxAppliedMs = state.maxEventTimeMs ?? Number.NEGATIVE_INFINITY
    this.readableMs = state.droppedBeforeMs ?? Number.NEGATIVE_INFINITY
    this.ttl.readableFromMs = state.forgottenBeforeMs ?? Number.NEGATIVE_INFINITY
    Object.assign(this.evaluator.counters, state.counters)
  }

  stateBytes(): number {
    const { columns, features } = this.evaluator.plan
    const perRow = ROW_OVERHEAD_BYTES + VALUE_BYTES * columns.length
    const perClosed = ROW_OVERHEAD_BYTES * 2 + VALUE_BYTES * features.length
    return this.keyCount * KEY_BYTES + this.rowCount * perRow + this.closedCount * perClosed
  }

  keys(): number {
    return this.keyCount
  }

  /** Rows of open windows, and of those that may still be corrected. */
  waitingRows(): number {
    return this.rowCount
  }
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null)
