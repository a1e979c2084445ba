/**
 * A source whose records are extracted by other threads before it hands them on: reads ahead, gives batches out in turn, and answers
 * `poll` with those that are back, in the order of the log. Its position is not theirs: the source subtask counts what it was given.
 */
import type { PartitionState, Positions, RecordBatch, Source } from '../source/port.ts'
import type { RowBatch } from '../state/operator.ts'
import type { Extracted, Found } from './extraction.ts'
import type { MemoryPool } from './memory-pool.ts'
import { foundOf, recordsOf, type SharedRecords, shareRecords } from './shared-records.ts'
import type { SharedRows } from './shared-rows.ts'

export type ExtractedRows = Extracted<SharedRows | RowBatch>

/** of records that were read and not judged; one batch may go beyond it */
const BYTES_AHEAD = 32 << 20

interface Ahead {
  readonly batch: number
  readonly shared: SharedRecords
  extracted: ExtractedRows | null
}

export class ExtractedSource implements Omit<Source, 'first'> {
  private readonly inner: Source
  private readonly pool: MemoryPool
  private readonly give: (batch: number, records: SharedRecords) => void
  private readonly ahead: Ahead[] = []
  private handedOut: Ahead[] = []
  private next = 0
  private bytesAhead = 0
  /** the batches that `poll` has answered last, and what was found in them */
  private readonly polled = new Map<RecordBatch, ExtractedRows & Found>()

  /** `give`: hands a batch to one of the threads. */
  constructor(inner: Source, pool: MemoryPool, give: (batch: number, records: SharedRecords) => void) {
    this.inner = inner
    this.pool = pool
    this.give = give
  }

  /** Reads batches of at most `maxRecords` records, as long as fewer than `batches` are on their way, and not too many bytes. */
  readAhead(maxRecords: number, batches: number): void {
    while (this.ahead.length < batches && this.bytesAhead < BYTES_AHEAD) {
      const read = this.inner.poll(maxRecords)
      if (read.length === 0) return
      for (const records of read) {
        const shared = shareRecords(records, (bytes) => this.pool.take(bytes))
        const batch = this.next++
        this.ahead.push({ batch, shared, extracted: null })
        this.bytesAhead += shared.dataBytes
        this.give(batch, shared)
      }
    }
  }

  /** Of a batch that was forgotten meanwhile it is nothing to anybody. */
  extracted(batch: number, extracted: ExtractedRows): void {
    const one = this.ahead.find((other) => other.batch === batch)
    if (one) one.extracted = extracted
  }

  /** What was read ahead is not handed out: it is read again by who opens the source anew. */
  forgetAhead(): void {
    this.ahead.length = 0
    this.bytesAhead = 0
  }

  /** Whether `poll` has something to answer. */
  get isReady(): boolean {
    return this.ahead.length > 0 && this.ahead[0]!.extracted !== null
  }

  /** Of a batch that `poll` has answered last. */
  foundIn(records: RecordBatch): ExtractedRows & Found {
    return this.polled.get(records)!
  }

  get first(): number | undefined {
    return this.inner.first
  }

  partitions(): readonly PartitionState[] {
    return this.inner.partitions()
  }

  open(from: Positions): void {
    this.inner.open(from)
  }

  /** Whole batches; the first one whatever its size. */
  poll(maxRecords: number): readonly RecordBatch[] {
    for (const { shared } of this.handedOut) this.pool.give(shared.memory)
    this.handedOut = []
    this.polled.clear()
    const batches: RecordBatch[] = []
    for (let records = 0; this.isReady && (records === 0 || records + this.ahead[0]!.shared.count <= maxRecords); ) {
      const one = this.ahead.shift()!
      this.bytesAhead -= one.shared.dataBytes
      const batch = recordsOf(one.shared)
      records += batch.count
      this.handedOut.push(one)
      this.polled.set(batch, { ...one.extracted!, ...foundOf(one.shared) })
      batches.push(batch)
    }
    return batches
  }

  close(): Promise<void> {
    return this.inner.close()
  }
}
