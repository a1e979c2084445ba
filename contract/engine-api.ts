/**
 * The engine's HTTP API on its own port: what the console asks of it. Bound to loopback.
 * Every route takes `Authorization: Bearer <EVENFLOW_ENGINE_TOKEN>` (the console) or an API token of a person or a script;
 * the routes marked public (ingest, features, metrics, healthz) are the only ones for API tokens.
 *
 * GET  /healthz                                   public, no token → EngineHealth
 * POST /streams/:name/events                      public: NDJSON or a JSON array, ≤ 10 MB → IngestAnswer
 * GET  /streams/:name/events?partition&offset&limit → StreamEvents        (offset negative: from the end)
 * GET  /streams/:name/stats                       → StreamStats
 * POST /preview                                   PreviewRequest → PreviewAnswer
 * POST /preview/duckdb                            PreviewRequest → DuckdbCheckAnswer: the same rows computed by DuckDB, compared
 * POST /releases/check                            ReleaseCheckRequest → ReleaseCheck (release-check.ts): what that release would do now
 * POST /features                                  public: FeaturesRequest → FeaturesAnswer
 * GET  /views/:view/online?limit&after&search     → OnlineRows       what stands in the online store
 * GET  /views/:view/history?limit&before&key      → HistoryRows      newest first; key: canonical key text
 * POST /savepoints/:id/check                      → SavepointCheck (release-check.ts): every byte of its files is read
 * POST /jobs/:id/savepoint  { savepointId }       → 202 {}; the Savepoint row is written when it is done
 * POST /jobs/:id/checkpoint                       → CheckpointReport when done
 * POST /wake                                      → 204: look at the database now rather than at the next tick
 * GET  /live                                      SSE: `event: jobs`, data = LiveJobs, once a second and at changes
 * GET  /metrics                                   public: Prometheus text
 */
import { z } from 'zod'
import { Problem, ViewDefinition } from '../definition/model.ts'
import { ArchiveSource } from './archive.ts'
import { JobMetrics } from './job-ipc.ts'

export const EngineHealth = z.object({
  status: z.enum(['ok', 'degraded']),
  pid: z.int(),
  version: z.string(),
  node: z.string(),
  startedAtMs: z.number(),
  demo: z.object({
    state: z.enum(['off', 'loading', 'replaying', 'finished', 'failed']),
    loaded: z.number(),
    total: z.number(),
    message: z.string().nullable(),
  }),
})
export type EngineHealth = z.infer<typeof EngineHealth>

export const IngestAnswer = z.object({
  accepted: z.int(),
  rejected: z.array(z.object({ line: z.int(), code: z.string(), message: z.string() })),
})
export type IngestAnswer = z.infer<typeof IngestAnswer>

export const StreamEvents = z.object({
  items: z.array(z.object({ partition: z.int(), offset: z.number(), timestampMs: z.number(), value: z.string() })),
  start: z.number(),
  end: z.number(),
})
export type StreamEvents = z.infer<typeof StreamEvents>

export const StreamStats = z.object({
  partitions: z.array(
    z.object({ partition: z.int(), start: z.number(), end: z.number(), bytes: z.number(), newestTimestampMs: z.number().nullable() }),
  ),
  events: z.number(),
  bytes: z.number(),
  eventsPerSecond: z.number(),
  minEventTimeMs: z.number().nullable(),
  maxEventTimeMs: z.number().nullable(),
})
export type StreamStats = z.infer<typeof StreamStats>

export const Scalar = z.union([z.null(), z.boolean(), z.number(), z.string()])
export type Scalar = z.infer<typeof Scalar>
/** A value as the API writes it: a list is an array, a map an object of numbers by the text of their key. */
export const Cell = z.union([Scalar, z.array(Scalar), z.record(z.string(), z.number())])
export type Cell = z.infer<typeof Cell>

export const PreviewRequest = z.object({ definition: ViewDefinition, last: z.int().min(1).max(5000) })
export type PreviewRequest = z.infer<typeof PreviewRequest>

export const PreviewColumn = z.object({
  name: z.string(),
  type: z.string(),
  role: z.enum(['position', 'event_time', 'window', 'key', 'field', 'feature']), // window: its two edges, in place of the first two
})
export const PreviewAnswer = z.object({
  columns: z.array(PreviewColumn),
  rows: z.array(z.array(Cell)), // in processing order; the newest last
  readEvents: z.number(), // events read to fill the windows, warm-up included
  refusedEvents: z.number(),
  tookMs: z.number(),
  problems: z.array(Problem),
})
export type PreviewAnswer = z.infer<typeof PreviewAnswer>

export const DuckdbCheckAnswer = z.object({
  rows: z.number(),
  comparedFeatures: z.array(z.string()),
  skippedFeatures: z.array(z.object({ name: z.string(), why: z.string() })),
  differing: z.number(),
  examples: z.array(z.object({ position: z.string(), key: z.string(), feature: z.string(), ours: Cell, duckdb: Cell })),
  sql: z.string(), // the statement that DuckDB ran
  tookMs: z.number(),
})
export type DuckdbCheckAnswer = z.infer<typeof DuckdbCheckAnswer>

export const ReleaseCheckRequest = z.object({
  view: z.string(),
  version: z.int(),
  historyEventTimeMs: z.number().optional(),
  archive: z.object({ source: ArchiveSource, maxEventTimeMs: z.number().optional() }).optional(),
  savepointId: z.int().optional(),
  allowDroppedState: z.boolean().optional(),
  ifBusy: z.enum(['queue', 'refuse']).optional(),
})
export type ReleaseCheckRequest = z.infer<typeof ReleaseCheckRequest>

export const FeaturesRequest = z.object({
  view: z.string(),
  keys: z
    .array(z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])))
    .min(1)
    .max(1000),
  at: z.union([z.number(), z.string()]).optional(), // epoch ms or ISO 8601 with zone
})
export type FeaturesRequest = z.infer<typeof FeaturesRequest>

/** [startMs, endMs), of a row of a view with GROUP BY; null: it stands for none. Other views' rows have no such field. */
export const WindowSpan = z.object({ startMs: z.number(), endMs: z.number() })
export type WindowSpan = z.infer<typeof WindowSpan>

export const FeatureRow = z.object({
  key: z.record(z.string(), Scalar),
  status: z.enum(['PRESENT', 'EMPTY', 'UNKNOWN_KEY']),
  features: z.record(z.string(), Cell),
  asOf: z.string().nullable(), // ISO 8601: newest event time of the key; with GROUP BY the end of `window`
  evaluatedAt: z.string(),
  ageMs: z.number().nullable(), // evaluatedAt − asOf
  version: z.array(z.number()).nullable(),
  window: WindowSpan.nullable().optional(), // the newest that has closed
  complete: z.boolean(), // the windows are filled since the job's start or by backfill
  warmingUntil: z.string().nullable().optional(), // of a row that is not complete: ISO 8601, when it will be; null: not by itself
  problems: z.array(z.enum(['OVERFLOW', 'DIVISION_BY_ZERO', 'NOT_FINITE', 'BAD_CAST'])).optional(), // why a value is NULL
  catchingUp: z.boolean().optional(),
})
export type FeatureRow = z.infer<typeof FeatureRow>

export const FeaturesAnswer = z.object({ view: z.string(), version: z.int(), jobId: z.int(), rows: z.array(FeatureRow) })
export type FeaturesAnswer = z.infer<typeof FeaturesAnswer>

export const OnlineRows = z.object({
  features: z.array(z.string()),
  items: z.array(
    z.object({
      key: z.record(z.string(), Scalar),
      asOfMs: z.number(),
      window: WindowSpan.optional(),
      version: z.array(z.number()),
      epoch: z.int(),
      validUntilMs: z.number().nullable(),
      values: z.array(Cell),
    }),
  ),
  nextCursor: z.string().optional(),
  total: z.number(),
})
export type OnlineRows = z.infer<typeof OnlineRows>

export const HistoryRows = z.object({
  features: z.array(z.string()),
  items: z.array(
    z.object({
      key: z.record(z.string(), Scalar),
      /** of a union, whose rows are of several streams */
      stream: z.string().optional(),
      partition: z.int(),
      offset: z.number(),
      window: WindowSpan.optional(), // then partition and offset say nothing, and the event time is that of its last event
      eventTimeMs: z.number(),
      viewVersion: z.int(),
      values: z.array(Cell),
    }),
  ),
  nextCursor: z.string().optional(),
  total: z.number(),
})
export type HistoryRows = z.infer<typeof HistoryRows>

export const LiveJobs = z.object({
  atMs: z.number(),
  jobs: z.array(
    z.object({
      id: z.int(),
      view: z.string(),
      version: z.int(),
      desired: z.enum(['RUNNING', 'STOPPED']),
      observed: z.enum(['STARTING', 'RUNNING', 'RESTARTING', 'STOPPING', 'STOPPED', 'FAILED']),
      reason: z.string().nullable(),
      restarts: z.int(),
      authoritative: z.boolean(),
      metrics: JobMetrics.nullable(),
    }),
  ),
})
export type LiveJobs = z.infer<typeof LiveJobs>
