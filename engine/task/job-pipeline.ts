/** What a job needs of its pipeline, whether its keyed subtasks share the job's thread or have threads of their own. */
import type { CodeFeatureReport } from '../../contract/job-ipc.ts'
import type { RestoreTarget } from '../state/operator.ts'
import type { Barrier } from './channel.ts'
import type { KeyAnswer, Question } from './key-question.ts'
import type { SinkSubtask } from './sink-task.ts'
import type { SourceState, SourceSubtask } from './source-task.ts'

/** How a keyed subtask stands. */
export interface KeyedStatus {
  readonly index: number
  readonly recordsIn: number
  readonly recordsOut: number
  readonly keys: number
  readonly stateBytes: number
  readonly busyMs: number
  /** elements that it has been given and not done */
  readonly unfinished: number
  /** that it computes; missing: all of the view's */
  readonly features?: readonly string[] | undefined
  /** of the view's features in TypeScript */
  codeReport(): readonly CodeFeatureReport[]
}

export interface ChangingParameters {
  readonly futureSkewMs: number
  readonly idleTimeoutMs: number
  readonly deadLetterRateLimit: number
  readonly ttlMs: number | null
}

export interface JobPipeline {
  readonly source: SourceSubtask<unknown>
  readonly keyed: readonly KeyedStatus[]
  /** of those that have the same keys one: whose records and keys are counted */
  readonly counted: readonly KeyedStatus[]
  /** records that all who had to have taken in */
  readonly applied: number
  readonly sink: SinkSubtask
  readonly busyMs: { readonly source: number; readonly keyed: number; readonly sink: number }
  /** by subtask: what a snapshot is read into, before `begin` */
  readonly restoreTargets: readonly RestoreTarget[]
  /** Resolves when all subtasks stand, with what was restored. */
  begin(): Promise<void>
  /** For checkpoints: who has to acknowledge. */
  subtasks(): { operator: string; subtask: number }[]
  /** The barrier follows everything that was read so far. */
  inject(barrier: Barrier): SourceState
  /** Takes records where there is room for them; how many good and bad ones. */
  read(maxRecords: number, wallMs: number): number
  /** Work that waits for this thread, until `mustYield`. */
  step(mustYield: () => boolean): Promise<void>
  /** Something was read that the sinks have not been given, or a snapshot is being written. */
  readonly waiting: boolean
  /** There is work for this thread now. */
  readonly canStep: boolean
  /** Everything that was read is applied and handed to the sinks. */
  drain(): Promise<void>
  /** Rewrites online rows that time has changed; false: more are due. */
  decay(nowMs: number): boolean
  /** Writes the online rows of keys that a restore brought, quiet ones too; false: more are due. */
  rewrite(): boolean
  /** Nothing older comes any more, whatever the sources say of it. */
  endAt(watermarkMs: number): void
  /** When time alone next changes a row; null: it does not. */
  nextDecayMs(): number | null
  /** Nothing came: old rows go. */
  idle(): void
  maxAppliedMs(): number
  /** In the order of the keys. */
  ask(question: Question): KeyAnswer[] | Promise<KeyAnswer[]>
  configure(parameters: ChangingParameters): void
  /** What went wrong without being an error, by subtask. */
  counters(): Readonly<Record<string, number>>[]
  close(): Promise<void>
}
