/**
 * DDSketch: quantiles with a bounded *relative* error. The value found for a rank is within 1 % of the value that stands there. Values
 * fall into buckets whose bounds grow by γ = 1.01/0.99; a sketch keeps at most 2048 buckets (values of 17 powers of ten on either side of
 * zero); beyond that neighbouring buckets are joined in pairs, which doubles the error, as often as it takes.
 *
 * A sketch stands in a slice of bytes that its owner gives it, as in `hyper-log-log.ts`: `bytes` from `at`, with `room` bytes; zeroes are
 * the empty sketch; where there is no room for a change nothing is changed and the answer is false.
 *
 *   u16 n · u8 level (how often buckets were joined) · u8 0 · n × (i32 bucket, u32 count), buckets ascending, as their values are
 *   bucket: 0 for zero, ±(i + 40000) for ±(γ^(i−1), γ^i]
 *
 * The same values in any order and any grouping into merged sketches give the same bytes.
 * After Masson, Rim, Lee 2019 (arXiv 1908.10693); joining all pairs of buckets after Epicoco et al. 2020 (UDDSketch).
 */
export const RELATIVE_ERROR = 0.01
const LOG_GAMMA = Math.log((1 + RELATIVE_ERROR) / (1 - RELATIVE_ERROR))
const MOST_BUCKETS = 2048
const OFFSET = 40_000
const HEAD = 4
const ENTRY = 8

/** Room of an empty sketch, and of one that never needs more. */
export const QUANTILES_LEAST_BYTES = HEAD
export const QUANTILES_MOST_BYTES = HEAD + MOST_BUCKETS * ENTRY

/** How many bytes of its slice the sketch fills. */
export const quantilesBytes = (bytes: Uint8Array, at: number): number => HEAD + read16(bytes, at) * ENTRY

/** Adds a finite number. False: there is no room. */
export function quantilesAdd(bytes: Uint8Array, at: number, room: number, value: number): boolean {
  const n = read16(bytes, at)
  const bucket = joined(bucketOf(value), bytes[at + 2]!)
  const place = placeOf(bytes, at, n, bucket)
  const entry = at + HEAD + place * ENTRY
  if (place < n && read32(bytes, entry) === bucket) {
    write32(bytes, entry + 4, plus(read32(bytes, entry + 4) >>> 0, 1))
    return true
  }
  if (n === MOST_BUCKETS) {
    load(bytes, at, n, 0)
    buckets.copyWithin(place + 1, place, n)
    counts.copyWithin(place + 1, place, n)
    buckets[place] = bucket
    counts[place] = 1
    const level = bytes[at + 2]! + joinsNeeded(n + 1)
    store(bytes, at, loaded, level)
    return true
  }
  if (room < HEAD + (n + 1) * ENTRY) return false
  bytes.copyWithin(entry + ENTRY, entry, at + HEAD + n * ENTRY)
  write32(bytes, entry, bucket)
  write32(bytes, entry + 4, 1)
  write16(bytes, at, n + 1)
  return true
}

/** Adds to one sketch all that another has seen. False: there is no room. */
export function quantilesMerge(into: Uint8Array, at: number, room: number, from: Uint8Array, fromAt: number): boolean {
  const [n, m] = [read16(into, at), read16(from, fromAt)]
  if (m === 0) return true
  const level = Math.max(into[at + 2]!, from[fromAt + 2]!)
  load(into, at, n, level)
  let [i, j, count] = [0, 0, 0]
  while (i < n || j < m) {
    const x = i < n ? buckets[i]! : Number.POSITIVE_INFINITY
    const y = j < m ? joined(read32(from, fromAt + HEAD + j * ENTRY), level - from[fromAt + 2]!) : Number.POSITIVE_INFINITY
    const bucket = Math.min(x, y)
    let times = 0
    if (x === bucket) times = plus(times, counts[i++]!)
    if (y === bucket) times = plus(times, read32(from, fromAt + HEAD + j++ * ENTRY + 4) >>> 0)
    if (count > 0 && outBuckets[count - 1] === bucket) outCounts[count - 1] = plus(outCounts[count - 1]!, times)
    else {
      outBuckets[count] = bucket
      outCounts[count++] = times
    }
  }
  buckets.set(outBuckets.subarray(0, count))
  counts.set(outCounts.subarray(0, count))
  const raised = level + joinsNeeded(count)
  if (room < HEAD + loaded * ENTRY) return false
  store(into, at, loaded, raised)
  return true
}

/** How many values were added. */
export function quantilesCount(bytes: Uint8Array, at: number): number {
  let total = 0
  for (let i = read16(bytes, at), entry = at + HEAD + 4; i > 0; i--, entry += ENTRY) total += read32(bytes, entry) >>> 0
  return total
}

/** About the value at this rank, counted from 1 in ascending order; the sketch holds at least so many. */
export function quantilesAtRank(bytes: Uint8Array, at: number, rank: number): number {
  let behind = 0
  const n = read16(bytes, at)
  let entry = at + HEAD
  for (let i = 0; i < n; i++, entry += ENTRY) if ((behind += read32(bytes, entry + 4) >>> 0) >= rank) break
  return valueOf(read32(bytes, entry), bytes[at + 2]!)
}

/** The error that its values have now: 1 % unless buckets had to be joined. */
export function quantilesError(bytes: Uint8Array, at: number): number {
  const gamma = Math.exp(LOG_GAMMA * 2 ** bytes[at + 2]!)
  return (gamma - 1) / (gamma + 1)
}

function bucketOf(value: number): number {
  if (value === 0) return 0
  const index = Math.ceil(Math.log(Math.abs(value)) / LOG_GAMMA) + OFFSET
  return value > 0 ? index : -index
}

/** The bucket that holds this one after pairs were joined `times` times. */
function joined(bucket: number, times: number): number {
  if (bucket === 0 || times === 0) return bucket
  const index = Math.ceil((Math.abs(bucket) - OFFSET) / 2 ** times) + OFFSET
  return bucket > 0 ? index : -index
}

function valueOf(bucket: number, level: number): number {
  if (bucket === 0) return 0
  const step = LOG_GAMMA * 2 ** level
  const value = Math.min(Math.exp((Math.abs(bucket) - OFFSET) * step + Math.log(2 / (Math.exp(step) + 1))), Number.MAX_VALUE)
  return bucket > 0 ? value : -value
}

const buckets = new Int32Array(2 * MOST_BUCKETS)
const counts = new Float64Array(2 * MOST_BUCKETS)
const outBuckets = new Int32Array(2 * MOST_BUCKETS)
const outCounts = new Float64Array(2 * MOST_BUCKETS)
let loaded = 0

/** Entries into the scratch arrays, brought to `level`; neighbours may then be equal. */
function load(bytes: Uint8Array, at: number, n: number, level: number): void {
  const times = Math.max(0, level - bytes[at + 2]!)
  for (let i = 0, entry = at + HEAD; i < n; i++, entry += ENTRY) {
    buckets[i] = joined(read32(bytes, entry), times)
    counts[i] = read32(bytes, entry + 4) >>> 0
  }
}

function store(bytes: Uint8Array, at: number, n: number, level: number): void {
  write16(bytes, at, n)
  bytes[at + 2] = level
  for (let i = 0, entry = at + HEAD; i < n; i++, entry += ENTRY) {
    write32(bytes, entry, buckets[i]!)
    write32(bytes, entry + 4, counts[i]!)
  }
}

/** Joins pairs of the loaded buckets until they are few enough; how often that was. */
function joinsNeeded(n: number): number {
  let times = 0
  for (loaded = n; loaded > MOST_BUCKETS; times++) joinPairs()
  return times
}

function joinPairs(): void {
  let kept = 0
  for (let i = 0; i < loaded; i++) {
    const bucket = joined(buckets[i]!, 1)
    if (kept > 0 && buckets[kept - 1] === bucket) counts[kept - 1] = plus(counts[kept - 1]!, counts[i]!)
    else {
      counts[kept] = counts[i]!
      buckets[kept++] = bucket
    }
  }
  loaded = kept
}

/** A bucket's count stays at 2^32 − 1 once it is there. */
const plus = (a: number, b: number) => Math.min(a + b, 0xffff_ffff)

function placeOf(bytes: Uint8Array, at: number, n: number, bucket: number): number {
  let low = 0
  let high = n
  while (low < high) {
    const middle = (low + high) >>> 1
    if (read32(bytes, at + HEAD + middle * ENTRY) < bucket) low = middle + 1
    else high = middle
  }
  return low
}

const read16 = (bytes: Uint8Array, at: number) => bytes[at]! | (bytes[at + 1]! << 8)
const read32 = (bytes: Uint8Array, at: number) => bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)

function write16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value & 0xff
  bytes[at + 1] = value >> 8
}

function write32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value & 0xff
  bytes[at + 1] = (value >> 8) & 0xff
  bytes[at + 2] = (value >> 16) & 0xff
  bytes[at + 3] = (value >>> 24) & 0xff
}
