/** What a job's thread and its history thread say to each other. Rows travel flat: an array of plain values costs a fraction of objects to pass on. */
import type { HistoryWriterAt } from './history.ts'
import type { ResultRow, Value } from './port.ts'

export type ThreadStart = Omit<HistoryWriterAt, 'now'>

/** `nowMs`: the job's clock at that moment; the thread has none of its own. */
export type ToHistoryThread =
  | { readonly id: number; readonly do: 'write'; readonly rows: FlatRows }
  | { readonly id: number; readonly do: 'flush' | 'close'; readonly nowMs: number }
  | { readonly id: number; readonly do: 'prune'; readonly writtenBeforeMs: number }

/** `id` 0: the opening. */
export type FromHistoryThread =
  | { readonly id: number; readonly removed: number }
  | { readonly id: number; readonly error: { readonly fenced: boolean; readonly message: string } }

/** Key, partition, offset, event time and then the values, row after row. */
export interface FlatRows {
  readonly values: number
  readonly flat: readonly Value[]
}

const HEAD = 4

export function flatten(rows: readonly ResultRow[]): FlatRows {
  const values = rows[0]?.values.length ?? 0
  const flat: Value[] = []
  for (const row of rows) {
    flat.push(row.key, row.partition, row.offset, row.eventTimeMs)
    for (let i = 0; i < values; i++) flat.push(row.values[i]!)
  }
  return { values, flat }
}

/** What the history stores of a row; versions are the online store's matter. */
export function unflatten({ values, flat }: FlatRows): ResultRow[] {
  const rows: ResultRow[] = []
  for (let at = 0; at < flat.length; at += HEAD + values)
    rows.push({
      key: flat[at] as string,
      partition: flat[at + 1] as number,
      offset: flat[at + 2] as number,
      eventTimeMs: flat[at + 3] as number,
      version: [flat[at + 3] as number, 0, 0],
      values: flat.slice(at + HEAD, at + HEAD + values),
      validUntilMs: null,
    })
  return rows
}
