/** (key slot, list, value) → sequence number of the newest row with that value: an open hash table in typed arrays. */
const EMPTY = -1

export class LastSeen {
  private owners = new Int32Array(1024).fill(EMPTY) // slot × lists + list
  private values = new Float64Array(1024)
  private rows = new Int32Array(1024)
  private mask = 1023
  private count = 0
  private readonly lists: number
  private readonly word = new Float64Array(1)
  private readonly halves = new Int32Array(this.word.buffer)

  constructor(lists: number) {
    this.lists = lists
  }

  /** Notes `row` as the newest and returns the one before, −1 where there was none. */
  put(slot: number, list: number, value: number, row: number): number {
    const owner = slot * this.lists + list
    const { owners, values, mask } = this
    let i = this.home(owner, value)
    while (owners[i] !== EMPTY) {
      if (owners[i] === owner && values[i] === value) {
        const before = this.rows[i]!
        this.rows[i] = row
        return before
      }
      i = (i + 1) & mask
    }
    owners[i] = owner
    values[i] = value
    this.rows[i] = row
    if (++this.count * 2 > mask) this.grow()
    return -1
  }

  /** Forgets a value that is there; later entries of its run move back, so that no probe ends early (Knuth, 6.4 R). */
  remove(slot: number, list: number, value: number): void {
    const owner = slot * this.lists + list
    const { owners, values, rows, mask } = this
    let hole = this.home(owner, value)
    while (owners[hole] !== owner || values[hole] !== value) hole = (hole + 1) & mask
    for (let i = (hole + 1) & mask; owners[i] !== EMPTY; i = (i + 1) & mask) {
      const home = this.home(owners[i]!, values[i]!)
      if (((i - home) & mask) < ((i - hole) & mask)) continue
      owners[hole] = owners[i]!
      values[hole] = values[i]!
      rows[hole] = rows[i]!
      hole = i
    }
    owners[hole] = EMPTY
    this.count--
  }

  private home(owner: number, value: number): number {
    this.word[0] = value
    let h = Math.imul(owner, 0x9e3779b1) ^ Math.imul(this.halves[0]!, 0x85ebca6b) ^ Math.imul(this.halves[1]!, 0xc2b2ae35)
    h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d)
    return (h ^ (h >>> 13)) & this.mask
  }

  private grow(): void {
    const { owners, values, rows } = this
    const size = owners.length * 2
    this.owners = new Int32Array(size).fill(EMPTY)
    this.values = new Float64Array(size)
    this.rows = new Int32Array(size)
    this.mask = size - 1
    for (let j = 0; j < owners.length; j++) {
      if (owners[j] === EMPTY) continue
      let i = this.home(owners[j]!, values[j]!)
      while (this.owners[i] !== EMPTY) i = (i + 1) & this.mask
      this.owners[i] = owners[j]!
      this.values[i] = values[j]!
      this.rows[i] = rows[j]!
    }
  }

  get byteLength(): number {
    return this.owners.byteLength + this.values.byteLength + this.rows.byteLength
  }
}
