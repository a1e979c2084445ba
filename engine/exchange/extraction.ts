/**
 * Records → rows away from the source, which judges them later: what one batch's records are, without knowing watermarks, lateness or
 * positions. What a record's expressions counted is noted by record, because it counts only where the source asks for it.
 */
import type { Evaluator } from '../compile/evaluator.ts'
import type { Refusal } from '../compile/extract.ts'
import type { Counters } from '../compile/value.ts'
import type { RecordBatch } from '../source/port.ts'
import type { EventBatch } from '../state/operator.ts'
import type { EventIntake } from '../task/event-intake.ts'

/** By record: the number of its row, or one of these. */
export const REFUSED = -1
/** WHERE does not let it through */
export const NOT_ASKED_FOR = -2

/** What reading a record, its WHERE and its kept columns have counted. */
export interface Counted {
  readonly record: number
  readonly reading: Counters | null
  readonly passing: Counters | null
  readonly keeping: Counters | null
}

/** By record, filled in: its event time (of refused ones nothing is said), and its row. */
export interface Found {
  readonly eventTimesMs: Float64Array
  readonly rowOf: Int32Array
}

export interface Extracted<Batch = EventBatch> {
  readonly refusals: readonly (Refusal & { readonly record: number })[]
  readonly counted: readonly Counted[]
  /** a row for every record that WHERE lets through; watermarks are not known */
  readonly rows: Batch
}

export function extractRecords<Batch>(
  records: RecordBatch,
  intake: EventIntake<Batch>,
  { counters }: Pick<Evaluator, 'counters'>,
  { eventTimesMs, rowOf }: Found,
): Extracted<Batch> {
  const { count, baseOffset, offsetDelta } = records
  const refusals: (Refusal & { record: number })[] = []
  const counted: Counted[] = []
  let rows = 0
  /** What has been counted since the last call, where that is something. */
  let before = total(counters)
  const more = (): Counters | null => {
    if (total(counters) === before) return null
    before = 0
    return takeOut(counters)
  }
  intake.begin(records)
  for (let i = 0; i < count; i++) {
    const refusal = intake.extract(i)
    const reading = more()
    if (refusal) {
      if (reading) counted.push({ record: i, reading, passing: null, keeping: null })
      refusals.push({ ...refusal, record: i })
      rowOf[i] = REFUSED
      continue
    }
    eventTimesMs[i] = intake.eventTimeMs()
    const passes = intake.passes()
    const passing = more()
    if (passes) {
      intake.keep(baseOffset + offsetDelta[i]!, Number.NaN)
      rowOf[i] = rows++
    } else rowOf[i] = NOT_ASKED_FOR
    const keeping = more()
    if (reading || passing || keeping) counted.push({ record: i, reading, passing, keeping })
  }
  return { refusals, counted, rows: intake.finish(0) }
}

const total = ({ overflow, divisionByZero, notFinite, badCast }: Counters) => overflow + divisionByZero + notFinite + badCast

/** What has been counted since the last call, set back to nothing. */
function takeOut(counters: Counters): Counters {
  const taken = { ...counters }
  for (const name of Object.keys(counters) as (keyof Counters)[]) counters[name] = 0
  return taken
}
