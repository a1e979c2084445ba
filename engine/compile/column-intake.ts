/**
 * Records → a ColumnBatch, record by record: `extract` reads one, its event time and WHERE can be asked for, `keep` takes it in.
 * Bare fields go from column to column; an expression over fields is evaluated by its plain closure.
 */
import { decimalScale } from '../../definition/types.ts'
import { branchOf } from '../../definition/union-partitions.ts'
import { fieldsIn } from '../plan/fields-in.ts'
import type { RecordBatch } from '../source/port.ts'
import type { ColumnBatch, TextColumn } from '../state/column-batch.ts'
import { KEY_GROUPS, murmur3 } from '../state/hash.ts'
import { type BranchExtractor, columnBranches } from './branch-extractors.ts'
import { type ByteExtractor, compileByteExtractor } from './byte-extractor.ts'
import type { Evaluator } from './evaluator.ts'
import { keyTextOf, type Refusal } from './extract.ts'
import { FieldColumns } from './field-columns.ts'
import { POW10, type Value } from './value.ts'
import { wtf8 } from './wtf8.ts'

const encoder = new TextEncoder()
const QUOTE = 34
const BRACKET = 91

/** Bytes that grow; what was written stays where it is. */
class Bytes {
  data: Uint8Array
  used = 0

  constructor(size: number) {
    this.data = new Uint8Array(size)
  }

  room(count: number): void {
    if (this.used + count <= this.data.length) return
    const larger = new Uint8Array(Math.max(this.used + count, this.data.length * 2))
    larger.set(this.data.subarray(0, this.used))
    this.data = larger
  }

  append(bytes: Uint8Array, from: number, to: number): void {
    this.room(to - from)
    const { data } = this
    let at = this.used
    for (let i = from; i < to; i++) data[at++] = bytes[i]!
    this.used = at
  }

  put(byte: number): void {
    this.room(1)
    this.data[this.used++] = byte
  }
}

export class ColumnIntake {
  private readonly evaluator: Evaluator
  private readonly fields: FieldColumns
  private readonly extractor: ByteExtractor
  /** of a union: those of its branches, and that of the records' branch */
  private readonly branches: readonly BranchExtractor[] | null
  private branch: BranchExtractor | null = null
  private readonly row: Value[]
  private readonly whereSlots: readonly number[] | null
  /** by kept column: the slot of the bare field that it is, or −1 and the slots that its expression reads */
  private readonly bare: readonly number[]
  private readonly reads: readonly (readonly number[])[]
  /** slot of the key where it is one string, else −1 */
  private readonly textKey: number
  private records!: RecordBatch
  private batch!: { -readonly [K in keyof ColumnBatch]: ColumnBatch[K] }
  private keys!: Bytes
  private texts!: Bytes

  constructor(evaluator: Evaluator) {
    const { plan } = evaluator
    this.evaluator = evaluator
    this.fields = new FieldColumns(plan, 1)
    this.extractor = compileByteExtractor(plan, this.fields)
    this.branches = columnBranches(plan, evaluator.counters, this.fields)
    this.row = plan.fields.map(() => null)
    const [keySlot] = plan.keySlots
    this.textKey = plan.keySlots.length === 1 && plan.fields[keySlot!]!.type === 'string' ? keySlot! : -1
    const slotOf = (name: string) => plan.fields.findIndex((field) => field.name === name)
    this.whereSlots = plan.where ? fieldsIn(plan.where).map(slotOf) : null
    this.bare = plan.columns.map((expr) => (expr.kind === 'field' ? slotOf(expr.name) : -1))
    this.reads = plan.columns.map((expr) => fieldsIn(expr).map(slotOf))
  }

  /** Begins a batch of what will be kept of these records. */
  begin(records: RecordBatch): void {
    this.records = records
    this.fields.begin(records.data)
    const { count, partition } = records
    this.branch = this.branches && this.branches[branchOf(partition)]!
    this.keys = new Bytes(count * 24)
    this.texts = new Bytes(256)
    const columns = this.evaluator.columnTypes.map((type) =>
      type === 'string' ? { starts: new Int32Array(count), ends: new Int32Array(count) } : new Float64Array(count),
    )
    this.batch = {
      partition,
      count: 0,
      offsets: new Float64Array(count),
      eventTimesMs: new Float64Array(count),
      keyBytes: this.keys.data,
      keyStarts: new Int32Array(count),
      keyEnds: new Int32Array(count),
      keyHashes: new Int32Array(count),
      keyGroups: new Uint8Array(count),
      columns,
      texts: this.texts.data,
      watermarksMs: new Float64Array(count),
      bytes: 0,
    }
  }

  /** Reads record i; null, or why it is refused. */
  extract(i: number): Refusal | null {
    const { data, valueStart, valueEnd } = this.records
    this.fields.begin(data)
    if (this.branch) return this.branch.extract(data, valueStart[i]!, valueEnd[i]!)
    return this.extractor.extract(data, valueStart[i]!, valueEnd[i]!, 0)
  }

  eventTimeMs(): number {
    return this.fields.numbers[this.evaluator.plan.eventTimeSlot]![0]!
  }

  /** Whether WHERE lets the event through. */
  passes(): boolean {
    if (this.branch && !this.branch.passes()) return false
    if (!this.whereSlots) return true
    this.fields.getRow(0, this.row, this.whereSlots)
    return this.evaluator.passes(this.row)
  }

  keep(offset: number, watermarkMs: number): void {
    const { batch, keys } = this
    const n = batch.count++
    batch.offsets[n] = offset
    batch.eventTimesMs[n] = this.eventTimeMs()
    batch.watermarksMs[n] = watermarkMs
    const from = keys.used
    if (this.textKey < 0 || this.fields.starts[this.textKey]![0]! < 0) this.writeKey()
    else this.writeTextKey(this.textKey)
    const hash = murmur3(keys.data, from, keys.used)
    batch.keyStarts[n] = from
    batch.keyEnds[n] = keys.used
    batch.keyHashes[n] = hash
    batch.keyGroups[n] = hash % KEY_GROUPS
    for (let c = 0; c < this.bare.length; c++) {
      const slot = this.bare[c]!
      const column = batch.columns[c]!
      if (slot < 0) this.compute(c, n, column)
      else if (column instanceof Float64Array) column[n] = this.fields.numbers[slot]![0]!
      else this.copyText(slot, n, column)
    }
  }

  private compute(c: number, n: number, column: Float64Array | TextColumn): void {
    this.fields.getRow(0, this.row, this.reads[c]!)
    const value = this.evaluator.columnOf(c, this.row)
    if (column instanceof Float64Array) column[n] = value === null ? Number.NaN : Number(value)
    else if (value === null) column.starts[n] = -1
    else {
      const bytes = wtf8(String(value))
      this.setText(column, n, bytes, 0, bytes.length)
    }
  }

  private copyText(slot: number, n: number, column: TextColumn): void {
    const { fields } = this
    const start = fields.starts[slot]![0]!
    const end = fields.ends[slot]![0]!
    if (start === -1) column.starts[n] = -1
    else if (start >= 0) this.setText(column, n, fields.data, start, end)
    else this.setText(column, n, fields.extra, -2 - start, end)
  }

  private setText(column: TextColumn, n: number, bytes: Uint8Array, from: number, to: number): void {
    column.starts[n] = this.texts.used
    this.texts.append(bytes, from, to)
    column.ends[n] = this.texts.used
  }

  /** Of the usual key, which is one string: as `writeKey`, at once. */
  private writeTextKey(slot: number): void {
    const { keys, fields } = this
    const from = fields.starts[slot]![0]!
    const to = fields.ends[slot]![0]!
    keys.room(to - from + 4)
    const target = keys.data
    const source = fields.data
    let at = keys.used
    target[at++] = BRACKET
    target[at++] = QUOTE
    for (let i = from; i < to; i++) target[at++] = source[i]!
    target[at++] = QUOTE
    target[at++] = BRACKET + 2
    keys.used = at
  }

  /** The canonical key text (a JSON array). A string that stands in the record without escapes is already as JSON would write it. */
  private writeKey(): void {
    const { keys, fields } = this
    const { plan } = this.evaluator
    keys.put(BRACKET)
    for (let part = 0; part < plan.keySlots.length; part++) {
      const slot = plan.keySlots[part]!
      if (part > 0) keys.put(44)
      const { type } = plan.fields[slot]!
      if (type === 'string' && fields.starts[slot]![0]! >= 0) {
        keys.put(QUOTE)
        keys.append(fields.data, fields.starts[slot]![0]!, fields.ends[slot]![0]!)
        keys.put(QUOTE)
        continue
      }
      const text = keyTextOf([outputKey(fields.value(slot, 0), type)])
      const bytes = encoder.encode(text)
      keys.append(bytes, 1, bytes.length - 1)
    }
    keys.put(BRACKET + 2)
  }

  /** What was kept; `bytes` counts all records of the batch. */
  finish(bytes: number): ColumnBatch {
    this.batch.keyBytes = this.keys.data
    this.batch.texts = this.texts.data
    this.batch.bytes = bytes
    return this.batch
  }
}

/** Key values stand in key texts as they leave the engine (a decimal as a number). */
function outputKey(value: Value, type: string): Value {
  const scale = decimalScale(type as never)
  return scale === undefined ? value : Number(value) / POW10[scale]!
}
