/**
 * What is kept of one key: its rows as columns, ordered by (event time, partition, offset), behind a head index: dropping old
 * rows moves the head, and the arrays are cut when half of them is dead, so that nothing is ever shifted per event.
 */
import type { Base, CompiledAggregate } from '../compile/aggregates.ts'
import type { FrameRows, Position } from '../compile/frame-rows.ts'
import type { PlannedAggregate } from '../plan/plan.ts'
import type { Value } from '../sink/port.ts'

export class KeyRows implements FrameRows {
  readonly key: string
  readonly group: number
  times: number[] = []
  partitions: number[] = []
  offsets: number[] = []
  columns: Value[][]
  head = 0
  /** contributions of dropped rows, by aggregate; only where a lifetime window needs them */
  bases: (Base | null)[] | null = null
  /** of the view's features in TypeScript: a live array that they keep; null where there are none */
  codeValues: readonly Value[] | null = null
  /** the newest dropped row: what "latest event" means when no kept row is old enough */
  dropped: { timeMs: number; columns: Value[] } | null = null
  asOfMs = Number.NEGATIVE_INFINITY
  /** position of the event that asOfMs is from: the last of its millisecond */
  asOfPartition = 0
  asOfOffset = 0
  applied = 0
  /** the moment that the key's current values stand for: its newest event, or the last instant since at which a row left or entered a frame */
  settledMs = Number.NEGATIVE_INFINITY
  validUntilMs: number | null = null
  /** earliest entry of this key in the decay heap; null: none */
  timerMs: number | null = null

  constructor(key: string, group: number, columnCount: number) {
    this.key = key
    this.group = group
    this.columns = Array.from({ length: columnCount }, () => [])
  }

  get rowCount(): number {
    return this.times.length - this.head
  }

  lowerBound(atMs: number): number {
    const { times } = this
    let low = this.head
    let high = times.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (times[middle]! < atMs) low = middle + 1
      else high = middle
    }
    return low
  }

  upperBound(atMs: number): number {
    const { times } = this
    let high = times.length
    if (high === this.head || times[high - 1]! <= atMs) return high // the usual case: the newest row is the current one
    let low = this.head
    while (low < high) {
      const middle = (low + high) >>> 1
      if (times[middle]! <= atMs) low = middle + 1
      else high = middle
    }
    return low
  }

  /** Puts a row in its place. Rows come nearly in order, so the place is looked for from the end. True: it is the newest. */
  insert(timeMs: number, partition: number, offset: number, values: readonly Value[]): boolean {
    let at = this.times.length
    while (at > this.head && this.isAfter(at - 1, timeMs, partition, offset)) at--
    if (at === this.times.length) {
      this.times.push(timeMs)
      this.partitions.push(partition)
      this.offsets.push(offset)
      for (let c = 0; c < this.columns.length; c++) this.columns[c]!.push(values[c]!)
      return true
    }
    this.times.splice(at, 0, timeMs)
    this.partitions.splice(at, 0, partition)
    this.offsets.splice(at, 0, offset)
    for (let c = 0; c < this.columns.length; c++) this.columns[c]!.splice(at, 0, values[c]!)
    return false
  }

  indexBehind(timeMs: number, { partition, offset }: Position): number {
    let index = this.upperBound(timeMs)
    while (index > this.head && this.isAfter(index - 1, timeMs, partition, offset)) index--
    return index
  }

  noteNewest(timeMs: number, partition: number, offset: number): void {
    if (timeMs > this.asOfMs) this.settledMs = timeMs
    else if (timeMs < this.asOfMs || partition < this.asOfPartition || (partition === this.asOfPartition && offset < this.asOfOffset))
      return
    this.asOfMs = timeMs
    this.asOfPartition = partition
    this.asOfOffset = offset
  }

  private isAfter(at: number, timeMs: number, partition: number, offset: number): boolean {
    const t = this.times[at]!
    if (t !== timeMs) return t > timeMs
    const p = this.partitions[at]!
    return p !== partition ? p > partition : this.offsets[at]! > offset
  }

  /** Kept columns of the key's latest event at or before `atMs`, with its time; null where none is known. */
  latestAt(atMs: number): { timeMs: number; columns: Value[] } | null {
    const index = this.upperBound(atMs) - 1
    if (index >= this.head) return { timeMs: this.times[index]!, columns: this.rowAt(index) }
    return this.dropped && this.dropped.timeMs <= atMs ? this.dropped : null
  }

  rowAt(index: number): Value[] {
    return this.columns.map((column) => column[index]!)
  }

  /** Drops rows older than `beforeMs`; lifetime aggregates take their contribution first. Returns how many went. */
  dropBefore(
    beforeMs: number,
    planned: readonly PlannedAggregate[],
    aggregates: readonly CompiledAggregate[],
    lifetime: readonly boolean[],
  ): number {
    const to = this.lowerBound(beforeMs)
    const count = to - this.head
    if (count === 0) return 0
    if (lifetime.includes(true)) this.absorb(to, planned, aggregates, lifetime)
    this.dropped = { timeMs: this.times[to - 1]!, columns: this.rowAt(to - 1) }
    this.head = to
    if (this.head > 32 && this.head * 2 > this.times.length) this.compact()
    return count
  }

  private absorb(
    to: number,
    planned: readonly PlannedAggregate[],
    aggregates: readonly CompiledAggregate[],
    lifetime: readonly boolean[],
  ): void {
    this.bases ??= aggregates.map((aggregate, a) => (lifetime[a] ? aggregate.newBase() : null))
    for (let a = 0; a < aggregates.length; a++) {
      const base = this.bases[a]
      if (!base) continue
      const { input, second, filter } = planned[a]!
      for (let i = this.head; i < to; i++) {
        const taken = filter < 0 || this.columns[filter]![i] === true
        if (!taken && !aggregates[a]!.byPosition) continue
        const inputs = [input, second].map((column) => (column < 0 ? null : this.columns[column]![i]!))
        aggregates[a]!.absorb(base, inputs[0]!, inputs[1]!, taken)
      }
    }
  }

  private compact(): void {
    this.times = this.times.slice(this.head)
    this.partitions = this.partitions.slice(this.head)
    this.offsets = this.offsets.slice(this.head)
    this.columns = this.columns.map((column) => column.slice(this.head))
    this.head = 0
  }
}
