/** The sketches against exact answers within their stated errors, and the laws of merging: the same values give the same bytes. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HLL_LEAST_BYTES, HLL_MOST_BYTES, hllAdd, hllBytes, hllEstimate, hllMerge } from './hyper-log-log.ts'
import {
  QUANTILES_LEAST_BYTES,
  QUANTILES_MOST_BYTES,
  quantilesAdd,
  quantilesAtRank,
  quantilesBytes,
  quantilesCount,
  quantilesError,
  quantilesMerge,
  RELATIVE_ERROR,
} from './quantile-sketch.ts'
import { numberHash, textHash, valueHash } from './value-hash.ts'

/** Where a sketch stands must not matter. */
const AT = 5

/** A sketch in a slice that is only as large as it has to be, and grows when it is asked to. */
class Slice {
  bytes: Uint8Array
  room: number
  private readonly size: (bytes: Uint8Array, at: number) => number

  constructor(least: number, size: (bytes: Uint8Array, at: number) => number) {
    this.bytes = new Uint8Array(AT + least)
    this.room = least
    this.size = size
  }

  change(apply: (bytes: Uint8Array, at: number, room: number) => boolean): void {
    while (!apply(this.bytes, AT, this.room)) {
      this.room = this.room + 7
      const larger = new Uint8Array(AT + this.room)
      larger.set(this.bytes)
      this.bytes = larger
    }
  }

  get used(): number[] {
    return [...this.bytes.subarray(AT, AT + this.size(this.bytes, AT))]
  }
}

function hllOf(hashes: readonly number[]): Slice {
  const slice = new Slice(HLL_LEAST_BYTES, hllBytes)
  for (const hash of hashes) slice.change((bytes, at, room) => hllAdd(bytes, at, room, hash))
  return slice
}

const hllOfMany = (from: number, to: number, hash = numberHash) => {
  const bytes = new Uint8Array(HLL_MOST_BYTES)
  for (let i = from; i < to; i++) hllAdd(bytes, 0, HLL_MOST_BYTES, hash(i))
  return hllEstimate(bytes, 0)
}

describe('HyperLogLog', () => {
  it('of nothing is 0, and of one value asked for a thousand times 1', () => {
    expect(hllEstimate(new Uint8Array(2), 0)).toBe(0)
    expect(hllEstimate(hllOf(Array.from({ length: 1000 }, () => textHash('x'))).bytes, AT)).toBe(1)
  })

  it('counts up to 128 values all but for a collision', () => {
    for (let seed = 0; seed < 100; seed++) {
      const estimate = hllOfMany(seed * 1000, seed * 1000 + 128)
      expect(estimate).toBeGreaterThanOrEqual(125)
      expect(estimate).toBeLessThanOrEqual(128)
      expect(hllOfMany(seed * 1000, seed * 1000 + 10)).toBeGreaterThanOrEqual(9)
    }
  })

  it.each([200, 500, 1000, 10_000, 100_000])('of %i values is within 6.5 % in the mean square, and has no bias', (n) => {
    const rounds = n > 10_000 ? 30 : 150
    let [squares, sum] = [0, 0]
    for (let round = 0; round < rounds; round++) {
      const error = hllOfMany(round * n, (round + 1) * n) / n - 1
      squares += error * error
      sum += error
    }
    expect(Math.sqrt(squares / rounds)).toBeLessThan(0.065 * 1.25)
    expect(Math.abs(sum / rounds)).toBeLessThan((0.065 * 3.5) / Math.sqrt(rounds))
  })

  it('takes texts, and doubles that differ in their last bit, as well as whole numbers', () => {
    expect(Math.abs(hllOfMany(0, 20_000, (i) => textHash(`user-${i}`)) / 20_000 - 1)).toBeLessThan(0.2)
    expect(Math.abs(hllOfMany(0, 20_000, (i) => numberHash(1 + i * Number.EPSILON)) / 20_000 - 1)).toBeLessThan(0.2)
    expect(valueHash(-0)).toBe(valueHash(0))
    expect(valueHash(true)).toBe(valueHash(1))
  })

  const hashes = fc.array(fc.oneof(fc.integer({ min: 0, max: 0xffff_ffff }), fc.integer({ min: 0, max: 0x3_ffff })), {
    maxLength: 400,
    size: 'max',
  })

  it('merged is the sketch of all values, byte for byte, in any order and in the least room', () => {
    fc.assert(
      fc.property(hashes, hashes, (a, b) => {
        const [left, right] = [hllOf(a), hllOf(b)]
        left.change((bytes, at, room) => hllMerge(bytes, at, room, right.bytes, AT))
        const all = hllOf([...b, ...a.toReversed()])
        expect(left.used).toEqual(all.used)
        expect(hllEstimate(left.bytes, AT)).toBe(hllEstimate(all.bytes, AT))
        left.change((bytes, at, room) => hllMerge(bytes, at, room, right.bytes, AT)) // again: nothing new
        expect(left.used).toEqual(all.used)
      }),
      { numRuns: 200 },
    )
  })

  it('that has no room for a value stays as it is', () => {
    const full = hllOf([1 << 20, 2 << 20, 3 << 20])
    const before = full.used
    expect(hllAdd(full.bytes, AT, before.length, 4 << 20)).toBe(false)
    expect(hllMerge(full.bytes, AT, before.length, hllOf([5 << 20]).bytes, AT)).toBe(false)
    expect(full.used).toEqual(before)
  })
})

function quantilesOf(values: readonly number[]): Slice {
  const slice = new Slice(QUANTILES_LEAST_BYTES, quantilesBytes)
  for (const value of values) slice.change((bytes, at, room) => quantilesAdd(bytes, at, room, value))
  return slice
}

const finite = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer({ min: -1000, max: 1000 }),
  fc.constantFrom(0, 5e-324, -5e-324, Number.MAX_VALUE, -Number.MAX_VALUE),
)

describe('DDSketch', () => {
  it('has every rank within 1 % of the value that stands there', () => {
    fc.assert(
      fc.property(fc.array(finite, { minLength: 1, maxLength: 300 }), (values) => {
        const { bytes } = quantilesOf(values)
        const sorted = values.toSorted((a, b) => a - b)
        expect(quantilesCount(bytes, AT)).toBe(values.length)
        expect(quantilesError(bytes, AT)).toBeCloseTo(RELATIVE_ERROR, 12)
        for (const [i, exact] of sorted.entries()) {
          // below 1e-307 a double has too few digits left for any relative error
          const error = Math.abs(quantilesAtRank(bytes, AT, i + 1) - exact)
          expect(error).toBeLessThanOrEqual(Math.abs(exact) * RELATIVE_ERROR * (1 + 1e-9) + 5e-324)
        }
      }),
      { numRuns: 150 },
    )
  })

  it('merged is the sketch of all values, byte for byte, in any order', () => {
    fc.assert(
      fc.property(fc.array(finite, { maxLength: 200 }), fc.array(finite, { maxLength: 200 }), (a, b) => {
        const [left, right] = [quantilesOf(a), quantilesOf(b)]
        left.change((bytes, at, room) => quantilesMerge(bytes, at, room, right.bytes, AT))
        expect(left.used).toEqual(quantilesOf([...b, ...a.toReversed()]).used)
      }),
      { numRuns: 150 },
    )
  })

  it('of values over hundreds of powers of ten stays within its bytes, says its error and keeps to it, merged or not', () => {
    const values = Array.from({ length: 9000 }, (_, i) => (i % 2 ? -1 : 1) * 10 ** (-290 + (i * 580) / 9000))
    const whole = quantilesOf(values)
    const [left, right] = [quantilesOf(values.filter((_, i) => i % 3 === 0)), quantilesOf(values.filter((_, i) => i % 3 !== 0))]
    left.change((bytes, at, room) => quantilesMerge(bytes, at, room, right.bytes, AT))
    expect(left.used).toEqual(whole.used)
    expect(whole.used.length).toBeLessThanOrEqual(QUANTILES_MOST_BYTES)
    const error = quantilesError(whole.bytes, AT)
    expect(error).toBeGreaterThan(0.3)
    const sorted = values.toSorted((a, b) => a - b)
    for (let i = 0; i < sorted.length; i += 37) {
      expect(Math.abs(quantilesAtRank(whole.bytes, AT, i + 1) / sorted[i]! - 1)).toBeLessThanOrEqual(error * (1 + 1e-9))
    }
  })

  it('that has no room for a value stays as it is', () => {
    const full = quantilesOf([1, 2, 3])
    const before = full.used
    expect(quantilesAdd(full.bytes, AT, before.length, 4)).toBe(false)
    expect(quantilesMerge(full.bytes, AT, before.length, quantilesOf([5]).bytes, AT)).toBe(false)
    expect(quantilesAdd(full.bytes, AT, before.length, 2)).toBe(true)
    expect(quantilesCount(full.bytes, AT)).toBe(4)
  })
})
