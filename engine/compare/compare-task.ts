/** What a comparison is asked for, and what its process says to the engine. */
import type { JobArchive } from '../../contract/archive.ts'
import type { Comparison } from '../../contract/comparison.ts'
import type { JobParameters, PositionMap } from '../../contract/job-ipc.ts'
import type { SourceSchema, ViewDefinition } from '../../definition/model.ts'

/** A job as it stands at the positions. */
export interface ComparedJob {
  readonly definition: ViewDefinition
  /** what it sees of an event */
  readonly source: SourceSchema
  readonly parameters: JobParameters
  /** written at exactly these positions, as the job numbers its partitions */
  readonly savepointPath: string
  readonly positions: PositionMap
}

export interface CompareTask {
  readonly dataDir: string
  readonly view: string
  /** of the new version, by branch; one where it reads no union */
  readonly streams: readonly { readonly name: string; readonly partitions: number }[]
  readonly attempt: number
  /** null: it does not run, so that nothing can be held against it */
  readonly job1: ComparedJob | null
  /** it stays at the positions until it was `served`; reads are answered at its socket */
  readonly job2: ComparedJob & {
    readonly socketPath: string
    /** it takes no events before it; null: from the first */
    readonly historyEventTimeMs: number | null
    /** read before the stream; null: none */
    readonly archive: JobArchive | null
  }
  readonly sampleKeys: number
  readonly tolerancePercent: number
}

export type FromCompare =
  /** the new job was asked all that it had to be: it may read on */
  { type: 'served' } | { type: 'compared'; comparison: Comparison } | { type: 'failed'; message: string }
