/** The desired jobs as the database holds them, with all that a start needs. */
import { z } from 'zod'
import { JobArchive } from '../../contract/archive.ts'
import { OutOfRangeChoice, PositionMap } from '../../contract/job-ipc.ts'
import type { Db } from '../../db/client.ts'
import { onlyFeatures } from '../../definition/restrict.ts'
import { type SourceSchema, ViewDefinition } from '../../definition/model.ts'
import { sourceSchema } from '../../definition/union.ts'
import { type StoredStream, storedStreams } from './source-streams.ts'

export const StartFrom = z.object({
  historyEventTimeMs: z.number().nullish(),
  savepointId: z.int().nullish(),
  checkpointId: z.int().nullish(),
  fresh: z.boolean().nullish(),
  /** written by the engine: features in TypeScript that did not come back; they count until a restart that a person asks for */
  disabledCode: z.object({ generation: z.int(), names: z.array(z.string()) }).nullish(),
  outOfRange: OutOfRangeChoice.nullish(),
  /** written by the engine: the run that first followed `outOfRange`; it holds until that run or a later one has a checkpoint */
  outOfRangeRun: z.int().nullish(),
  /** the savepoint is another job's: the online rows of all keys that it holds have to be written */
  storeIsEmpty: z.boolean().nullish(),
  /** the savepoint is of another version; `backfill`: what was built for the new features up to the same positions */
  adapt: z
    .object({ fromVersion: z.int(), backfill: z.object({ savepointId: z.int(), features: z.array(z.string()) }).nullable() })
    .nullish(),
  /** a backfill: only these features, up to these positions */
  backfill: z.object({ features: z.array(z.string()), positions: PositionMap, watermarkMs: z.number().nullable() }).nullish(),
  /** read before the stream; a job that goes on with the state of one that had it has it too */
  archive: JobArchive.nullish(),
  /** rows go to this stream, as the parameter said when the job was made; null: nowhere */
  forward: z.string().nullish(),
  /** written by the engine: the run that first followed this wish; later runs go on from their own checkpoints */
  appliedRun: z.int().nullish(),
})
export type StartFrom = z.infer<typeof StartFrom>

export interface DesiredJob {
  readonly id: number
  readonly viewId: string
  readonly view: string
  readonly version: number
  readonly parallelism: number
  readonly desired: string
  readonly observed: string
  readonly generation: number
  readonly observedGeneration: number
  readonly run: number
  readonly epoch: number
  readonly pid: number | null
  readonly startFrom: StartFrom
  /** the view's epoch where this job has the authority; null: another one has, or nobody */
  readonly authority: number | null
  readonly definition: ViewDefinition
  /** what it sees of an event, and the streams that it reads, by branch */
  readonly source: SourceSchema
  readonly streams: readonly StoredStream[]
}

/** Definitions never change once saved: each is parsed once. */
const definitions = new Map<string, ViewDefinition>()

export async function readJobs(db: Db): Promise<DesiredJob[]> {
  const rows = await db.job.findMany({
    where: { OR: [{ desired: 'RUNNING' }, { observed: { notIn: ['STOPPED', 'FAILED'] } }] },
    include: { view: { select: { name: true, authority: true } } },
    omit: { metrics: true },
    orderBy: { id: 'asc' },
  })
  return Promise.all(
    rows.map(async ({ view, ...job }) => {
      const startFrom = StartFrom.parse(job.startFrom ?? {})
      const definition = await definitionOf(db, job.viewId, job.version)
      const streams = await storedStreams(db, definition)
      return {
        ...job,
        view: view.name,
        startFrom,
        authority: view.authority?.jobId === job.id ? view.authority.epoch : null,
        definition: startFrom.backfill ? onlyFeatures(definition, startFrom.backfill.features) : definition,
        source: sourceSchema(definition, streams),
        streams,
      }
    }),
  )
}

export async function definitionOf(db: Db, viewId: string, version: number): Promise<ViewDefinition> {
  const id = `${viewId}:${version}`
  let definition = definitions.get(id)
  if (!definition) {
    const row = await db.viewVersion.findUniqueOrThrow({ where: { viewId_version: { viewId, version } } })
    definition = ViewDefinition.parse(row.definition)
    definitions.set(id, definition)
  }
  return definition
}
