/** What a job's thread and its history thread say to each other. Rows travel flat: an array of plain values costs a fraction of objects to pass on. */
import type { HistoryWriterAt } from './history.ts'
import type { FillBlock } from './fill-block.ts'
import type { ResultRow, Value } from './port.ts'
import type { PositionPages } from './position-set.ts'

export type ThreadStart = Omit<HistoryWriterAt, 'now'>

/** `nowMs`: the job's clock at that moment; the thread has none of its own. */
export type ToHistoryThread =
  | { readonly id: number; readonly do: 'write'; readonly rows: FlatRows }
  | { readonly id: number; readonly do: 'fill'; readonly block: FillBlock }
  | { readonly id: number; readonly do: 'flush' | 'close'; readonly nowMs: number }
  | { readonly id: number; readonly do: 'prune'; readonly writtenBeforeMs: number }

/** `id` 0: the opening, which also says what a backfill may hand over in blocks. */
export type FromHistoryThread =
  | { readonly id: 0; readonly removed: 0; readonly places: { readonly standing: PositionPages; readonly filled: PositionPages } | null }
  | { readonly id: number; readonly removed: number }
  | { readonly id: number; readonly error: { readonly fenced: boolean; readonly message: string } }

/** Key, partition, offset, event time, the window's start, end and rows (or NULLs) and then the values, row after row. */
export interface FlatRows {
  readonly values: number
  readonly flat: readonly Value[]
}

const HEAD = 7

export function flatten(rows: readonly ResultRow[]): FlatRows {
  const values = rows[0]?.values.length ?? 0
  const flat: Value[] = []
  for (const row of rows) {
    const { window } = row
    flat.push(row.key, row.partition, row.offset, row.eventTimeMs)
    flat.push(window?.startMs ?? null, window?.endMs ?? null, window ? row.version[1] : null)
    for (let i = 0; i < values; i++) flat.push(row.values[i]!)
  }
  return { values, flat }
}

/** What the history stores of a row; versions are the online store's matter, but for the rows that a window holds. */
export function unflatten({ values, flat }: FlatRows): ResultRow[] {
  const rows: ResultRow[] = []
  for (let at = 0; at < flat.length; at += HEAD + values) {
    const [startMs, endMs, count] = [flat[at + 4], flat[at + 5], flat[at + 6]] as [number | null, number | null, number | null]
    rows.push({
      key: flat[at] as string,
      partition: flat[at + 1] as number,
      offset: flat[at + 2] as number,
      eventTimeMs: flat[at + 3] as number,
      ...(startMs !== null && endMs !== null && { window: { startMs, endMs } }),
      version: [flat[at + 3] as number, count ?? 0, 0],
      values: flat.slice(at + HEAD, at + HEAD + values),
      validUntilMs: null,
    })
  }
  return rows
}
