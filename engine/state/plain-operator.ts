/**
 * The plain keyed operator: rows of each key for as long as a window can ask for them, frames by binary search, aggregates by
 * scanning the frame. Semantics: reference/language.md 1, 2, 14; DESIGN §5.5, §5.8.
 *
 * arrival: an event is inserted at its time and evaluated at once, over what is known; a late one also corrects the key's
 * current row. event_time: events wait; those before the watermark fire in order of (event time, partition, offset), all rows
 * of one millisecond seeing each other.
 */
import type { CodeFeatureReport } from '../../contract/job-ipc.ts'
import type { CodeFeatures } from '../code/code-features.ts'
import type { KeyCode } from '../code/key-code.ts'
import type { Evaluator } from '../compile/evaluator.ts'
import { frameRanges } from '../compile/frame-rows.ts'
import { earliestWhole, frameEnd, frameStart, oldestNeeded } from '../plan/frame.ts'
import type { PlannedWindow } from '../plan/plan.ts'
import { needsByCount } from '../plan/row-need.ts'
import { isLifetime } from '../plan/state-change.ts'
import type { ResultRow, RowVersion, Value } from '../sink/port.ts'
import { askWithoutCounting } from './ask.ts'
import { codeSections, withCode } from './code-sections.ts'
import { encodeGroup, type WaitingRow } from './codec.ts'
import { nextChangeMs, settleUpTo } from './decay.ts'
import { KEY_GROUPS } from './hash.ts'
import { Heap } from './heap.ts'
import { KeyRows } from './key-rows.ts'
import { neededFromMs } from './needed-rows.ts'
import type { KeyedOperator, KeyReading, OperatorState, ResultBuffer, RowBatch } from './operator.ts'
import { readAnyGroup } from './read-any-group.ts'
import { Ttl } from './ttl.ts'

export interface PlainOperatorOptions {
  readonly evaluator: Evaluator
  readonly order: 'arrival' | 'event_time'
  readonly allowedLatenessMs: number
  /** rows are kept this much longer: by how far the read clock may lie behind event time */
  readonly clockSlackMs: number
  /** a key is forgotten so long after its newest event; null: never */
  readonly ttlMs?: number | null
  /** the view's features in TypeScript, of this subtask's keys */
  readonly code?: CodeFeatures | undefined
}

const ROW_OVERHEAD_BYTES = 32
const VALUE_BYTES = 12
const KEY_BYTES = 400

export class PlainKeyedOperator implements KeyedOperator<RowBatch> {
  readonly sliceRows = 32
  private readonly evaluator: Evaluator
  private readonly options: PlainOperatorOptions
  private readonly groups: Map<string, KeyRows>[] = Array.from({ length: KEY_GROUPS }, () => new Map())
  private readonly lifetime: boolean[]
  /** which rows a key needs depends on how many it has; then any row before the horizon may be one to drop */
  private readonly byCount: boolean
  private readonly waiting = new Heap<WaitingRow>(firesBefore)
  private readonly timers = new Heap<{ atMs: number; rows: KeyRows }>((a, b) => a.atMs < b.atMs)
  /** keys whose current row changed, with that row where it is already known */
  private readonly touched = new Map<KeyRows, ResultRow | null>()
  private readonly ttl: Ttl
  private readonly code: CodeFeatures | undefined
  /** keys that have not been looked at since the ttl was changed */
  private unrevised = 0
  private watermarkMs = Number.NEGATIVE_INFINITY
  private maxAppliedMs = Number.NEGATIVE_INFINITY
  private droppedBeforeMs = Number.NEGATIVE_INFINITY
  private neededFromMs = Number.NEGATIVE_INFINITY
  private horizonMs = Number.NEGATIVE_INFINITY
  private keyCount = 0
  private rowCount = 0
  private sweep: Iterator<KeyRows> | null = null
  private sweepGroup = 0
  private rewritten: Iterator<KeyRows> | null = null

  constructor(options: PlainOperatorOptions) {
    this.options = options
    this.evaluator = options.evaluator
    this.ttl = new Ttl(options.ttlMs)
    this.code = options.code
    const { plan } = options.evaluator
    this.lifetime = plan.aggregates.map((aggregate) => isLifetime(plan, aggregate))
    this.byCount = needsByCount(plan)
  }

  applyBatch(batch: RowBatch, from: number, to: number, out: ResultBuffer): void {
    const { columns, partition } = batch
    for (let i = from; i < to; i++) {
      const values = columns.map((column) => column[i]!)
      const row: WaitingRow = {
        key: batch.keys[i]!,
        group: batch.keyGroups[i]!,
        timeMs: batch.eventTimesMs[i]!,
        partition,
        offset: batch.offsets[i]!,
        columns: values,
      }
      if (this.options.order === 'arrival') {
        this.insert(row, batch.watermarksMs[i]!)
        this.applyCode(row, Math.max(row.timeMs, batch.watermarksMs[i]!))
        this.emit(row, out, null)
        continue
      }
      if (batch.watermarksMs[i]! > this.watermarkMs) this.advanceWatermark(batch.watermarksMs[i]!, Number.POSITIVE_INFINITY, out)
      if (row.timeMs >= this.watermarkMs) this.waiting.push(row)
      else {
        this.insert(row, batch.watermarksMs[i]!) // late, but allowed: its time has fired already
        this.applyCode(row, Math.max(row.timeMs, this.watermarkMs))
        this.emit(row, out, null)
      }
    }
  }

  advanceWatermark(watermarkMs: number, limit: number, out: ResultBuffer): boolean {
    if (watermarkMs > this.watermarkMs) this.watermarkMs = watermarkMs
    let fired = 0
    for (let head = this.waiting.peek(); head && head.timeMs < this.watermarkMs; head = this.waiting.peek()) {
      if (fired >= limit) return false
      fired += this.fireMillisecond(head.timeMs, out)
    }
    if (this.code && !this.code.advance(this.watermarkMs, limit, (code) => this.codeChanged(code))) return false
    this.moveHorizon()
    return true
  }

  /** Its features in TypeScript see the event. `firedBeforeMs`: what they have to do before this moment comes first. */
  private applyCode(row: WaitingRow, firedBeforeMs: number): void {
    if (!this.code) return
    const rows = this.groups[row.group]!.get(row.key)!
    const code = this.code.apply(row, firedBeforeMs)
    rows.codeValues = code.values
    rows.applied += code.takeFired()
  }

  /** Time alone has changed a value: the key's row is written anew, with a higher version. */
  private codeChanged(code: KeyCode): void {
    const rows = this.groups[code.group]!.get(code.key)
    if (!rows) return
    rows.applied += code.takeFired()
    this.touched.set(rows, null)
  }

  /** All rows of one millisecond: first all go in, then each is evaluated; those of one key share the result. */
  private fireMillisecond(timeMs: number, out: ResultBuffer): number {
    const rows: WaitingRow[] = []
    for (let head = this.waiting.peek(); head && head.timeMs === timeMs; head = this.waiting.peek()) rows.push(this.waiting.pop()!)
    for (const row of rows) this.insert(row, timeMs)
    const shared = rows.length > 1 && !this.evaluator.byPosition ? new Map<string, Value[]>() : null
    for (const row of rows) {
      this.applyCode(row, timeMs)
      this.emit(row, out, shared)
    }
    return rows.length
  }

  /** `watermarkMs`: how far event time had come before it. */
  private insert(row: WaitingRow, watermarkMs: number): void {
    let rows = this.rowsOf(row.key, row.group)
    if (this.ttl.isOver(rows.asOfMs, Math.max(row.timeMs, watermarkMs))) {
      this.forget(rows)
      rows = this.rowsOf(row.key, row.group)
    }
    if (rows.head < rows.times.length && rows.times[rows.head]! < this.neededFromMs) this.drop(rows)
    rows.insert(row.timeMs, row.partition, row.offset, row.columns)
    this.rowCount++
    rows.noteNewest(row.timeMs, row.partition, row.offset)
    if (row.timeMs > this.maxAppliedMs) this.maxAppliedMs = row.timeMs
  }

  private emit(row: WaitingRow, out: ResultBuffer, shared: Map<string, Value[]> | null): void {
    const rows = this.groups[row.group]!.get(row.key)!
    rows.applied++
    let values = shared?.get(row.key)
    if (!values) {
      values = this.evaluator.evaluate(rows, row.timeMs, row.columns, row)
      shared?.set(row.key, values)
    }
    const { key, partition, offset } = row
    const result: ResultRow = {
      key,
      partition,
      offset,
      eventTimeMs: row.timeMs,
      version: [rows.asOfMs, rows.applied, 0],
      values,
      validUntilMs: null,
    }
    out.rows.push(result)
    const isNewest = rows.settledMs === row.timeMs && rows.asOfPartition === partition && rows.asOfOffset === offset
    this.touched.set(rows, isNewest ? result : null)
  }

  settle(out: ResultBuffer): void {
    for (const [rows, row] of this.touched) out.current.set(rows.key, this.currentRow(rows, row))
    this.touched.clear()
    const deadLetters = this.code?.takeDeadLetters() ?? []
    if (deadLetters.length > 0) out.deadLetters = [...(out.deadLetters ?? []), ...deadLetters]
  }

  /** The key's row as it stands at its settled moment; `row`: the newest event's own, where that is still right. */
  private currentRow(rows: KeyRows, row: ResultRow | null): ResultRow {
    rows.validUntilMs = nextChangeMs(this.evaluator.plan, rows, rows.settledMs, this.ttl)
    this.setTimer(rows)
    return {
      key: rows.key,
      partition: rows.asOfPartition,
      offset: rows.asOfOffset,
      eventTimeMs: rows.asOfMs,
      version: versionOf(rows),
      values: row ? row.values : this.valuesOf(rows),
      validUntilMs: rows.validUntilMs,
    }
  }

  private valuesOf(rows: KeyRows): Value[] {
    const { settledMs, asOfMs } = rows
    const isForgotten = this.ttl.isOver(asOfMs, settledMs)
    const kept = isForgotten ? new KeyRows(rows.key, rows.group, this.evaluator.plan.columns.length) : rows
    return this.evaluator.evaluate(kept, settledMs, kept.latestAt(settledMs)?.columns ?? null)
  }

  decay(nowMs: number, limit: number, out: ResultBuffer): boolean {
    this.settle(out)
    let rewritten = 0
    for (let head = this.timers.peek(); head && head.atMs <= nowMs; head = this.timers.peek()) {
      if (rewritten >= limit) return false
      const { rows } = this.timers.pop()!
      rows.timerMs = null
      if (rows.validUntilMs === null) continue
      if (rows.validUntilMs > nowMs) {
        this.setTimer(rows)
        continue
      }
      settleUpTo(this.evaluator.plan, rows, nowMs, this.ttl)
      out.current.set(rows.key, this.currentRow(rows, null))
      rewritten++
    }
    return true
  }

  rewrite(maxKeys: number): boolean {
    this.rewritten ??= this.allKeys()
    for (let n = 0; n < maxKeys; n++) {
      const next = this.rewritten.next()
      if (next.done) return true
      if (next.value.applied > 0 && !this.touched.has(next.value)) this.touched.set(next.value, null)
    }
    return false
  }

  private *allKeys(): Generator<KeyRows> {
    for (const group of this.groups) yield* group.values()
  }

  nextDecayMs(): number | null {
    return this.timers.peek()?.atMs ?? null
  }

  /** One heap entry a key, at or before the moment it is needed; looked at again when it comes out. */
  private setTimer(rows: KeyRows): void {
    if (rows.validUntilMs === null || (rows.timerMs !== null && rows.timerMs <= rows.validUntilMs)) return
    rows.timerMs = rows.validUntilMs
    this.timers.push({ atMs: rows.validUntilMs, rows })
  }

  read(key: string, atMs: number, group: number): KeyReading {
    const { plan, counters } = this.evaluator
    const rows = this.groups[group]!.get(key) ?? null
    const known = rows ?? new KeyRows(key, group, plan.columns.length)
    const { codeValues } = known
    if (codeValues) known.codeValues = this.code!.valuesAt(key, group, atMs)
    const reading = askWithoutCounting(counters, () => readRows(this.evaluator, rows, known, atMs, this.ttl))
    known.codeValues = codeValues
    return reading
  }

  readableFromMs(): number {
    const wholeFromMs =
      this.byCount || !Number.isFinite(this.droppedBeforeMs)
        ? this.droppedBeforeMs
        : earliestWhole(this.evaluator.plan, this.droppedBeforeMs)
    return Math.max(wholeFromMs, Math.min(this.ttl.readableFromMs, this.maxAppliedMs))
  }

  maxEventTimeMs(): number {
    return this.maxAppliedMs
  }

  /** No event to come, and no read that is answered, asks for a moment before the horizon. */
  private moveHorizon(): void {
    const moment = Math.min(this.watermarkMs, this.maxAppliedMs) - this.options.allowedLatenessMs - this.options.clockSlackMs
    if (!(moment > this.horizonMs)) return
    this.horizonMs = moment
    this.neededFromMs = this.byCount ? moment : oldestNeeded(this.evaluator.plan, moment)
  }

  expire(maxKeys: number): boolean {
    for (let seen = 0; seen < maxKeys; seen++) {
      this.sweep ??= this.groups[this.sweepGroup]!.values()
      const next = this.sweep.next()
      if (!next.done) {
        const rows = next.value
        if (this.unrevised > 0) this.revise(rows)
        if (this.ttl.isOver(rows.asOfMs, this.horizonMs)) this.sweepOut(rows)
        else if (rows.head < rows.times.length && rows.times[rows.head]! < this.neededFromMs) this.drop(rows)
        continue
      }
      this.sweep = null
      this.sweepGroup = (this.sweepGroup + 1) % KEY_GROUPS
      if (this.sweepGroup === 0) return true
    }
    return false
  }

  /** A key whose time is over goes, once its stored row says so. */
  private sweepOut(rows: KeyRows): void {
    if (settleUpTo(this.evaluator.plan, rows, this.horizonMs, this.ttl)) this.touched.set(rows, null)
    if (!this.touched.has(rows)) this.forget(rows)
  }

  private forget(rows: KeyRows): void {
    this.groups[rows.group]!.delete(rows.key)
    this.code?.forget(rows.key, rows.group)
    this.keyCount--
    this.rowCount -= rows.rowCount
    rows.validUntilMs = null // for a timer that still has it
    this.touched.delete(rows)
    this.ttl.forgot(rows.asOfMs)
  }

  configure({ ttlMs }: { ttlMs: number | null }): void {
    this.ttl.ttlMs = ttlMs
    this.unrevised = this.keyCount
  }

  private revise(rows: KeyRows): void {
    this.unrevised--
    rows.validUntilMs = nextChangeMs(this.evaluator.plan, rows, rows.settledMs, this.ttl)
    this.setTimer(rows)
  }

  /** What the rows still say about the past (when values last changed by time) is kept before they go. */
  private drop(rows: KeyRows): void {
    const { plan, aggregates } = this.evaluator
    const beforeMs = this.byCount ? neededFromMs(plan, rows, this.horizonMs) : this.neededFromMs
    if (rows.times[rows.head]! >= beforeMs) return
    if (settleUpTo(plan, rows, this.horizonMs, this.ttl)) this.touched.set(rows, null)
    this.rowCount -= rows.dropBefore(beforeMs, plan.aggregates, aggregates, this.lifetime)
    if (this.neededFromMs > this.droppedBeforeMs) this.droppedBeforeMs = this.neededFromMs
  }

  private rowsOf(key: string, group: number): KeyRows {
    const map = this.groups[group]!
    let rows = map.get(key)
    if (!rows) {
      rows = new KeyRows(key, group, this.evaluator.plan.columns.length)
      map.set(key, rows)
      this.keyCount++
    }
    return rows
  }

  snapshotKeyGroup(group: number): Uint8Array | null {
    const keys = this.groups[group]!
    const waiting = this.waiting
      .values()
      .filter((row) => row.group === group)
      .sort((a, b) => (firesBefore(a, b) ? -1 : 1))
    if (keys.size === 0 && waiting.length === 0) return null
    return withCode(encodeGroup(keys.values(), waiting), this.code ? [this.code.snapshotGroup(group)] : [])
  }

  restoreKeyGroup(group: number, bytes: Uint8Array): void {
    const { keys, waiting } = readAnyGroup(group, bytes)
    for (const rows of keys) {
      this.groups[group]!.set(rows.key, rows)
      this.keyCount++
      this.rowCount += rows.rowCount
      rows.validUntilMs = nextChangeMs(this.evaluator.plan, rows, rows.settledMs, this.ttl)
      this.setTimer(rows)
    }
    for (const row of waiting) this.waiting.push(row)
    for (const section of this.code ? codeSections(bytes) : [])
      this.code?.restoreGroup(group, section, (code) => {
        const rows = this.groups[group]!.get(code.key)
        if (rows) rows.codeValues = code.values
      })
  }

  snapshotOperator(): OperatorState {
    return {
      watermarkMs: finite(this.watermarkMs),
      maxEventTimeMs: finite(this.maxAppliedMs),
      droppedBeforeMs: finite(this.droppedBeforeMs),
      forgottenBeforeMs: finite(this.ttl.readableFromMs),
      counters: { ...this.evaluator.counters },
      ...(this.code && { pieces: this.code.snapshotOperator() }),
    }
  }

  restoreOperator(state: OperatorState): void {
    this.watermarkMs = state.watermarkMs ?? Number.NEGATIVE_INFINITY
    this.maxAppliedMs = state.maxEventTimeMs ?? Number.NEGATIVE_INFINITY
    this.droppedBeforeMs = state.droppedBeforeMs ?? Number.NEGATIVE_INFINITY
    this.ttl.readableFromMs = state.forgottenBeforeMs ?? Number.NEGATIVE_INFINITY
    Object.assign(this.evaluator.counters, state.counters)
    this.code?.restoreOperator(state.pieces ?? {})
    this.moveHorizon()
  }

  stateBytes(): number {
    const perRow = ROW_OVERHEAD_BYTES + VALUE_BYTES * this.evaluator.plan.columns.length
    return this.keyCount * KEY_BYTES + (this.rowCount + this.waiting.size) * perRow + (this.code?.stateBytes() ?? 0)
  }

  keys(): number {
    return this.keyCount
  }

  waitingRows(): number {
    return this.waiting.size
  }

  codeReport(): CodeFeatureReport[] {
    return this.code?.report.features() ?? []
  }
}

const firesBefore = (a: WaitingRow, b: WaitingRow): boolean =>
  a.timeMs !== b.timeMs ? a.timeMs < b.timeMs : a.partition !== b.partition ? a.partition < b.partition : a.offset < b.offset

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null)

const versionOf = (rows: KeyRows): RowVersion => [rows.asOfMs, rows.applied, rows.settledMs - rows.asOfMs]

/** What the key's rows say of the moment `atMs`; `rows` is null for a key that was never seen, `known` then has no rows. */
export function readRows(evaluator: Evaluator, rows: KeyRows | null, known: KeyRows, atMs: number, ttl: Ttl): KeyReading {
  const latest = known.latestAt(atMs)
  if (rows && latest && ttl.isOver(latest.timeMs, atMs))
    return readRows(evaluator, null, new KeyRows(known.key, known.group, evaluator.plan.columns.length), atMs, ttl)
  const values = evaluator.evaluate(known, atMs, latest?.columns ?? null)
  if (!rows) return { status: 'UNKNOWN_KEY', values, asOfMs: null, version: null }
  return {
    status: holdsRows(rows, atMs, evaluator.plan) ? 'PRESENT' : 'EMPTY',
    values,
    asOfMs: atMs >= rows.asOfMs ? rows.asOfMs : (latest?.timeMs ?? null),
    version: atMs >= rows.asOfMs ? versionAt(rows, atMs, evaluator.plan, ttl) : null,
    ...(needsByCount(evaluator.plan) && { fullWindows: evaluator.plan.windows.map((window) => isFull(window, rows, atMs)) }),
  }
}

/** No older row would change it: it has all rows that it counts. */
function isFull(window: PlannedWindow, rows: KeyRows, atMs: number): boolean {
  const current = rows.upperBound(atMs) - 1
  if (window.rows && current - window.rows.start >= rows.head) return true
  const taken = frameRanges(window, rows, atMs, current).reduce((total, [from, to]) => total + to - from, 0)
  return taken === window.maxRows
}

/** Before EXCLUDE and MAX_ROWS: a key whose only event is left out is no empty one. */
function holdsRows(rows: KeyRows, atMs: number, { windows }: Evaluator['plan']): boolean {
  if (windows.length === 0) return rows.latestAt(atMs) !== null
  if (rows.dropped && windows.some((window) => window.start === 'unbounded' && rows.dropped!.timeMs <= frameEnd(window, atMs))) return true
  return windows.some((window) => {
    if (window.rows) return rows.upperBound(atMs) - window.rows.end > rows.head
    return rows.upperBound(frameEnd(window, atMs)) > rows.lowerBound(frameStart(window, atMs))
  })
}

/** The version that a row written at `atMs` would carry, without writing it. */
function versionAt(rows: KeyRows, atMs: number, plan: Evaluator['plan'], ttl: Ttl): RowVersion {
  const settled = rows.settledMs
  const validUntil = rows.validUntilMs
  settleUpTo(plan, rows, atMs, ttl)
  const version = versionOf(rows)
  rows.settledMs = settled
  rows.validUntilMs = validUntil
  return version
}
