/** How a source subtask turns records into batches for its operators: one port, the plain intake here, the compiled one in compile/. */
import { branchOf } from '../../definition/union-partitions.ts'
import { type BranchExtractor, rowBranches } from '../compile/branch-extractors.ts'
import type { Evaluator } from '../compile/evaluator.ts'
import { compileExtractor, keyTextOf, type Extractor, type Refusal } from '../compile/extract.ts'
import type { Value } from '../compile/value.ts'
import type { RecordBatch } from '../source/port.ts'
import type { ColumnBatch } from '../state/column-batch.ts'
import { keyGroupOf } from '../state/hash.ts'
import type { EventBatch, RowBatch } from '../state/operator.ts'

/** `Batch`: what it makes of them. */
export interface EventIntake<Batch = EventBatch> {
  /** Begins a batch of what will be kept of these records. */
  begin(records: RecordBatch): void
  /** Reads record i; null, or why it is refused. What follows is about that record. */
  extract(i: number): Refusal | null
  eventTimeMs(): number
  /** Whether WHERE lets it through. */
  passes(): boolean
  /** Takes it in; the job's watermark is the one before it. */
  keep(offset: number, watermarkMs: number): void
  /** The batch of what was kept; `bytes` counts all its records. */
  finish(bytes: number): Batch
}

type Growing<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer U)[] ? U[] : T[K] }

export class PlainIntake implements EventIntake {
  private readonly evaluator: Evaluator
  private readonly extractor: Extractor
  /** the event's fields, of the plan */
  protected readonly row: Value[] = []
  /** of a union: those of its branches, and that of the records' branch */
  private readonly branches: readonly BranchExtractor[] | null
  private branch: BranchExtractor | null = null
  private records!: RecordBatch
  protected batch!: Omit<Growing<RowBatch>, 'columns'> & { columns: Value[][] }

  constructor(evaluator: Evaluator) {
    this.evaluator = evaluator
    this.extractor = compileExtractor(evaluator.plan)
    this.branches = rowBranches(evaluator.plan, evaluator.counters, this.row)
  }

  begin(records: RecordBatch): void {
    this.records = records
    this.branch = this.branches && this.branches[branchOf(records.partition)]!
    const columns: Value[][] = this.evaluator.plan.columns.map(() => [])
    this.batch = {
      partition: records.partition,
      count: 0,
      offsets: [],
      eventTimesMs: [],
      keys: [],
      keyGroups: [],
      columns,
      watermarksMs: [],
      bytes: 0,
    }
  }

  extract(i: number): Refusal | null {
    const { data, valueStart, valueEnd } = this.records
    if (this.branch) return this.branch.extract(data, valueStart[i]!, valueEnd[i]!)
    return this.extractor.extract(data, valueStart[i]!, valueEnd[i]!, this.row)
  }

  eventTimeMs(): number {
    return this.row[this.evaluator.plan.eventTimeSlot] as number
  }

  passes(): boolean {
    return (this.branch === null || this.branch.passes()) && this.evaluator.passes(this.row)
  }

  keep(offset: number, watermarkMs: number): void {
    const { batch, evaluator, row } = this
    const key = keyTextOf(evaluator.plan.keySlots.map((slot, k) => outputKey(row[slot]!, evaluator.keyTypes[k]!)))
    const kept = evaluator.columnsOf(row)
    for (let c = 0; c < kept.length; c++) batch.columns[c]!.push(kept[c]!)
    batch.offsets.push(offset)
    batch.eventTimesMs.push(this.eventTimeMs())
    batch.keys.push(key)
    batch.keyGroups.push(keyGroupOf(key))
    batch.watermarksMs.push(watermarkMs)
    batch.count++
  }

  finish(bytes: number): RowBatch {
    return { ...this.batch, bytes }
  }
}

/** Key values stand in key texts as they leave the engine (a decimal as a number). */
function outputKey(value: Value, type: string): Value {
  return type.startsWith('decimal(') ? Number(value) / 10 ** Number(type.slice(type.indexOf(',') + 1, -1)) : value
}

/** Those events of the batch whose key group (and number) is `wanted`, for one of several keyed subtasks. */
export function partOf(batch: EventBatch, wanted: (keyGroup: number, i: number) => boolean): EventBatch {
  return 'keyBytes' in batch ? partOfColumns(batch, wanted) : partOfRows(batch, wanted)
}

function partOfRows(batch: RowBatch, wanted: (keyGroup: number, i: number) => boolean): RowBatch {
  const picked: number[] = []
  for (let i = 0; i < batch.count; i++) if (wanted(batch.keyGroups[i]!, i)) picked.push(i)
  const pick = <T>(values: readonly T[]): T[] => picked.map((i) => values[i]!)
  return {
    partition: batch.partition,
    count: picked.length,
    offsets: pick(batch.offsets),
    eventTimesMs: pick(batch.eventTimesMs),
    keys: pick(batch.keys),
    keyGroups: pick(batch.keyGroups),
    columns: batch.columns.map(pick),
    watermarksMs: pick(batch.watermarksMs),
    bytes: 0,
  }
}

function partOfColumns(batch: ColumnBatch, wanted: (keyGroup: number, i: number) => boolean): ColumnBatch {
  const picked = new Int32Array(batch.count)
  let count = 0
  for (let i = 0; i < batch.count; i++) if (wanted(batch.keyGroups[i]!, i)) picked[count++] = i
  return pickRows(batch, picked, count)
}

/** Rows picked[0, count) of the batch. The texts stay where they are: the parts share them and look at what is theirs. */
export function pickRows(batch: ColumnBatch, picked: Int32Array, count: number): ColumnBatch {
  const floats = (values: Float64Array) => {
    const out = new Float64Array(count)
    for (let j = 0; j < count; j++) out[j] = values[picked[j]!]!
    return out
  }
  const ints = (values: Int32Array) => {
    const out = new Int32Array(count)
    for (let j = 0; j < count; j++) out[j] = values[picked[j]!]!
    return out
  }
  const keyGroups = new Uint8Array(count)
  for (let j = 0; j < count; j++) keyGroups[j] = batch.keyGroups[picked[j]!]!
  return {
    partition: batch.partition,
    count,
    offsets: floats(batch.offsets),
    eventTimesMs: floats(batch.eventTimesMs),
    keyBytes: batch.keyBytes,
    keyStarts: ints(batch.keyStarts),
    keyEnds: ints(batch.keyEnds),
    keyHashes: ints(batch.keyHashes),
    keyGroups,
    columns: batch.columns.map((column) =>
      column instanceof Float64Array ? floats(column) : { starts: ints(column.starts), ends: ints(column.ends) },
    ),
    texts: batch.texts,
    watermarksMs: floats(batch.watermarksMs),
    bytes: 0,
  }
}
