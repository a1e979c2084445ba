/**
 * The fields of a batch's events as typed columns, filled by the byte extractor or, for an unusual event, from the plain
 * extractor's row. Numbers, timestamps and booleans (0, 1) are doubles, NaN is NULL; a string is a range of bytes.
 */
import type { ReadFields } from './extract.ts'
import type { Value } from './value.ts'
import { textOf, wtf8 } from './wtf8.ts'

export class FieldColumns {
  /** by slot; strings have an empty one */
  readonly numbers: Float64Array[]
  /** by slot of a string: [start, end) in `data`; a start below −1 lies in `extra` at −2 − start; −1 is NULL */
  readonly starts: Int32Array[]
  readonly ends: Int32Array[]
  data: Uint8Array = new Uint8Array(0)
  extra: Uint8Array = new Uint8Array(1024)
  private extraUsed = 0
  private readonly kinds: ('number' | 'boolean' | 'string')[]
  private readonly capacity: number

  constructor(plan: Pick<ReadFields, 'fields'>, capacity: number) {
    this.capacity = capacity
    this.kinds = plan.fields.map(({ type }) => (type === 'string' ? 'string' : type === 'boolean' ? 'boolean' : 'number'))
    this.numbers = this.kinds.map((kind) => new Float64Array(kind === 'string' ? 0 : capacity))
    this.starts = this.kinds.map((kind) => new Int32Array(kind === 'string' ? capacity : 0))
    this.ends = this.kinds.map((kind) => new Int32Array(kind === 'string' ? capacity : 0))
  }

  /** Begins a batch whose records lie in `data`; what was read before is forgotten. */
  begin(data: Uint8Array): void {
    this.data = data
    this.extraUsed = 0
  }

  get size(): number {
    return this.capacity
  }

  setRow(at: number, row: readonly Value[]): void {
    for (let slot = 0; slot < this.kinds.length; slot++) this.set(slot, at, row[slot]!)
  }

  set(slot: number, at: number, value: Value): void {
    if (this.kinds[slot] !== 'string') this.numbers[slot]![at] = value === null ? Number.NaN : Number(value)
    else if (value === null) this.starts[slot]![at] = -1
    else this.keepText(slot, at, wtf8(String(value)))
  }

  /** Row 0 of another batch over the same records, whose field is of the same type. */
  copy(slot: number, at: number, from: FieldColumns, fromSlot: number): void {
    if (this.kinds[slot] !== 'string') {
      this.numbers[slot]![at] = from.numbers[fromSlot]![0]!
      return
    }
    const start = from.starts[fromSlot]![0]!
    const end = from.ends[fromSlot]![0]!
    if (start < -1) this.keepText(slot, at, from.extra.subarray(-2 - start, end))
    else {
      this.starts[slot]![at] = start
      this.ends[slot]![at] = end
    }
  }

  isNull(slot: number, at: number): boolean {
    return this.kinds[slot] === 'string' ? this.starts[slot]![at] === -1 : Number.isNaN(this.numbers[slot]![at])
  }

  /** The event's fields as plain values, into `row`. */
  getRow(at: number, row: Value[], slots: readonly number[]): void {
    for (const slot of slots) row[slot] = this.value(slot, at)
  }

  value(slot: number, at: number): Value {
    const kind = this.kinds[slot]
    if (kind === 'string') return this.text(slot, at)
    const number = this.numbers[slot]![at]!
    if (Number.isNaN(number)) return null
    return kind === 'boolean' ? number === 1 : number
  }

  text(slot: number, at: number): string | null {
    const start = this.starts[slot]![at]!
    if (start === -1) return null
    const end = this.ends[slot]![at]!
    return start >= 0 ? textOf(this.data, start, end) : textOf(this.extra, -2 - start, end)
  }

  private keepText(slot: number, at: number, bytes: Uint8Array): void {
    const needed = this.extraUsed + bytes.length
    if (needed > this.extra.length) {
      const larger = new Uint8Array(Math.max(needed, this.extra.length * 2))
      larger.set(this.extra)
      this.extra = larger
    }
    this.extra.set(bytes, this.extraUsed)
    this.starts[slot]![at] = -2 - this.extraUsed
    this.extraUsed = needed
    this.ends[slot]![at] = needed
  }
}
