/**
 * Good events of ONE partition, in offset order, as typed columns that own their bytes: what the byte extractor makes of a record
 * batch and the compiled operator takes. No object and no string per event.
 */
export interface TextColumn {
  /** [start, end) in the batch's texts; start −1: NULL */
  readonly starts: Int32Array
  readonly ends: Int32Array
}

export interface ColumnBatch {
  readonly partition: number
  readonly count: number
  readonly offsets: Float64Array
  readonly eventTimesMs: Float64Array
  /** canonical key text of event i in UTF-8: keyBytes[keyStarts[i], keyEnds[i]) */
  readonly keyBytes: Uint8Array
  readonly keyStarts: Int32Array
  readonly keyEnds: Int32Array
  /** murmur3 of the key text */
  readonly keyHashes: Int32Array
  readonly keyGroups: Uint8Array
  /** kept columns: numbers, and booleans as 0 and 1, NaN where NULL; or texts */
  readonly columns: readonly (Float64Array | TextColumn)[]
  readonly texts: Uint8Array
  /** the job's watermark just before event i, −Infinity while there is none */
  readonly watermarksMs: Float64Array
  /** bytes of the records it came from, refused ones included */
  readonly bytes: number
}
