/** The source's intake where other threads have extracted: it says of each record what they have found, and notes what is kept. */
import type { Evaluator } from '../compile/evaluator.ts'
import type { Refusal } from '../compile/extract.ts'
import type { Counters } from '../compile/value.ts'
import type { RecordBatch } from '../source/port.ts'
import type { RowBatch } from '../state/operator.ts'
import type { EventIntake } from '../task/event-intake.ts'
import { type Counted, type Found, NOT_ASKED_FOR } from './extraction.ts'
import type { ExtractedRows } from './extracted-source.ts'
import { rowsOf, type SharedRows } from './shared-rows.ts'

/** Rows with their watermarks: those that were not kept have none. */
export interface JudgedBatch {
  readonly rows: SharedRows | RowBatch
  /** rows that were kept, by range of keys */
  readonly kept: Int32Array
  readonly count: number
  readonly bytes: number
}

export class JudgingIntake implements EventIntake<JudgedBatch> {
  private readonly evaluator: Pick<Evaluator, 'counters'>
  private readonly foundIn: (records: RecordBatch) => ExtractedRows & Found
  private readonly rangeOfGroup: Uint8Array
  private readonly ranges: number
  private extracted!: ExtractedRows & Found
  private refusals = new Map<number, Refusal>()
  private counted = new Map<number, Counted>()
  private watermarksMs!: Float64Array | number[]
  private keyGroups!: Uint8Array | readonly number[]
  private kept!: Int32Array
  private count = 0
  private record = 0

  constructor(
    evaluator: Pick<Evaluator, 'counters'>,
    foundIn: (records: RecordBatch) => ExtractedRows & Found,
    rangeOfGroup: Uint8Array,
    ranges: number,
  ) {
    this.evaluator = evaluator
    this.foundIn = foundIn
    this.rangeOfGroup = rangeOfGroup
    this.ranges = ranges
  }

  begin(records: RecordBatch): void {
    this.extracted = this.foundIn(records)
    const { rows, refusals, counted } = this.extracted
    this.refusals = new Map(refusals.map(({ record, ...refusal }) => [record, refusal]))
    this.counted = new Map(counted.map((one) => [one.record, one]))
    const there = 'memory' in rows ? rowsOf(rows) : rows
    this.watermarksMs = there.watermarksMs as Float64Array | number[]
    this.keyGroups = there.keyGroups as Uint8Array | readonly number[]
    this.kept = new Int32Array(this.ranges)
    this.count = 0
  }

  extract(i: number): Refusal | null {
    this.record = i
    if (this.counted.size > 0) this.addCounters(this.counted.get(i)?.reading)
    return this.refusals.size === 0 ? null : (this.refusals.get(i) ?? null)
  }

  eventTimeMs(): number {
    return this.extracted.eventTimesMs[this.record]!
  }

  passes(): boolean {
    this.addCounters(this.counted.get(this.record)?.passing)
    return this.extracted.rowOf[this.record] !== NOT_ASKED_FOR
  }

  keep(_offset: number, watermarkMs: number): void {
    const row = this.extracted.rowOf[this.record]!
    this.addCounters(this.counted.get(this.record)?.keeping)
    this.watermarksMs[row] = watermarkMs
    this.kept[this.rangeOfGroup[this.keyGroups[row]!]!]!++
    this.count++
  }

  finish(bytes: number): JudgedBatch {
    return { rows: this.extracted.rows, kept: this.kept, count: this.count, bytes }
  }

  private addCounters(more: Counters | null | undefined): void {
    if (!more) return
    const { counters } = this.evaluator
    for (const name of Object.keys(more) as (keyof Counters)[]) counters[name] += more[name]
  }
}
