/**
 * The seam between the job's tasks and what computes feature values. The plain evaluator stands behind it here; compiled
 * kernels will, with the plain one as their oracle. A batch is the unit; nothing here reads a clock.
 */
import type { CodeFeatureReport, DeadLetterReport } from '../../contract/job-ipc.ts'
import type { ColumnBatch } from './column-batch.ts'
import type { OperatorPieces } from './operator-state.ts'
import type { ResultRow, RowVersion, Value, WindowSpan } from '../sink/port.ts'

/** Good events of ONE partition, in offset order, as columns. */
export interface RowBatch {
  readonly partition: number
  readonly count: number
  readonly offsets: readonly number[]
  readonly eventTimesMs: readonly number[]
  /** canonical key texts */
  readonly keys: readonly string[]
  readonly keyGroups: readonly number[]
  /** kept column c of event i is columns[c][i] */
  readonly columns: readonly (readonly Value[])[]
  /** the job's watermark just before event i, −Infinity while there is none */
  readonly watermarksMs: readonly number[]
  /** bytes of the records it came from, refused ones included */
  readonly bytes: number
}

/** What comes out of the operator between two hand-overs. */
export interface ResultBuffer {
  /** one row per event, in processing order: for history and forwarding */
  readonly rows: ResultRow[]
  /** rows that were not made because nobody takes them */
  untaken?: number
  /** newest row by key, conflated: for the online store. A late event's row is not the key's newest, so this is not `rows` by key. */
  readonly current: Map<string, ResultRow>
  /** events that a feature in TypeScript threw at */
  deadLetters?: DeadLetterReport[]
}

export interface KeyReading {
  readonly status: 'PRESENT' | 'EMPTY' | 'UNKNOWN_KEY'
  readonly values: readonly Value[]
  readonly asOfMs: number | null
  readonly version: RowVersion | null
  /** of a view with GROUP BY: the window that the values stand for; null where none has closed */
  readonly window?: WindowSpan | null
  /** by window: it counts rows, and holds as many as it ever can; missing where no window counts */
  readonly fullWindows?: readonly boolean[]
  /** why a value is NULL that something would be computed for: overflow, divisionByZero, notFinite, badCast */
  readonly problems?: readonly string[]
}

export type EventBatch = RowBatch | ColumnBatch

/** What a snapshot is read into: an operator, or the way to some in other threads. */
export interface RestoreTarget {
  /** the features of each of its parts, where the view's are split over several */
  readonly parts?: readonly (readonly string[])[]
  /** `part`: the bytes are of this part alone; else of the whole view. */
  restoreKeyGroup(group: number, bytes: Uint8Array, part?: number): void
  restoreOperator(state: OperatorState): void
}

/** `Batch`: the form of events that it takes, which is the one that its view's intake makes. */
export interface KeyedOperator<Batch = EventBatch> {
  /** how many events it takes at a time, in a fraction of a millisecond */
  readonly sliceRows: number
  /** Applies events [from, to) of the batch. */
  applyBatch(batch: Batch, from: number, to: number, out: ResultBuffer): void
  /**
   * All events before the watermark have come: in event_time order waiting rows fire, at most about `limit` of them.
   * False: more are due, call again before anything else is applied.
   */
  advanceWatermark(watermarkMs: number, limit: number, out: ResultBuffer): boolean
  /** Puts the newest rows of all keys touched since the last call into `out.current`. Called before results are handed over. */
  settle(out: ResultBuffer): void
  /** Rewrites rows that stopped being right at or before `nowMs` on the read clock, at most `limit` keys. False: more are due. */
  decay(nowMs: number, limit: number, out: ResultBuffer): boolean
  /** When the next row stops being right without an event; null: none does. */
  nextDecayMs(): number | null
  /**
   * Has `settle` put out the newest rows of about `maxKeys` keys more, whether they changed or not: those of a restored state that no
   * store has. True: all of them since the restore.
   */
  rewrite(maxKeys: number): boolean
  read(key: string, atMs: number, group: number): KeyReading
  /** Reads at moments before this are refused: rows that they need are gone. −Infinity while none are. */
  readableFromMs(): number
  /** Newest event time applied (fired); −Infinity before the first. The `event` read clock. */
  maxEventTimeMs(): number
  /** What may change while events are applied. */
  configure(parameters: { ttlMs: number | null }): void
  /**
   * Frees rows that nothing can ask for any more, of about `maxKeys` keys, and keys whose time is over. True: it has come round, the next
   * call begins with the first key.
   */
  expire(maxKeys: number): boolean
  /** null: the group holds nothing. */
  snapshotKeyGroup(group: number): Uint8Array | null
  restoreKeyGroup(group: number, bytes: Uint8Array): void
  /** Begins a snapshot of what is held now, which goes on while events are applied; where it is missing, the groups are asked for at once. */
  beginSnapshot?(): OperatorSnapshot
  /** What belongs to the subtask rather than to a key group. JSON-safe. */
  snapshotOperator(): OperatorState
  restoreOperator(state: OperatorState): void
  stateBytes(): number
  keys(): number
  waitingRows(): number
  /** Of the view's features in TypeScript; missing where it has none. */
  codeReport?(): CodeFeatureReport[]
}

/** A snapshot under way; it holds nothing of what happened after it began. */
export interface OperatorSnapshot {
  readonly operator: OperatorState
  /** Writes about `maxKeys` keys more. True: it is complete. */
  advance(maxKeys: number): boolean
  /** Of a complete one, the bytes of a group in parts of a few hundred kilobytes; null: the group held nothing. */
  partsOf(group: number): readonly Uint8Array[] | null
}

export interface OperatorState {
  readonly watermarkMs: number | null
  readonly maxEventTimeMs: number | null
  readonly droppedBeforeMs: number | null
  /** readings of moments before it may miss keys that were forgotten; not in snapshots of builds that forgot none */
  readonly forgottenBeforeMs?: number | null
  readonly counters: Record<string, number>
  /** more that belongs to the subtask, each with what becomes of it at another parallelism */
  readonly pieces?: OperatorPieces
}
