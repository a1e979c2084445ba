/** Rows that wait for the watermark (event_time order), in typed columns; they come out by (event time, position). */
export class WaitingRows {
  private heap = new Int32Array(1024)
  times = new Float64Array(1024)
  positions = new Float64Array(1024)
  slots = new Int32Array(1024)
  readonly columns: Float64Array[]
  private readonly free: number[] = []
  private used = 0
  /** rows that wait, by slot */
  private ofSlot = new Int32Array(1024)
  size = 0

  constructor(columnCount: number) {
    this.columns = Array.from({ length: columnCount }, () => new Float64Array(1024))
  }

  /** Index of the row that comes out next. There is one. */
  get head(): number {
    return this.heap[0]!
  }

  get headTimeMs(): number {
    return this.size > 0 ? this.times[this.heap[0]!]! : Number.POSITIVE_INFINITY
  }

  push(slot: number, timeMs: number, position: number, columns: readonly Float64Array[], i: number): void {
    const row = this.free.pop() ?? this.used++
    if (row === this.times.length) this.grow()
    this.slots[row] = slot
    if (slot >= this.ofSlot.length) this.growSlots(slot)
    this.ofSlot[slot]!++
    this.times[row] = timeMs
    this.positions[row] = position
    for (let c = 0; c < columns.length; c++) this.columns[c]![row] = columns[c]![i]!
    const { heap } = this
    let at = this.size++
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!this.before(row, heap[parent]!)) break
      heap[at] = heap[parent]!
      at = parent
    }
    heap[at] = row
  }

  /** Takes the next row out. What stands at its index stays until `release`. */
  pop(): number {
    const { heap } = this
    const top = heap[0]!
    const size = --this.size
    const last = heap[size]!
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= size) break
      if (child + 1 < size && this.before(heap[child + 1]!, heap[child]!)) child++
      if (!this.before(heap[child]!, last)) break
      heap[at] = heap[child]!
      at = child
    }
    heap[at] = last
    return top
  }

  release(row: number): void {
    this.ofSlot[this.slots[row]!]!--
    this.free.push(row)
  }

  isWaiting(slot: number): boolean {
    return slot < this.ofSlot.length && this.ofSlot[slot]! > 0
  }

  private growSlots(slot: number): void {
    const old = this.ofSlot
    this.ofSlot = new Int32Array(Math.max(old.length * 2, slot + 1))
    this.ofSlot.set(old)
  }

  /** Indexes of all rows, in the order in which they will come out. */
  sorted(): number[] {
    return Array.from(this.heap.subarray(0, this.size)).sort((a, b) => (this.before(a, b) ? -1 : 1))
  }

  private before(a: number, b: number): boolean {
    const x = this.times[a]!
    const y = this.times[b]!
    return x !== y ? x < y : this.positions[a]! < this.positions[b]!
  }

  private grow(): void {
    const floats = (old: Float64Array): Float64Array<ArrayBuffer> => {
      const array = new Float64Array(old.length * 2)
      array.set(old)
      return array
    }
    const ints = (old: Int32Array): Int32Array<ArrayBuffer> => {
      const array = new Int32Array(old.length * 2)
      array.set(old)
      return array
    }
    this.heap = ints(this.heap)
    this.slots = ints(this.slots)
    this.times = floats(this.times)
    this.positions = floats(this.positions)
    for (const [c, column] of this.columns.entries()) this.columns[c] = floats(column)
  }

  get byteLength(): number {
    return this.times.length * (24 + 8 * this.columns.length) + this.ofSlot.byteLength
  }
}
