/**
 * HyperLogLog sketches (`hyper-log-log.ts`) of which most are tiny: eight bytes where the owner keeps them hold up to three values; a
 * larger one stands in a block here, and the eight bytes say where. Blocks are cut from chunks and go back to a list by size.
 *
 *   u16 OUTSIDE, u16 size, u32 place in units of eight bytes
 */
import { HLL_MOST_BYTES, hllAdd, hllBytes, hllCollect, hllEstimate, hllKnows, hllMerge } from '../compile/hyper-log-log.ts'
import type { ByteWriter } from './byte-writer.ts'
import { Chunks } from './chunks.ts'

export const SKETCH_BYTES = 8
const OUTSIDE = 0xfffe // no count of entries, and not the mark of a dense sketch
/** The largest has a dense sketch and, behind it, its estimate where that is known. */
const SIZES: readonly number[] = [16, 32, 64, 128, Math.ceil(HLL_MOST_BYTES / 8) * 8 + 8]
const LARGEST = SIZES.length - 1
const ESTIMATE_AT = Math.ceil(HLL_MOST_BYTES / 8) * 8
const CHUNK_BYTES = 1 << 20
const INLINE_MOST = 3
/** entries of small sketches while they are counted */
const few = new Uint16Array(32)
const UNITS_PER_CHUNK = CHUNK_BYTES / 8

export class SketchSlab {
  private readonly memory = new Chunks()
  private readonly chunks: Uint8Array[] = []
  private used = CHUNK_BYTES
  private readonly together = new Uint8Array(SKETCH_BYTES)
  /** newest free block by size, as its place + 1; each names the next in its first four bytes */
  private readonly free = new Float64Array(SIZES.length)

  /** Adds a value by its hash to the sketch at bytes[at]. */
  add(bytes: Uint8Array, at: number, hash: number): void {
    if (isOutside(bytes, at)) {
      if (sizeOf(bytes, at) === LARGEST) {
        const chunk = this.chunkOf(bytes, at)
        const place = offsetOf(bytes, at)
        if (hllKnows(chunk, place, hash)) return
        write32(chunk, place + ESTIMATE_AT, 0)
      }
      while (!hllAdd(this.chunkOf(bytes, at), offsetOf(bytes, at), roomOf(bytes, at), hash)) this.grow(bytes, at)
      return
    }
    if (hllAdd(bytes, at, SKETCH_BYTES, hash)) return
    this.moveOut(bytes, at)
    this.add(bytes, at, hash)
  }

  /** Adds to the sketch at bytes[at] all that the one at from[fromAt] has seen. */
  merge(bytes: Uint8Array, at: number, from: Uint8Array, fromAt: number): void {
    const isFar = isOutside(from, fromAt)
    const source = isFar ? this.chunkOf(from, fromAt) : from
    const sourceAt = isFar ? offsetOf(from, fromAt) : fromAt
    if (!isOutside(bytes, at)) {
      if (hllMerge(bytes, at, SKETCH_BYTES, source, sourceAt)) return
      this.moveOut(bytes, at)
    }
    if (sizeOf(bytes, at) === LARGEST) write32(this.chunkOf(bytes, at), offsetOf(bytes, at) + ESTIMATE_AT, 0)
    while (!hllMerge(this.chunkOf(bytes, at), offsetOf(bytes, at), roomOf(bytes, at), source, sourceAt)) this.grow(bytes, at)
  }

  estimate(bytes: Uint8Array, at: number): number {
    if (!isOutside(bytes, at)) return hllEstimate(bytes, at)
    const chunk = this.chunkOf(bytes, at)
    const place = offsetOf(bytes, at)
    if (sizeOf(bytes, at) < LARGEST) return hllEstimate(chunk, place)
    const known = read32(chunk, place + ESTIMATE_AT)
    if (known > 0) return known
    const estimate = hllEstimate(chunk, place)
    write32(chunk, place + ESTIMATE_AT, Math.min(estimate, 0xffff_ffff))
    return estimate
  }

  /** Of all that the sketches at from, from + stride … before end have seen together. Few values are counted where they stand. */
  estimateOf(bytes: Uint8Array, from: number, end: number, stride: number): number {
    let count = 0
    for (let at = from; at < end; at += stride) {
      const n = bytes[at]!
      if (n === 0) continue
      if (n > INLINE_MOST) return this.estimateMerged(bytes, from, end, stride)
      count = hllCollect(bytes, at, few, count)
      if (count > few.length - INLINE_MOST) return this.estimateMerged(bytes, from, end, stride)
    }
    return count
  }

  private estimateMerged(bytes: Uint8Array, from: number, end: number, stride: number): number {
    for (let at = from; at < end; at += stride) this.merge(this.together, 0, bytes, at)
    const estimate = this.estimate(this.together, 0)
    this.clear(this.together, 0)
    return estimate
  }

  /** Makes it the empty sketch. */
  clear(bytes: Uint8Array, at: number): void {
    if (isOutside(bytes, at)) this.release(placeOf(bytes, at), sizeOf(bytes, at))
    bytes[at] = 0
    bytes[at + 1] = 0
  }

  /** The sketch's length, then its own bytes. */
  writeTo(out: ByteWriter, bytes: Uint8Array, at: number): void {
    const isFar = isOutside(bytes, at)
    const source = isFar ? this.chunkOf(bytes, at) : bytes
    const from = isFar ? offsetOf(bytes, at) : at
    const length = hllBytes(source, from)
    out.u32(length)
    out.raw(source, from, length)
  }

  /** The other way, whatever stood at bytes[at]: the sketch has sketch[from, from + length). */
  put(bytes: Uint8Array, at: number, sketch: Uint8Array, from: number, length: number): void {
    let [target, to] = [bytes, at]
    if (length > SKETCH_BYTES) {
      const size = SIZES.findIndex((room) => room >= length)
      refer(bytes, at, this.allocate(size), size)
      target = this.chunkOf(bytes, at)
      to = offsetOf(bytes, at)
      if (size === LARGEST) write32(target, to + ESTIMATE_AT, 0)
    }
    for (let i = 0; i < length; i++) target[to + i] = sketch[from + i]!
  }

  private moveOut(bytes: Uint8Array, at: number): void {
    const place = this.allocate(0)
    const chunk = this.chunks[Math.floor(place / UNITS_PER_CHUNK)]!
    const to = (place % UNITS_PER_CHUNK) * 8
    for (let i = 0; i < SKETCH_BYTES; i++) chunk[to + i] = bytes[at + i]!
    refer(bytes, at, place, 0)
  }

  private grow(bytes: Uint8Array, at: number): void {
    const [size, place] = [sizeOf(bytes, at), placeOf(bytes, at)]
    const larger = this.allocate(size + 1)
    const from = (place % UNITS_PER_CHUNK) * 8
    const source = this.chunks[Math.floor(place / UNITS_PER_CHUNK)]!
    this.chunks[Math.floor(larger / UNITS_PER_CHUNK)]!.set(source.subarray(from, from + SIZES[size]!), (larger % UNITS_PER_CHUNK) * 8)
    this.release(place, size)
    refer(bytes, at, larger, size + 1)
    if (size + 1 === LARGEST) write32(this.chunkOf(bytes, at), offsetOf(bytes, at) + ESTIMATE_AT, 0)
  }

  private allocate(size: number): number {
    const known = this.free[size]!
    if (known > 0) {
      const place = known - 1
      const chunk = this.chunks[Math.floor(place / UNITS_PER_CHUNK)]!
      this.free[size] = read32(chunk, (place % UNITS_PER_CHUNK) * 8)
      return place
    }
    const length = SIZES[size]!
    if (this.used + length > CHUNK_BYTES) {
      const { buffer, byteOffset } = this.memory.take(UNITS_PER_CHUNK)
      this.chunks.push(new Uint8Array(buffer, byteOffset, CHUNK_BYTES))
      this.used = 0
    }
    const place = (this.chunks.length - 1) * UNITS_PER_CHUNK + this.used / 8
    this.used += length
    return place
  }

  private release(place: number, size: number): void {
    const chunk = this.chunks[Math.floor(place / UNITS_PER_CHUNK)]!
    write32(chunk, (place % UNITS_PER_CHUNK) * 8, this.free[size]!)
    this.free[size] = place + 1
  }

  private chunkOf(bytes: Uint8Array, at: number): Uint8Array {
    return this.chunks[Math.floor(placeOf(bytes, at) / UNITS_PER_CHUNK)]!
  }

  get byteLength(): number {
    return this.chunks.length * CHUNK_BYTES
  }
}

const isOutside = (bytes: Uint8Array, at: number): boolean => bytes[at] === 0xfe && bytes[at + 1] === OUTSIDE >> 8
const sizeOf = (bytes: Uint8Array, at: number): number => bytes[at + 2]!
const roomOf = (bytes: Uint8Array, at: number): number => SIZES[sizeOf(bytes, at)]!
const placeOf = (bytes: Uint8Array, at: number): number => read32(bytes, at + 4)
const offsetOf = (bytes: Uint8Array, at: number): number => (placeOf(bytes, at) % UNITS_PER_CHUNK) * 8

function refer(bytes: Uint8Array, at: number, place: number, size: number): void {
  bytes[at] = OUTSIDE & 0xff
  bytes[at + 1] = OUTSIDE >> 8
  bytes[at + 2] = size
  bytes[at + 3] = 0
  write32(bytes, at + 4, place)
}

const read32 = (bytes: Uint8Array, at: number): number =>
  (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0

function write32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value & 0xff
  bytes[at + 1] = (value >>> 8) & 0xff
  bytes[at + 2] = (value >>> 16) & 0xff
  bytes[at + 3] = value >>> 24
}
