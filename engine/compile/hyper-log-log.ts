/**
 * HyperLogLog: how many different values came, from 258 bytes at most, whatever their number. 2^8 registers, the standard error is
 * 1.04/√256 = 6.5 %; up to 128 different values it is sparse and counts them all but for a rare collision of hashes (one too few in
 * about a fifth of the sketches of 128). Hashes have 32 bits, so it is meant for up to some 10^8 different values.
 *
 * A sketch stands in a slice of bytes that its owner gives it: `bytes` from `at`, with `room` bytes. Zeroes are the empty sketch. Where a
 * change needs more room, nothing is changed and the answer is false: give it a larger slice (`HLL_MOST_BYTES` always does) and ask again.
 *
 *   u16 n      0…128: sparse, n entries follow; 0xffff: dense, 256 registers of a byte follow
 *   sparse     u16 each, ascending: the hash's first 15 bits where the last 7 of these are not all zero (they give register and rank),
 *              else 0x8000 | first 8 bits << 5 | rank in the last 17 bits
 *
 * The same values in any order and any grouping into merged sketches give the same bytes.
 * After Flajolet et al. 2007; the sparse form after Heule et al. 2013 (HyperLogLog++); the estimate after Ertl 2017 (arXiv 1702.01284,
 * algorithm 6), which is unbiased over the whole range without tables.
 */
const REGISTERS = 256
const SPARSE_MOST = 128
const DENSE = 0xffff
const FLAG = 0x8000
const BEHIND_ALL = 0x10000

/** Room of an empty sketch, and of one that never needs more. */
export const HLL_LEAST_BYTES = 2
export const HLL_MOST_BYTES = 2 + REGISTERS

/** How many bytes of its slice the sketch fills: what a snapshot has to keep. */
export function hllBytes(bytes: Uint8Array, at: number): number {
  const n = read16(bytes, at)
  return n === DENSE ? HLL_MOST_BYTES : 2 + n * 2
}

/** Adds the value with this hash (any 32 bits, well mixed: `value-hash.ts`). False: there is no room. */
export function hllAdd(bytes: Uint8Array, at: number, room: number, hash: number): boolean {
  const n = read16(bytes, at)
  if (n === DENSE) {
    raise(bytes, at, hash >>> 24, Math.min(Math.clz32(hash << 8), 24) + 1)
    return true
  }
  const entry = entryOf(hash)
  const place = placeOf(bytes, at, n, entry)
  const known = place < n ? read16(bytes, at + 2 + place * 2) : -1
  if (sameRegister(known, entry)) {
    if (entry > known) write16(bytes, at + 2 + place * 2, entry)
    return true
  }
  if (n === SPARSE_MOST) {
    if (room < HLL_MOST_BYTES) return false
    for (let i = 0; i < n; i++) merged[i] = read16(bytes, at + 2 + i * 2)
    merged[n] = entry
    writeDense(bytes, at, n + 1)
    return true
  }
  if (room < 4 + n * 2) return false
  const from = at + 2 + place * 2
  for (let i = at + 1 + n * 2; i >= from; i--) bytes[i + 2] = bytes[i]!
  write16(bytes, from, entry)
  write16(bytes, at, n + 1)
  return true
}

/** Adds to one sketch all that another has seen. False: there is no room. */
export function hllMerge(into: Uint8Array, at: number, room: number, from: Uint8Array, fromAt: number): boolean {
  const [n, m] = [read16(into, at), read16(from, fromAt)]
  if (m === 0) return true
  if (n !== DENSE && m !== DENSE) {
    const count = union(into, at + 2, n, from, fromAt + 2, m)
    if (count <= SPARSE_MOST) {
      if (room < 2 + count * 2) return false
      write16(into, at, count)
      for (let i = 0; i < count; i++) write16(into, at + 2 + i * 2, merged[i]!)
      return true
    }
    if (room < HLL_MOST_BYTES) return false
    writeDense(into, at, count)
    return true
  }
  if (room < HLL_MOST_BYTES) return false
  if (n !== DENSE) {
    for (let i = 0; i < n; i++) merged[i] = read16(into, at + 2 + i * 2)
    writeDense(into, at, n)
  }
  if (m === DENSE) for (let r = 0; r < REGISTERS; r++) raise(into, at, r, from[fromAt + 2 + r]!)
  else for (let i = 0; i < m; i++) raiseEntry(into, at, read16(from, fromAt + 2 + i * 2))
  return true
}

/** About how many different values were added; a whole number. */
export function hllEstimate(bytes: Uint8Array, at: number): number {
  const n = read16(bytes, at)
  return n === DENSE ? Math.round(denseEstimate(bytes, at + 2)) : n
}

/** Whether the sketch is dense and knows a value like this one: then adding it changes nothing, its estimate among it. */
export function hllKnows(bytes: Uint8Array, at: number, hash: number): boolean {
  return bytes[at] === 0xff && bytes[at + 1] === 0xff && bytes[at + 2 + (hash >>> 24)]! >= Math.min(Math.clz32(hash << 8), 24) + 1
}

/**
 * For counting what a few small sketches have seen together: adds to the `count` different entries in `entries` those of a sparse sketch that
 * are not there yet, and returns how many there are now. There has to be room for all of them.
 */
export function hllCollect(bytes: Uint8Array, at: number, entries: Uint16Array, count: number): number {
  const end = at + 2 + read16(bytes, at) * 2
  for (let i = at + 2; i < end; i += 2) {
    const entry = read16(bytes, i)
    let known = 0
    while (known < count && !sameRegister(entries[known]!, entry)) known++
    if (known === count) entries[count++] = entry
  }
  return count
}

const RANKS = 24 + 1
const histogram = new Float64Array(RANKS + 1)

function denseEstimate(bytes: Uint8Array, at: number): number {
  histogram.fill(0)
  for (let r = 0; r < REGISTERS; r++) histogram[bytes[at + r]!]!++
  let z = REGISTERS * tau(1 - histogram[RANKS]! / REGISTERS)
  for (let k = RANKS - 1; k >= 1; k--) z = 0.5 * (z + histogram[k]!)
  z += REGISTERS * sigma(histogram[0]! / REGISTERS)
  return (REGISTERS * REGISTERS) / (2 * Math.LN2 * z)
}

function sigma(x: number): number {
  if (x === 1) return Number.POSITIVE_INFINITY
  let [power, factor, sum, before] = [x, 1, x, -1]
  while (sum !== before) {
    before = sum
    power *= power
    sum += power * factor
    factor += factor
  }
  return sum
}

function tau(x: number): number {
  if (x === 0 || x === 1) return 0
  let [power, factor, sum, before] = [x, 1, 1 - x, -1]
  while (sum !== before) {
    before = sum
    power = Math.sqrt(power)
    factor *= 0.5
    sum -= (1 - power) ** 2 * factor
  }
  return sum / 3
}

function entryOf(hash: number): number {
  const register = hash >>> 17
  if ((register & 0x7f) !== 0) return register
  return FLAG | ((register >> 7) << 5) | (Math.clz32(hash & 0x1ffff) - 14)
}

const sameRegister = (a: number, b: number) => a === b || (a >= FLAG && b >= FLAG && a >> 5 === b >> 5)

/** Index of the first entry that is not below this one, ranks left aside. */
function placeOf(bytes: Uint8Array, at: number, n: number, entry: number): number {
  const wanted = entry >= FLAG ? entry & ~31 : entry
  let low = 0
  let high = n
  while (low < high) {
    const middle = (low + high) >>> 1
    if (read16(bytes, at + 2 + middle * 2) < wanted) low = middle + 1
    else high = middle
  }
  return low
}

/** Entries on their way from one form or sketch to another. */
const merged = new Uint16Array(2 * SPARSE_MOST)

function union(a: Uint8Array, aAt: number, n: number, b: Uint8Array, bAt: number, m: number): number {
  let [i, j, count] = [0, 0, 0]
  while (i < n || j < m) {
    const x = i < n ? read16(a, aAt + i * 2) : BEHIND_ALL
    const y = j < m ? read16(b, bAt + j * 2) : BEHIND_ALL
    const same = sameRegister(x, y)
    merged[count++] = same ? Math.max(x, y) : Math.min(x, y)
    if (same || x < y) i++
    if (same || y < x) j++
  }
  return count
}

function writeDense(bytes: Uint8Array, at: number, count: number): void {
  write16(bytes, at, DENSE)
  bytes.fill(0, at + 2, at + HLL_MOST_BYTES)
  for (let i = 0; i < count; i++) raiseEntry(bytes, at, merged[i]!)
}

function raiseEntry(bytes: Uint8Array, at: number, entry: number): void {
  if (entry >= FLAG) raise(bytes, at, (entry >> 5) & 0xff, 7 + (entry & 31))
  else raise(bytes, at, entry >> 7, Math.clz32(entry & 0x7f) - 24)
}

function raise(bytes: Uint8Array, at: number, register: number, rank: number): void {
  if (rank > bytes[at + 2 + register]!) bytes[at + 2 + register] = rank
}

const read16 = (bytes: Uint8Array, at: number) => bytes[at]! | (bytes[at + 1]! << 8)

function write16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value & 0xff
  bytes[at + 1] = value >> 8
}
