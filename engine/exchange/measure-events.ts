/**
 * What the newest events of the log cost, and how they are spread over keys: for the choice between keys and features (choose-layout.ts).
 * They are run through operators that are thrown away; nothing else is touched.
 */
import { partDefinition, partOfState, relatedFeatures } from '../plan/feature-parts.ts'
import { planView } from '../plan/plan.ts'
import { PositionOutOfRange, type Positions, type RecordBatch, type Source } from '../source/port.ts'
import { KEY_GROUPS } from '../state/hash.ts'
import type { EventBatch } from '../state/operator.ts'
import { compileView } from '../task/compile-view.ts'
import type { MeasuredEvents } from './choose-layout.ts'
import type { ThreadStart } from './keyed-thread.ts'
import { recordsOf, shareRecords } from './shared-records.ts'

const EVENTS = 4000
const BATCH = 250
const LEAST_EVENTS = 500
/** for all groups of features together */
const BUDGET_MS = 400

/**
 * The source is opened, at its newest events: whoever goes on with it opens it anew. `nowMs`: of this thread's processor time. null: too
 * few events.
 */
export function measureEvents(
  { definition, stream, options }: Pick<ThreadStart, 'definition' | 'stream' | 'options'>,
  source: Source,
  nowMs: () => number,
): MeasuredEvents | null {
  const whole = planView(definition, stream)
  const { intake, road } = compileView(whole, { ...options, parallelism: 0 })
  const batches: EventBatch[] = []
  const extracting: number[] = []
  for (const records of newestRecords(source)) {
    const startMs = nowMs()
    intake.begin(records)
    for (let i = 0; i < records.count; i++)
      if (!intake.extract(i) && intake.passes()) intake.keep(records.baseOffset + records.offsetDelta[i]!, Number.NEGATIVE_INFINITY)
    const batch = structuredClone(intake.finish(0))
    if (batch.count === 0) continue
    extracting.push((1000 * (nowMs() - startMs)) / records.count)
    batches.push(batch)
  }
  const spread = spreadOf(batches)
  if (spread.events < LEAST_EVENTS) return null
  const groups = relatedFeatures(whole)
  const costOf = (names: readonly string[]): number => {
    const { columns } = partOfState(definition, whole, names)
    const plan = planView(partDefinition(definition, names), stream)
    const view = compileView(plan, { ...options, ...(road === 'plain' && { road }), parallelism: 1 })
    return costOfRows(view.operators[0]!, batches, columns, nowMs, BUDGET_MS / (groups.length + 2))
  }
  costOf([]) // the first one finds nothing of the operator compiled
  const rowUs = costOf([])
  return { ...spread, extractUs: usual(extracting), rowUs, groupUs: groups.map((names) => Math.max(0, costOf(names) - rowUs)) }
}

/** Copies: a batch is valid until the next one is read. */
function newestRecords(source: Source): RecordBatch[] {
  const partitions = source.partitions()
  const from: Record<string, number> = {}
  for (const { partition, logStart, end } of partitions) from[partition] = Math.max(logStart, end - Math.ceil(EVENTS / partitions.length))
  const found: RecordBatch[] = []
  try {
    source.open(from as Positions)
    for (let left = EVENTS; left > 0; ) {
      const read = source.poll(Math.min(BATCH, left))
      if (read.length === 0) break
      for (const records of read) {
        left -= Math.max(1, records.count)
        found.push(recordsOf(shareRecords(records, (bytes) => new SharedArrayBuffer(bytes))))
      }
    }
  } catch (error) {
    if (!(error instanceof PositionOutOfRange)) throw error // old events went meanwhile: what was read does
  }
  return found
}

/** µs a row. */
function costOfRows(
  operator: ReturnType<typeof compileView>['operators'][number],
  batches: readonly EventBatch[],
  columns: readonly number[],
  nowMs: () => number,
  budgetMs: number,
): number {
  const costs: number[] = []
  const beganMs = nowMs()
  for (const batch of batches) {
    const out = { rows: [], current: new Map() }
    const own = { ...batch, columns: columns.map((column) => batch.columns[column]!) } as EventBatch
    const startMs = nowMs()
    for (let from = 0; from < own.count; from += operator.sliceRows)
      operator.applyBatch(own, from, Math.min(own.count, from + operator.sliceRows), out)
    operator.settle(out)
    operator.advanceWatermark(newestOf(own), Number.POSITIVE_INFINITY, out)
    costs.push((1000 * (nowMs() - startMs)) / own.count)
    if (nowMs() - beganMs > budgetMs) break
  }
  return usual(costs)
}

const newestOf = ({ eventTimesMs, count }: EventBatch): number => {
  let newest = Number.NEGATIVE_INFINITY
  for (let i = 0; i < count; i++) newest = Math.max(newest, eventTimesMs[i]!)
  return newest
}

function spreadOf(batches: readonly EventBatch[]): Pick<MeasuredEvents, 'events' | 'eventsOfGroup' | 'eventsOfHottestKey'> {
  const eventsOfGroup: number[] = new Array(KEY_GROUPS).fill(0)
  const eventsOfKey = new Map<string | number, number>()
  let events = 0
  for (const batch of batches)
    for (let i = 0; i < batch.count; i++) {
      const key = 'keys' in batch ? batch.keys[i]! : batch.keyHashes[i]!
      eventsOfKey.set(key, (eventsOfKey.get(key) ?? 0) + 1)
      eventsOfGroup[batch.keyGroups[i]!]!++
      events++
    }
  return { events, eventsOfGroup, eventsOfHottestKey: Math.max(0, ...eventsOfKey.values()) }
}

/** Of the quicker ones: the first batches find nothing compiled, others meet the garbage collector or a busy machine. */
const usual = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 4)] ?? 0
