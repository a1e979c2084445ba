/**
 * Kafka's record batch, format v2 (magic 2), as the embedded log stores it and a broker sends it: 61 bytes of header
 * (big endian), CRC32C over everything from the attributes on, then records of zigzag varints. One iterator for both.
 * Source: Apache Kafka, "Record Batch", protocol documentation.
 */
import { crc32c } from '@node-rs/crc32'

export const HEADER_BYTES = 61
const MAX_BATCH_RECORDS = 1000
const MAX_BATCH_BYTES = 1 << 20
const APPEND_TIME = 8
const CONTROL = 32
const TWO_32 = 4294967296

/** Events as slices of one buffer: value i is data[start[i], end[i]). */
export interface EventColumns {
  readonly data: Uint8Array
  readonly start: Int32Array
  readonly end: Int32Array
  readonly count: number
}

export class CorruptBatch extends Error {
  override readonly name = 'CorruptBatch'
}

/** Bytes of the unsigned varint of the zigzag of n >= 0. */
function zigzagSize(n: number): number {
  const z = n * 2
  return z < 128 ? 1 : z < 16384 ? 2 : z < 2097152 ? 3 : z < 268435456 ? 4 : 5
}

function putZigzag(out: Uint8Array, at: number, n: number): number {
  let z = n < 0 ? -n * 2 - 1 : n * 2
  while (z >= 128) {
    out[at++] = (z % 128) | 128
    z = Math.floor(z / 128)
  }
  out[at++] = z
  return at
}

/** One batch of events [from, to) of the columns; every record carries the append time. */
export function encodeRecordBatch(baseOffset: number, appendTimeMs: number, events: EventColumns, from: number, to: number): Buffer {
  const count = to - from
  let size = HEADER_BYTES
  for (let i = from; i < to; i++) {
    const length = (events.end[i] as number) - (events.start[i] as number)
    const body = 1 + 1 + zigzagSize(i - from) + 1 + zigzagSize(length) + length + 1
    size += zigzagSize(body) + body
  }
  const out = Buffer.allocUnsafe(size)
  writeUInt64(out, 0, baseOffset)
  out.writeInt32BE(size - 12, 8)
  out.writeInt32BE(-1, 12) // partition leader epoch: none
  out[16] = 2
  out.writeInt16BE(APPEND_TIME, 21)
  out.writeInt32BE(count - 1, 23)
  writeUInt64(out, 27, appendTimeMs)
  writeUInt64(out, 35, appendTimeMs)
  out.fill(0xff, 43, 57) // no producer: id −1, epoch −1, sequence −1
  out.writeInt32BE(count, 57)
  let at = HEADER_BYTES
  for (let i = from; i < to; i++) {
    const start = events.start[i] as number
    const length = (events.end[i] as number) - start
    at = putZigzag(out, at, 1 + 1 + zigzagSize(i - from) + 1 + zigzagSize(length) + length + 1)
    out[at++] = 0 // attributes
    out[at++] = 0 // timestamp delta
    at = putZigzag(out, at, i - from)
    out[at++] = 1 // no key: −1
    at = putZigzag(out, at, length)
    out.set(events.data.subarray(start, start + length), at)
    at += length
    out[at++] = 0 // no headers
  }
  out.writeUInt32BE(crc32c(out.subarray(21)), 17)
  return out
}

/** Batches of bounded size that follow each other from `baseOffset` on. */
export function* batchesOf(
  baseOffset: number,
  appendTimeMs: number,
  events: EventColumns,
): Generator<{ batch: Buffer; baseOffset: number; count: number }> {
  for (let from = 0; from < events.count; ) {
    let to = from
    let bytes = 0
    while (to < events.count && to - from < MAX_BATCH_RECORDS && (to === from || bytes < MAX_BATCH_BYTES)) {
      bytes += (events.end[to] as number) - (events.start[to] as number)
      to++
    }
    yield {
      batch: encodeRecordBatch(baseOffset + from, appendTimeMs, events, from, to),
      baseOffset: baseOffset + from,
      count: to - from,
    }
    from = to
  }
}

function writeUInt64(out: Buffer, at: number, n: number): void {
  out.writeUInt32BE(Math.floor(n / TWO_32), at)
  out.writeUInt32BE(n % TWO_32, at + 4)
}

/** Header fields without touching the records. */
export function readHeader(
  b: Buffer,
  at = 0,
): { baseOffset: number; bytes: number; count: number; nextOffset: number; appendTimeMs: number } {
  if (b.length - at < HEADER_BYTES) throw new CorruptBatch(`a record batch has at least ${HEADER_BYTES} bytes, this one ${b.length - at}`)
  const baseOffset = b.readUInt32BE(at) * TWO_32 + b.readUInt32BE(at + 4)
  if (b[at + 16] !== 2) throw new CorruptBatch(`record batch at offset ${baseOffset}: format ${b[at + 16]}, known is 2`)
  return {
    baseOffset,
    bytes: b.readInt32BE(at + 8) + 12,
    count: b.readInt32BE(at + 57),
    nextOffset: baseOffset + b.readInt32BE(at + 23) + 1,
    appendTimeMs: b.readUInt32BE(at + 35) * TWO_32 + b.readUInt32BE(at + 39),
  }
}

/** Growing columns that batches are decoded into; reused from poll to poll. */
export class DecodeColumns {
  count = 0
  valueStart = new Int32Array(1024)
  valueEnd = new Int32Array(1024)
  offsetDelta = new Int32Array(1024)
  timestamp = new Float64Array(1024)

  ensure(capacity: number): void {
    if (capacity <= this.valueStart.length) return
    const size = 1 << (32 - Math.clz32(capacity - 1))
    this.valueStart = grown(new Int32Array(size), this.valueStart)
    this.valueEnd = grown(new Int32Array(size), this.valueEnd)
    this.offsetDelta = grown(new Int32Array(size), this.offsetDelta)
    this.timestamp = grown(new Float64Array(size), this.timestamp)
  }
}

function grown<T extends Int32Array | Float64Array>(to: T, from: T): T {
  to.set(from)
  return to
}

/**
 * Appends the records of the batch at data[at…] whose offset is >= fromOffset to `columns`; offsets relative to `relativeTo`.
 * Control batches show nothing. Throws CorruptBatch on a wrong CRC or an unknown format.
 */
export function decodeRecordBatch(data: Buffer, at: number, columns: DecodeColumns, relativeTo: number, fromOffset: number): void {
  const head = readHeader(data, at)
  const end = at + head.bytes
  if (head.bytes < HEADER_BYTES || end > data.length) throw new CorruptBatch(`record batch at offset ${head.baseOffset}: cut off`)
  if (crc32c(data.subarray(at + 21, end)) !== data.readUInt32BE(at + 17))
    throw new CorruptBatch(`record batch at offset ${head.baseOffset}: wrong CRC`)
  const attributes = data.readInt16BE(at + 21)
  if (attributes & 7)
    throw new CorruptBatch(
      `record batch at offset ${head.baseOffset}: compressed (codec ${attributes & 7}), which the embedded log never writes`,
    )
  if (attributes & CONTROL) return
  const firstTimestamp = data.readUInt32BE(at + 27) * TWO_32 + data.readUInt32BE(at + 31)
  const appendTime = (attributes & APPEND_TIME) !== 0
  columns.ensure(columns.count + head.count)
  const { valueStart, valueEnd, offsetDelta, timestamp } = columns
  const base = head.baseOffset - relativeTo
  const skipBelow = fromOffset - head.baseOffset
  let m = columns.count
  let p = at + HEADER_BYTES
  let c = 0
  let r = 0
  let shift = 0
  for (let i = 0; i < head.count; i++) {
    c = data[p++] as number
    r = c & 127
    for (shift = 7; c & 128; shift += 7) r |= ((c = data[p++] as number) & 127) << shift
    const stop = p + ((r >>> 1) ^ -(r & 1))
    p++ // attributes
    c = data[p++] as number
    let delta = c & 127
    for (let scale = 128; c & 128; scale *= 128) delta += ((c = data[p++] as number) & 127) * scale
    c = data[p++] as number
    r = c & 127
    for (shift = 7; c & 128; shift += 7) r |= ((c = data[p++] as number) & 127) << shift
    const offset = (r >>> 1) ^ -(r & 1)
    c = data[p++] as number
    r = c & 127
    for (shift = 7; c & 128; shift += 7) r |= ((c = data[p++] as number) & 127) << shift
    const keyLength = (r >>> 1) ^ -(r & 1)
    if (keyLength > 0) p += keyLength
    c = data[p++] as number
    r = c & 127
    for (shift = 7; c & 128; shift += 7) r |= ((c = data[p++] as number) & 127) << shift
    const valueLength = (r >>> 1) ^ -(r & 1)
    if (offset >= skipBelow) {
      valueStart[m] = p
      valueEnd[m] = valueLength < 0 ? -1 : p + valueLength
      offsetDelta[m] = base + offset
      timestamp[m] = appendTime ? head.appendTimeMs : firstTimestamp + (delta % 2 === 0 ? delta / 2 : -(delta + 1) / 2)
      m++
    }
    p = stop
  }
  columns.count = m
}
