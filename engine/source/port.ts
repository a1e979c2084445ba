/**
 * Where events come from. One port, two adapters (embedded log, Kafka), one contract test suite.
 * Offsets are numbers below 2^53; a position is always the NEXT offset to read.
 */
export type Positions = Readonly<Record<string, number>> // partition number as text → next offset to read

/**
 * Columns over consecutive records of ONE partition. `data` holds all bytes; there is no object per record.
 * Valid until the next poll of its source.
 */
export interface RecordBatch {
  readonly partition: number
  readonly baseOffset: number
  readonly count: number
  readonly data: Uint8Array
  /** value i is data[valueStart[i], valueEnd[i]); end = -1: null value */
  readonly valueStart: Int32Array
  readonly valueEnd: Int32Array
  /** offset of record i is baseOffset + offsetDelta[i]; gaps are legal */
  readonly offsetDelta: Int32Array
  /** when the log took the record, epoch ms */
  readonly timestamp: Float64Array
  /** the position once this batch is applied; may jump past the last visible record */
  readonly nextOffset: number
}

export interface PartitionState {
  readonly partition: number
  /** oldest retained offset */
  readonly logStart: number
  /** offset that the next appended record will get */
  readonly end: number
}

export interface Source {
  /** The partition that is read to its end before any other is begun: an archive of what the log no longer has. */
  readonly first?: number
  /** All partitions, as they are now. */
  partitions(): readonly PartitionState[]
  /**
   * Begins reading at the given positions. Throws PositionOutOfRange when one lies below the log's start or above its end:
   * never a silent jump.
   */
  open(from: Positions): void
  /** Batches that are there now, at most `maxRecords` records in all, round robin over partitions; [] when none. Never waits. */
  poll(maxRecords: number): readonly RecordBatch[]
  close(): Promise<void>
}

export class PositionOutOfRange extends Error {
  override readonly name = 'PositionOutOfRange'
  readonly partition: number
  readonly position: number
  readonly logStart: number
  readonly end: number
  constructor(at: { partition: number; position: number; logStart: number; end: number; stream?: string }) {
    super(
      `Position ${at.position} of partition ${at.partition}${at.stream === undefined ? '' : ` of ${at.stream}`} is not in the log, which holds ${at.logStart} to ${at.end}. ` +
        'Nothing was skipped. Choose: read on from the oldest or from the newest retained event, with the state as it is; give up; or restore the log.',
    )
    this.partition = at.partition
    this.position = at.position
    this.logStart = at.logStart
    this.end = at.end
  }
}
