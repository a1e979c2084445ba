/**
 * Rows on their way to a target, as bytes: what decides whether a row was forwarded already (partition, offset, time and what it is),
 * then its JSON without the closing brace, since the epoch is known only when it is handed over.
 */
import type { ResultRow } from '../sink/port.ts'
import type { Reach } from './port.ts'

/** length of the JSON (4), kind (1), partition (4), offset (8), time (8) */
const HEAD = 25
const OF_EVENT = 0
const OF_CLOSED_WINDOW = 1
const CHUNK_BYTES = 1 << 20

/** Collects rows into chunks of about a megabyte. */
export class StagedRows {
  rows = 0
  bytes = 0
  /** newest time of a row; −Infinity: none */
  newestMs = Number.NEGATIVE_INFINITY
  private full: Uint8Array[] = []
  private chunk = Buffer.alloc(0)
  private used = 0

  add(row: ResultRow, json: string): void {
    const length = Buffer.byteLength(json)
    if (this.used + HEAD + length > this.chunk.length) {
      this.close()
      this.chunk = Buffer.allocUnsafe(Math.max(CHUNK_BYTES, HEAD + length))
    }
    const { chunk } = this
    let at = this.used
    const { kind, partition, offset, timeMs } = placeOf(row)
    at = chunk.writeUInt32LE(length, at)
    at = chunk.writeUInt8(kind, at)
    at = chunk.writeInt32LE(partition, at)
    at = chunk.writeDoubleLE(offset, at)
    at = chunk.writeDoubleLE(timeMs, at)
    chunk.write(json, at)
    this.used = at + length
    this.rows++
    this.bytes += HEAD + length
    if (timeMs > this.newestMs) this.newestMs = timeMs
  }

  /** All chunks since the last call. */
  take(): Uint8Array[] {
    this.close()
    const { full } = this
    this.full = []
    return full
  }

  private close(): void {
    if (this.used > 0) this.full.push(this.chunk.subarray(0, this.used))
    this.chunk = Buffer.alloc(0)
    this.used = 0
  }
}

/** A correction of a closed window is made when its late event comes; the first row of a window, when the watermark comes to its end. */
function placeOf({ window, late, partition, offset, eventTimeMs }: ResultRow) {
  if (late) return { kind: OF_EVENT, ...late, timeMs: Number.NEGATIVE_INFINITY }
  if (window) return { kind: OF_CLOSED_WINDOW, partition, offset, timeMs: window.endMs }
  return { kind: OF_EVENT, partition, offset, timeMs: eventTimeMs }
}

/** The rows of a chunk in parts of at most so many, without copying. */
export function* partsOf(chunk: Uint8Array, rows: number): Generator<Uint8Array> {
  const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
  for (let from = 0, at = 0; from < bytes.length; from = at) {
    for (let n = 0; n < rows && at < bytes.length; n++) at += HEAD + bytes.readUInt32LE(at)
    yield bytes.subarray(from, at)
  }
}

/** Calls `take` for each row that lies beyond what was reached, with its JSON as a slice of the chunk; answers how many did not. */
export function beyond(chunk: Uint8Array, reached: Reach | null, take: (json: Uint8Array) => void): number {
  const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
  let skipped = 0
  for (let at = 0; at < bytes.length; ) {
    const start = at + HEAD
    const end = start + bytes.readUInt32LE(at)
    const isWindow = bytes[at + 4] === OF_CLOSED_WINDOW
    if (isSaid(reached, isWindow, bytes.readInt32LE(at + 5), bytes.readDoubleLE(at + 9), bytes.readDoubleLE(at + 17))) skipped++
    else take(bytes.subarray(start, end))
    at = end
  }
  return skipped
}

function isSaid(reached: Reach | null, isWindow: boolean, partition: number, offset: number, timeMs: number): boolean {
  if (reached === null) return false
  const { positions, beforeMs } = reached
  if (isWindow && beforeMs !== null) return timeMs <= beforeMs
  return offset < (positions[String(partition)] ?? 0) && (beforeMs === null || timeMs < beforeMs)
}
