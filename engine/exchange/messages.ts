/** What the source's thread and a keyed subtask's thread say to each other. Columns stand in shared memory, results in transferred arrays. */
import type { CodeFeatureReport } from '../../contract/job-ipc.ts'
import type { SubtaskSnapshot } from '../checkpoint/coordinator.ts'
import type { OperatorState, RowBatch } from '../state/operator.ts'
import type { Barrier } from '../task/channel.ts'
import type { KeyAnswer, Question } from '../task/key-question.ts'
import type { Extracted } from './extraction.ts'
import type { Results } from './result-transfer.ts'
import type { SharedRecords } from './shared-records.ts'
import type { SharedRows } from './shared-rows.ts'

/** Results that a subtask has sent and the sinks have not taken, at most. */
export const OUTPUTS_ON_THEIR_WAY = 8

/** Work in line: what was judged, in the order in which it was judged, with watermarks and barriers between. */
export type Work =
  | { readonly kind: 'shared'; readonly rows: SharedRows }
  /** rows of the plain road, this subtask's own */
  | { readonly kind: 'plain'; readonly rows: RowBatch }
  | { readonly kind: 'watermark'; readonly watermarkMs: number }
  | { readonly kind: 'barrier'; readonly barrier: Barrier; readonly sentMs: number }
  | Told

/** What a subtask that has others beside it, with the rest of the features, is told in line: all of them do it between the same events. */
export type Told =
  /** `orNewest`: up to the newest event applied, where that is later */
  | { readonly kind: 'decay'; readonly nowMs: number; readonly orNewest?: boolean }
  | { readonly kind: 'rewrite' }
  /** looks at all keys once */
  | { readonly kind: 'expire' }
  | { readonly kind: 'configure'; readonly parameters: { readonly ttlMs: number | null } }
  | { readonly kind: 'answer'; readonly id: number; readonly question: Question }

/** How a subtask stands. */
export interface SubtaskFacts {
  readonly recordsIn: number
  readonly recordsOut: number
  readonly maxEventTimeMs: number
  readonly nextDecayMs: number | null
  readonly keys: number
  readonly stateBytes: number
  readonly busyMs: number
  /** of that, time in which it extracted for the source */
  readonly extractingMs: number
  readonly counters: Readonly<Record<string, number>>
  /** of the view's features in TypeScript */
  readonly code: readonly CodeFeatureReport[]
}

export type ToSubtask =
  /** `isPart`: of its own features alone; else of the whole view */
  | { readonly do: 'restoreGroup'; readonly group: number; readonly bytes: Uint8Array; readonly isPart: boolean }
  | { readonly do: 'restoreOperator'; readonly state: OperatorState }
  /** answered by `ready`, when everything before is done */
  | { readonly do: 'begin' }
  | { readonly do: 'extract'; readonly batch: number; readonly records: SharedRecords; readonly memory: SharedArrayBuffer | null }
  | { readonly do: 'work'; readonly work: readonly Work[] }
  /** so many results have been taken by the sinks' thread */
  | { readonly do: 'taken'; readonly results: number }
  | { readonly do: 'decay'; readonly nowMs: number }
  | { readonly do: 'rewrite' }
  | { readonly do: 'configure'; readonly parameters: { readonly ttlMs: number | null } }
  | { readonly do: 'answer'; readonly id: number; readonly question: Question }

export type Output = { readonly kind: 'results'; readonly results: Results } | { readonly kind: 'barrier'; readonly barrier: Barrier }

export type FromSubtask =
  | { readonly did: 'ready'; readonly facts: SubtaskFacts }
  | {
      readonly did: 'extract'
      readonly batch: number
      readonly extracted: Extracted<SharedRows | RowBatch>
    }
  /** `done`: elements of work that are done with since the last message */
  | {
      readonly did: 'work'
      readonly done: number
      readonly outputs: readonly Output[]
      readonly decayed: boolean
      readonly rewritten: boolean
      readonly facts: SubtaskFacts
    }
  | { readonly did: 'snapshot'; readonly barrier: Barrier; readonly snapshot: SubtaskSnapshot }
  | { readonly did: 'answer'; readonly id: number; readonly answers: readonly KeyAnswer[] }
  | { readonly did: 'fail'; readonly message: string; readonly stack: string | null }
