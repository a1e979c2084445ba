/**
 * A record batch in shared memory: what the source's thread hands to a thread that extracts. Only the bytes of its own records are
 * copied, however large the stored batch that they stand in.
 */
import type { RecordBatch } from '../source/port.ts'

export interface SharedRecords {
  readonly memory: SharedArrayBuffer
  readonly partition: number
  readonly baseOffset: number
  readonly count: number
  readonly dataBytes: number
  readonly nextOffset: number
}

const BYTES_PER_RECORD = 32

/** Where the values of the batch stand in its data: [from, to). */
function span({ count, valueStart, valueEnd }: RecordBatch): { from: number; to: number } {
  let from = Number.POSITIVE_INFINITY
  let to = 0
  for (let i = 0; i < count; i++) {
    if (valueEnd[i]! < 0) continue
    if (valueStart[i]! < from) from = valueStart[i]!
    if (valueEnd[i]! > to) to = valueEnd[i]!
  }
  return to === 0 ? { from: 0, to: 0 } : { from, to }
}

/** `take` answers memory of at least so many bytes. */
export function shareRecords(records: RecordBatch, take: (bytes: number) => SharedArrayBuffer): SharedRecords {
  const { partition, baseOffset, count, nextOffset } = records
  const { from, to } = span(records)
  const shared = { memory: take(count * BYTES_PER_RECORD + to - from), partition, baseOffset, count, dataBytes: to - from, nextOffset }
  const there = recordsOf(shared)
  there.timestamp.set(records.timestamp.subarray(0, count))
  there.offsetDelta.set(records.offsetDelta.subarray(0, count))
  for (let i = 0; i < count; i++) {
    const isNull = records.valueEnd[i]! < 0
    there.valueStart[i] = isNull ? 0 : records.valueStart[i]! - from
    there.valueEnd[i] = isNull ? -1 : records.valueEnd[i]! - from
  }
  there.data.set(records.data.subarray(from, to))
  return shared
}

/** The batch as it stands there; nothing is copied. */
export function recordsOf({ memory, partition, baseOffset, count, dataBytes, nextOffset }: SharedRecords): RecordBatch {
  return {
    partition,
    baseOffset,
    count,
    nextOffset,
    timestamp: new Float64Array(memory, 0, count),
    valueStart: new Int32Array(memory, 16 * count, count),
    valueEnd: new Int32Array(memory, 20 * count, count),
    offsetDelta: new Int32Array(memory, 24 * count, count),
    data: new Uint8Array(memory, BYTES_PER_RECORD * count, dataBytes),
  }
}

/** Beside it, what was found by record: its event time, and its row or why it has none (extraction.ts). */
export function foundOf({ memory, count }: SharedRecords): { readonly eventTimesMs: Float64Array; readonly rowOf: Int32Array } {
  return { eventTimesMs: new Float64Array(memory, 8 * count, count), rowOf: new Int32Array(memory, 28 * count, count) }
}
