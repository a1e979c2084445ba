/**
 * Result rows on their way from a keyed subtask's thread to the sinks': numbers as one typed array that changes its owner, the rest
 * (keys, texts, lists) as one array. An object per row costs ten times as much to pass on.
 */
import type { DeadLetterReport } from '../../contract/job-ipc.ts'
import type { ResultRow, Value } from '../sink/port.ts'
import type { ResultBuffer } from '../state/operator.ts'

export interface Results {
  readonly rows: RowsTransfer
  readonly current: RowsTransfer
  readonly untaken: number
  readonly deadLetters: readonly DeadLetterReport[] | undefined
}

interface RowsTransfer {
  readonly count: number
  /** values of a row */
  readonly width: number
  /** row after row: partition, offset, event time, version (3), valid until, window (2), late event (2), then the values */
  readonly numbers: Float64Array
  /** by value: what it is */
  readonly kinds: Uint8Array
  /** key after key, and each value that is neither number nor boolean nor NULL, in the order of rows */
  readonly others: readonly unknown[]
}

const HEAD = 11
/** Fields of a row that are carried: one that is new to `ResultRow` has to be added here, or this line does not compile. */
type Carried = 'key' | 'partition' | 'offset' | 'eventTimeMs' | 'version' | 'values' | 'validUntilMs' | 'window' | 'late'
export const carriesAll: Exclude<keyof ResultRow, Carried> extends never ? true : never = true

const NULL = 0
const FALSE = 1
const TRUE = 2
const NUMBER = 3
const OTHER = 4

export function encodeResults({ rows, current, untaken, deadLetters }: ResultBuffer): { results: Results; transfer: ArrayBuffer[] } {
  const results = {
    rows: encodeRows(rows, rows.length),
    current: encodeRows(current.values(), current.size),
    untaken: untaken ?? 0,
    deadLetters,
  }
  const transfer = [results.rows, results.current].flatMap(({ numbers, kinds }) => [numbers.buffer, kinds.buffer] as ArrayBuffer[])
  return { results, transfer }
}

export function decodeResults({ rows, current, untaken, deadLetters }: Results): ResultBuffer {
  return {
    rows: decodeRows(rows),
    current: new Map(decodeRows(current).map((row) => [row.key, row])),
    untaken,
    ...(deadLetters && { deadLetters: [...deadLetters] }),
  }
}

function encodeRows(rows: Iterable<ResultRow>, count: number): RowsTransfer {
  let width = -1
  let numbers = new Float64Array(0)
  let kinds = new Uint8Array(0)
  const others: unknown[] = []
  let n = 0
  let k = 0
  for (const row of rows) {
    if (width < 0) {
      width = row.values.length
      numbers = new Float64Array(count * (HEAD + width))
      kinds = new Uint8Array(count * width)
    }
    others.push(row.key)
    numbers[n] = row.partition
    numbers[n + 1] = row.offset
    numbers[n + 2] = row.eventTimeMs
    numbers[n + 3] = row.version[0]
    numbers[n + 4] = row.version[1]
    numbers[n + 5] = row.version[2]
    numbers[n + 6] = row.validUntilMs ?? Number.NaN
    numbers[n + 7] = row.window?.startMs ?? Number.NaN
    numbers[n + 8] = row.window?.endMs ?? Number.NaN
    numbers[n + 9] = row.late?.partition ?? Number.NaN
    numbers[n + 10] = row.late?.offset ?? Number.NaN
    n += HEAD
    for (let i = 0; i < width; i++, n++, k++) {
      const value = row.values[i]!
      if (typeof value === 'number') {
        numbers[n] = value
        kinds[k] = NUMBER
      } else if (value === null) kinds[k] = NULL
      else if (typeof value === 'boolean') kinds[k] = value ? TRUE : FALSE
      else {
        kinds[k] = OTHER
        others.push(value)
      }
    }
  }
  return { count, width: Math.max(0, width), numbers, kinds, others }
}

function decodeRows({ count, width, numbers, kinds, others }: RowsTransfer): ResultRow[] {
  const rows: ResultRow[] = []
  let n = 0
  let k = 0
  let o = 0
  for (let r = 0; r < count; r++) {
    const key = others[o++] as string
    const head = n
    n += HEAD
    const values: Value[] = []
    for (let i = 0; i < width; i++, n++, k++) {
      const kind = kinds[k]!
      values.push(kind === NUMBER ? numbers[n]! : kind === NULL ? null : kind === OTHER ? (others[o++] as Value) : kind === TRUE)
    }
    const validUntilMs = numbers[head + 6]!
    const [startMs, endMs] = [numbers[head + 7]!, numbers[head + 8]!]
    const late = { partition: numbers[head + 9]!, offset: numbers[head + 10]! }
    rows.push({
      key,
      partition: numbers[head]!,
      offset: numbers[head + 1]!,
      eventTimeMs: numbers[head + 2]!,
      version: [numbers[head + 3]!, numbers[head + 4]!, numbers[head + 5]!],
      values,
      validUntilMs: Number.isNaN(validUntilMs) ? null : validUntilMs,
      ...(!Number.isNaN(startMs) && { window: { startMs, endMs } }),
      ...(!Number.isNaN(late.offset) && { late }),
    })
  }
  return rows
}
