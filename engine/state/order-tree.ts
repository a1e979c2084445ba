/**
 * A key's rows in a window in order of a column's value, so that the row of any rank is found in O(log n): a treap (Seidel & Aragon 1996) whose
 * links and sizes stand in the rows themselves. A node is a row's sequence number, its priority a hash of that. Rows of equal value stand
 * in the order of their numbers.
 */
const NONE = -1

export class OrderTree {
  private readonly stride: number
  private readonly value: number
  private readonly left: number
  private readonly right: number
  private readonly size: number
  private floats!: Float64Array
  private ints!: Int32Array
  private base = 0
  private mask = 0
  private low = NONE
  private high = NONE

  /** Words of a row: its 64-bit ones in all, the one with the value; and 32-bit ones for links and size. */
  constructor(words: { stride: number; value: number; left: number; right: number; size: number }) {
    this.stride = words.stride
    this.value = words.value
    this.left = words.left
    this.right = words.right
    this.size = words.size
  }

  /** Where the rows stand that the next calls are about. */
  over(floats: Float64Array, ints: Int32Array, base: number, mask: number): this {
    this.floats = floats
    this.ints = ints
    this.base = base
    this.mask = mask
    return this
  }

  private row(s: number): number {
    return this.base + (s & this.mask) * this.stride
  }

  private valueOf(s: number): number {
    return this.floats[this.row(s) + this.value]!
  }

  private link(s: number, word: number): number {
    return this.ints[2 * this.row(s) + word]!
  }

  private isBefore(a: number, b: number): boolean {
    const [x, y] = [this.valueOf(a), this.valueOf(b)]
    return x !== y ? x < y : a < b
  }

  count(root: number): number {
    return root === NONE ? 0 : this.link(root, this.size)
  }

  private set(s: number, left: number, right: number): void {
    const at = 2 * this.row(s)
    this.ints[at + this.left] = left
    this.ints[at + this.right] = right
    this.ints[at + this.size] = this.count(left) + this.count(right) + 1
  }

  /** The new root. */
  insert(root: number, s: number): number {
    if (root === NONE || priority(s) > priority(root)) {
      this.split(root, s)
      this.set(s, this.low, this.high)
      return s
    }
    const at = 2 * this.row(root)
    const side = at + (this.isBefore(s, root) ? this.left : this.right)
    this.ints[side] = this.insert(this.ints[side]!, s)
    this.ints[at + this.size]!++
    return root
  }

  /** Those before s into `low`, those behind it into `high`. */
  private split(root: number, s: number): void {
    if (root === NONE) {
      this.low = NONE
      this.high = NONE
      return
    }
    const [left, right] = [this.link(root, this.left), this.link(root, this.right)]
    if (this.isBefore(s, root)) {
      this.split(left, s)
      this.set(root, this.high, right)
      this.high = root
    } else {
      this.split(right, s)
      this.set(root, left, this.low)
      this.low = root
    }
  }

  /** s is there. The new root. */
  remove(root: number, s: number): number {
    const at = 2 * this.row(root)
    if (root === s) return this.merge(this.ints[at + this.left]!, this.ints[at + this.right]!)
    const side = at + (this.isBefore(s, root) ? this.left : this.right)
    this.ints[side] = this.remove(this.ints[side]!, s)
    this.ints[at + this.size]!--
    return root
  }

  /** All of a stand before all of b. */
  private merge(a: number, b: number): number {
    if (a === NONE) return b
    if (b === NONE) return a
    if (priority(a) > priority(b)) {
      this.set(a, this.link(a, this.left), this.merge(this.link(a, this.right), b))
      return a
    }
    this.set(b, this.merge(a, this.link(b, this.left)), this.link(b, this.right))
    return b
  }

  /** The value of this rank, from 0. */
  valueAt(root: number, rank: number): number {
    let s = root
    let rest = rank
    for (;;) {
      const before = this.count(this.link(s, this.left))
      if (rest === before) return this.valueOf(s)
      if (rest < before) s = this.link(s, this.left)
      else {
        rest -= before + 1
        s = this.link(s, this.right)
      }
    }
  }
}

/** Well mixed, so that trees are about as deep as they have to be. */
function priority(s: number): number {
  const h = Math.imul(s ^ (s >>> 15), 0x2c1b3c6d)
  return Math.imul(h ^ (h >>> 12), 0x297a2d39)
}
