/** Results of a slice of events as typed columns, in processing order; reused from slice to slice. */
import type { Value } from '../sink/port.ts'

export class ResultColumns {
  count = 0
  slots = new Int32Array(1024)
  eventTimesMs = new Float64Array(1024)
  positions = new Float64Array(1024)
  /** newest event time of the key, and events of it applied, with this one */
  asOfMs = new Float64Array(1024)
  applied = new Float64Array(1024)
  /** by aggregate: its value, NaN for NULL, a decimal scaled; unset where `values` holds the event's features */
  readonly aggregates: Float64Array[]
  /** feature values, of events whose aggregates alone do not give them (a derived feature, a text, an event behind newer ones) */
  values: (Value[] | null)[] = new Array(1024).fill(null)

  constructor(aggregates: number) {
    this.aggregates = Array.from({ length: aggregates }, () => new Float64Array(1024))
  }

  clear(): void {
    this.count = 0
  }

  /** Room for one more. */
  makeRoom(): void {
    if (this.count < this.slots.length) return
    const size = this.slots.length * 2
    const floats = (old: Float64Array): Float64Array<ArrayBuffer> => {
      const array = new Float64Array(size)
      array.set(old)
      return array
    }
    const slots = new Int32Array(size)
    slots.set(this.slots)
    this.slots = slots
    this.eventTimesMs = floats(this.eventTimesMs)
    this.positions = floats(this.positions)
    this.asOfMs = floats(this.asOfMs)
    this.applied = floats(this.applied)
    for (const [a, column] of this.aggregates.entries()) this.aggregates[a] = floats(column)
    this.values = [...this.values, ...new Array(size - this.values.length).fill(null)]
  }
}
