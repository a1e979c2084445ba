/** A binary min-heap of (moment, key slot) in typed arrays. A slot may be in it more than once. */
export class TimerHeap {
  private times = new Float64Array(1024)
  private slots = new Int32Array(1024)
  size = 0

  /** Earliest moment; Infinity when empty. */
  get nextMs(): number {
    return this.size > 0 ? this.times[0]! : Number.POSITIVE_INFINITY
  }

  push(atMs: number, slot: number): void {
    if (this.size === this.times.length) this.grow()
    const { times, slots } = this
    let at = this.size++
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (times[parent]! <= atMs) break
      times[at] = times[parent]!
      slots[at] = slots[parent]!
      at = parent
    }
    times[at] = atMs
    slots[at] = slot
  }

  /** Slot of the earliest entry, which goes. The heap is not empty. */
  pop(): number {
    const { times, slots } = this
    const top = slots[0]!
    const size = --this.size
    const time = times[size]!
    const slot = slots[size]!
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= size) break
      if (child + 1 < size && times[child + 1]! < times[child]!) child++
      if (times[child]! >= time) break
      times[at] = times[child]!
      slots[at] = slots[child]!
      at = child
    }
    times[at] = time
    slots[at] = slot
    return top
  }

  private grow(): void {
    const times = new Float64Array(this.times.length * 2)
    const slots = new Int32Array(this.slots.length * 2)
    times.set(this.times)
    slots.set(this.slots)
    this.times = times
    this.slots = slots
  }

  get byteLength(): number {
    return this.times.byteLength + this.slots.byteLength
  }
}
