/**
 * Where results go. The engine hands every sink each batch of result rows; a sink makes them durable at `flush`,
 * which the job calls before it acknowledges a barrier. Rows may be handed over again after a crash: writing a row
 * twice must change nothing.
 */
export type Scalar = null | boolean | number | string
/** A feature's value as it leaves the engine: a list is an array, a map an object of numbers by the text of their key. */
export type Value = Scalar | Scalar[] | { [key: string]: number }

/** Version of a key's online row: newest event time of the key, events of it applied, decay step. Compared in that order. */
export type RowVersion = readonly [asOfMs: number, n: number, step: number]

/** [startMs, endMs) */
export interface WindowSpan {
  readonly startMs: number
  readonly endMs: number
}

export interface ResultRow {
  /** canonical text of the key: JSON array of the key's values, in key order */
  readonly key: string
  readonly partition: number
  readonly offset: number
  readonly eventTimeMs: number
  readonly version: RowVersion
  /** in the order of the view's features; boolean stays boolean, timestamps are epoch ms */
  readonly values: readonly Value[]
  /**
   * Of a view with GROUP BY: the window that the row stands for. Position and event time are those of its last event; the version is
   * [end of the window, rows in it, 0]. A later row of the same key and window start (a correction) takes its place; a session's takes
   * the place of every row whose window it covers.
   */
  readonly window?: WindowSpan
  /** Of a correction of a window that had closed: the late event that made it. */
  readonly late?: { readonly partition: number; readonly offset: number }
  /** when the newest value stops being right without a further event, epoch ms; null: never */
  readonly validUntilMs: number | null
}

export interface Sink {
  readonly name: string
  /** Takes the rows in order. May buffer up to a bound, then writes: back-pressure is the caller waiting for the promise. */
  write(rows: readonly ResultRow[]): void | Promise<void>
  /** All rows handed over so far are durable when it resolves. `checkpoint`: the number of the one that asks for it. */
  flush(checkpoint?: number): Promise<void>
  close(): Promise<void>
}

/** What stands in the online store for a key. Values in the order of the view's features. */
export interface StoredOnlineRow {
  readonly version: RowVersion
  readonly values: readonly Value[]
  readonly validUntilMs: number | null
  readonly window?: WindowSpan | undefined
}

/** The online store also answers by key: after a restart a job reads from it until it has caught up with what it had stored. */
export interface OnlineReader {
  /** `key` is the canonical key text; null: no row of this view version. */
  get(key: string): StoredOnlineRow | null | Promise<StoredOnlineRow | null>
  /** All rows of these keys handed over so far outlive this process when it is done: what a read may show (not yet the machine: that is `flush`). */
  commit(keys: readonly string[]): void | Promise<void>
}

/** A write was refused because a job with a higher epoch is authoritative. The job must stop. */
export class Fenced extends Error {
  override readonly name = 'Fenced'
}
