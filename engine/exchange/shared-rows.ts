/**
 * Extracted rows in shared memory, sorted by range of keys: written by the thread that extracted them, judged by the source's, read by
 * each subtask where its own stand. No row becomes a message, and none is copied again.
 */
import type { ColumnBatch, TextColumn } from '../state/column-batch.ts'
import { pickRows } from '../task/event-intake.ts'

export interface SharedRows {
  readonly memory: SharedArrayBuffer
  readonly partition: number
  readonly count: number
  readonly keyBytes: number
  readonly textBytes: number
  /** by kept column: whether it is a text */
  readonly texts: readonly boolean[]
  /** rows of range r are [starts[r], starts[r + 1]) */
  readonly starts: readonly number[]
}

const HEAD_FLOATS = 3 // offset, event time, watermark
const HEAD_INTS = 3 // start, end and hash of the key

/**
 * `take` answers memory of at least so many bytes. `rowOf`: numbers of rows as they stand in the batch, by record; replaced by where
 * they stand there. Watermarks are left as they are: NaN, as long as a row is not let through.
 */
export function shareRows(
  batch: ColumnBatch,
  rangeOfGroup: Uint8Array,
  ranges: number,
  rowOf: Int32Array,
  take: (bytes: number) => SharedArrayBuffer,
): SharedRows {
  const { partition, count, keyBytes, texts } = batch
  const place = new Int32Array(count)
  const starts = sort(batch, rangeOfGroup, ranges, place)
  const layout = {
    partition,
    count,
    starts,
    keyBytes: endOf(count, batch),
    textBytes: textEnd(batch),
    texts: batch.columns.map((column) => !(column instanceof Float64Array)),
  }
  const shared = { ...layout, memory: take(bytesFor(layout)) }
  const there = rowsOf(shared)
  scatter(batch.offsets, there.offsets, place)
  scatter(batch.eventTimesMs, there.eventTimesMs, place)
  scatter(batch.watermarksMs, there.watermarksMs, place)
  scatter(batch.keyStarts, there.keyStarts, place)
  scatter(batch.keyEnds, there.keyEnds, place)
  scatter(batch.keyHashes, there.keyHashes, place)
  scatter(batch.keyGroups, there.keyGroups, place)
  for (const [c, column] of batch.columns.entries()) {
    const to = there.columns[c]!
    if (column instanceof Float64Array) scatter(column, to as Float64Array, place)
    else {
      scatter(column.starts, (to as TextColumn).starts, place)
      scatter(column.ends, (to as TextColumn).ends, place)
    }
  }
  there.keyBytes.set(keyBytes.subarray(0, layout.keyBytes))
  there.texts.set(texts.subarray(0, layout.textBytes))
  for (let i = 0; i < rowOf.length; i++) if (rowOf[i]! >= 0) rowOf[i] = place[rowOf[i]!]!
  return shared
}

/** Where each row goes, so that those of one range stand together, in their order; where each range's begin. */
function sort({ keyGroups, count }: ColumnBatch, rangeOfGroup: Uint8Array, ranges: number, place: Int32Array): number[] {
  const next = new Int32Array(ranges + 1)
  for (let i = 0; i < count; i++) next[rangeOfGroup[keyGroups[i]!]! + 1]!++
  for (let s = 0; s < ranges; s++) next[s + 1]! += next[s]!
  const starts = [...next]
  for (let i = 0; i < count; i++) place[i] = next[rangeOfGroup[keyGroups[i]!]!]!++
  return starts
}

function scatter(from: Float64Array | Int32Array | Uint8Array, to: typeof from, place: Int32Array): void {
  for (let i = 0; i < place.length; i++) to[place[i]!] = from[i]!
}

function endOf(count: number, { keyEnds }: ColumnBatch): number {
  let end = 0
  for (let i = 0; i < count; i++) if (keyEnds[i]! > end) end = keyEnds[i]!
  return end
}

function textEnd({ columns, count }: ColumnBatch): number {
  let end = 0
  for (const column of columns)
    if (!(column instanceof Float64Array))
      for (let i = 0; i < count; i++) if (column.starts[i] !== -1 && column.ends[i]! > end) end = column.ends[i]!
  return end
}

/** Of its memory, what is used. */
export function bytesFor({ count, keyBytes, textBytes, texts }: Pick<SharedRows, 'count' | 'keyBytes' | 'textBytes' | 'texts'>): number {
  return count * (8 * (HEAD_FLOATS + texts.length) + 4 * HEAD_INTS + 1) + keyBytes + textBytes
}

/** All rows, let through or not. */
export function rowsOf(shared: SharedRows): ColumnBatch {
  return between(shared, 0, shared.count)
}

/** A range's rows that were let through; copied only where others stand between them. */
export function ownRowsOf(shared: SharedRows, range: number): ColumnBatch {
  const own = between(shared, shared.starts[range]!, shared.starts[range + 1]!)
  const picked = new Int32Array(own.count)
  let kept = 0
  for (let i = 0; i < own.count; i++) if (!Number.isNaN(own.watermarksMs[i]!)) picked[kept++] = i
  return kept === own.count ? own : pickRows(own, picked, kept)
}

/** Rows [from, to) as they stand there. Numbers come first, so that all of them stand on whole words. */
function between({ memory, partition, count, keyBytes, textBytes, texts }: SharedRows, from: number, to: number): ColumnBatch {
  let at = 0
  const floats = () => {
    const view = new Float64Array(memory, at + 8 * from, to - from)
    at += 8 * count
    return view
  }
  const ints = () => {
    const view = new Int32Array(memory, at + 4 * from, to - from)
    at += 4 * count
    return view
  }
  const [offsets, eventTimesMs, watermarksMs] = [floats(), floats(), floats()]
  const numbers = texts.map((isText) => (isText ? null : floats()))
  const [keyStarts, keyEnds, keyHashes] = [ints(), ints(), ints()]
  const columns = texts.map((isText, c) => (isText ? { starts: ints(), ends: ints() } : numbers[c]!))
  return {
    partition,
    count: to - from,
    offsets,
    eventTimesMs,
    watermarksMs,
    keyStarts,
    keyEnds,
    keyHashes,
    columns,
    keyGroups: new Uint8Array(memory, at + from, to - from),
    keyBytes: new Uint8Array(memory, at + count, keyBytes),
    texts: new Uint8Array(memory, at + count + keyBytes, textBytes),
    bytes: 0,
  }
}
