/**
 * Shapes of the HTTP API under /api/v1: what routes parse, what they answer, what pages and scripts get.
 * OpenAPI is generated from these. Times: epoch ms in fields ending in `Ms`, ISO 8601 elsewhere. Lists: { items, nextCursor? }.
 */
import { z } from 'zod'
import { CodeFeature, Field, Name, Problem, ViewDefinition } from '../definition/model.ts'
import { ArchiveSource } from './archive.ts'
import { Comparison } from './comparison.ts'
import { StreamStats } from './engine-api.ts'
import { Told } from './told.ts'
import { CheckpointFailureReason, JobMetrics, OutOfRangeChoice, PositionMap, SubtaskStats } from './job-ipc.ts'

export const list = <T extends z.ZodType>(item: T) => z.object({ items: z.array(item), nextCursor: z.string().optional() })

export const Role = z.enum(['viewer', 'analyst', 'operator', 'admin'])
export type Role = z.infer<typeof Role>

// ---- health, session ----

/** `since`: when the engine was last heard of (unreachable) or began (reachable), ISO 8601. */
export const Health = z.object({
  status: z.enum(['ok', 'degraded']),
  console: z.object({ version: z.string(), startedAt: z.string() }),
  engine: z.object({ reachable: z.boolean(), since: z.string().nullable() }),
  versions: z.record(z.string(), z.string()),
})
export type Health = z.infer<typeof Health>

export const Me = z.object({
  id: z.string(),
  name: z.string(),
  email: z.string().nullable(),
  role: Role,
  demo: z.boolean(),
})
export type Me = z.infer<typeof Me>

/** GET /session, open to all: what the entry page offers. `me` null: not signed in. */
export const SessionState = z.object({
  me: Me.nullable(),
  /** no administrator yet: POST /setup makes the first one */
  needsSetup: z.boolean(),
  /** POST /session/demo would be answered: a loopback connection, and EVENFLOW_DEMO is not off or there is no administrator yet */
  demoAllowed: z.boolean(),
})
export type SessionState = z.infer<typeof SessionState>

const Email = z
  .email()
  .max(190)
  .transform((email) => email.toLowerCase())
const Password = z.string().min(10, 'a password has at least 10 characters').max(200)
/** POST /setup */
export const Setup = z.object({ name: z.string().trim().min(1).max(190), email: Email, password: Password })
/** POST /sign-in */
export const SignIn = z.object({ email: Email, password: z.string().min(1).max(200) })

export const User = z.object({
  id: z.string(),
  name: z.string(),
  email: z.string(),
  role: Role,
  disabled: z.boolean(),
  createdAt: z.string(),
})
export type User = z.infer<typeof User>
export const CreateUser = Setup.extend({ role: Role })
export const SetUserRole = z.object({ id: z.string(), role: Role.optional(), disabled: z.boolean().optional() })

export const ApiToken = z.object({
  id: z.string(),
  name: z.string(),
  role: Role,
  createdAt: z.string(),
  lastUsedAt: z.string().nullable(),
  revokedAt: z.string().nullable(),
})
export type ApiToken = z.infer<typeof ApiToken>
export const CreateToken = z.object({ name: z.string().trim().min(1).max(190), role: Role })
/** The token itself is in this answer and nowhere else. */
export const CreatedToken = ApiToken.extend({ token: z.string() })

// ---- streams ----

const EmbeddedSource = z.object({ kind: z.literal('embedded') })
/** view: the rows of this view are forwarded to it, and nothing else is appended */
export const StreamSource = z.discriminatedUnion('kind', [EmbeddedSource, z.object({ kind: z.literal('view'), view: z.string() })])
export const CreateStream = z.object({
  name: Name,
  fields: z.array(Field).min(1).max(1000),
  eventTime: z.string(),
  partitions: z.int().min(1).max(64).default(1),
  partitionBy: z.string().optional(),
  source: EmbeddedSource.default({ kind: 'embedded' }),
  note: z.string().max(2000).optional(),
})
export type CreateStream = z.infer<typeof CreateStream>

export const Stream = z.object({
  name: z.string(),
  fields: z.array(Field),
  eventTime: z.string(),
  partitions: z.int(),
  partitionBy: z.string().nullable(),
  source: StreamSource,
  note: z.string().nullable(),
  createdAt: z.string(),
  createdBy: z.string(),
  views: z.array(z.string()),
  deadLetters: z.int(),
  /** null: the engine did not answer */
  stats: StreamStats.nullable(),
})
export type Stream = z.infer<typeof Stream>

/** POST /streams/infer: what pasted events look like. */
export const InferStream = z.object({ text: z.string().max(1_000_000) })
export const InferredStream = z.object({
  fields: z.array(z.object({ name: z.string(), type: z.string(), nullable: z.boolean(), examples: z.array(z.string()) })),
  eventTimeCandidates: z.array(z.object({ field: z.string(), why: z.string() })),
  events: z.int(),
  problems: z.array(z.object({ line: z.int(), message: z.string() })),
})
export type InferredStream = z.infer<typeof InferredStream>

export const DeadLetter = z.object({
  id: z.int(),
  partition: z.int().nullable(),
  offset: z.number().nullable(),
  jobId: z.int().nullable(),
  code: z.string(),
  message: z.string(),
  raw: z.string(),
  late: z.boolean(),
  receivedAt: z.string(),
})
export type DeadLetter = z.infer<typeof DeadLetter>

// ---- views ----

export const SqlOrDefinition = z.union([z.object({ sql: z.string().max(100_000) }), z.object({ definition: ViewDefinition })])

export const FeatureType = z.object({ name: z.string(), id: z.string(), type: z.string(), note: z.string().optional() })

/** What a release of this definition would cost, against the stream as it is now; null where the engine can't tell. */
export const Cost = z.object({
  keys: z.number().nullable(),
  bytesPerKey: z.number().nullable(),
  eventsToRead: z.number().nullable(),
  eventsPerSecond: z.number().nullable(),
})
export type Cost = z.infer<typeof Cost>

export const CheckAnswer = z.object({
  definition: ViewDefinition.optional(),
  sql: z.string().optional(), // canonical
  types: z.array(FeatureType),
  cost: Cost.nullable(),
  problems: z.array(Problem),
})
export type CheckAnswer = z.infer<typeof CheckAnswer>

export const PreviewInput = z.object({
  sql: z.string().optional(),
  definition: ViewDefinition.optional(),
  view: z.string().optional(),
  version: z.int().optional(),
  last: z.int().min(1).max(5000).default(100),
})

/** A file of features/: the feature that it declares, or what is wrong with it. `hash`: of the source; `usage`: how SQL calls it. */
export const CodeFeatureFile = z.object({
  file: z.string(),
  feature: CodeFeature.omit({ source: true, file: true }).extend({ usage: z.string() }).nullable(),
  problems: z.array(z.object({ line: z.int(), message: z.string() })),
})
export type CodeFeatureFile = z.infer<typeof CodeFeatureFile>

export const CreateView = z.object({
  name: Name,
  sql: z.string().max(100_000).optional(),
  definition: ViewDefinition.optional(),
  note: z.string().max(2000).optional(),
  /** the version the author started from: when another has been saved meanwhile the answer is 409 `conflict` with it in details */
  baseVersion: z.int().optional(),
})
export type CreateView = z.infer<typeof CreateView>

export const ViewVersion = z.object({
  view: z.string(),
  version: z.int(),
  sql: z.string(),
  definition: ViewDefinition,
  types: z.array(FeatureType),
  note: z.string().nullable(),
  createdAt: z.string(),
  createdBy: z.string(),
})
export type ViewVersion = z.infer<typeof ViewVersion>

export const View = z.object({
  name: z.string(),
  stream: z.string(),
  key: z.array(z.string()),
  sql: z.string(),
  definition: ViewDefinition,
  types: z.array(FeatureType),
  latestVersion: z.int(),
  runningVersion: z.int().optional(),
  runningJobId: z.int().optional(),
  releaseInProgress: z.int().optional(),
  createdAt: z.string(),
  createdBy: z.string(),
})
export type View = z.infer<typeof View>

/** POST /views: the view with the version that now holds the definition; `created` false: an equal one was the latest already. */
export const SavedView = View.extend({ version: z.int(), note: z.string().nullable(), created: z.boolean() })
export type SavedView = z.infer<typeof SavedView>

/** GET /views/:name/diff: one row a feature, in the order of the new version. */
export const ViewDiff = z.object({
  from: z.int(),
  to: z.int(),
  features: z.array(
    z.object({
      name: z.string(),
      change: z.enum(['kept', 'added', 'removed', 'changed', 'renamed']),
      before: z.string().nullable(),
      after: z.string().nullable(),
      was: z.string().optional(),
    }),
  ),
  other: z.array(z.object({ what: z.string(), before: z.string().nullable(), after: z.string().nullable() })),
  sqlBefore: z.string(),
  sqlAfter: z.string(),
})
export type ViewDiff = z.infer<typeof ViewDiff>

// ---- releases ----

export const ReleaseState = z.enum([
  'DRAFT',
  'QUEUED',
  'CHECKED',
  'SAVEPOINTING',
  'BACKFILLING',
  'STARTING',
  'CATCHING_UP',
  'COMPARING',
  'READY',
  'CUTTING_OVER',
  'SOAKING',
  'DONE',
  'ABORTED',
  'ROLLED_BACK',
  'FAILED',
])
export type ReleaseState = z.infer<typeof ReleaseState>

export const CreateRelease = z.object({
  view: Name,
  version: z.int().min(1),
  parallelism: z.int().min(1).max(128, 'parallelism is at most maxParallelism, the 128 key groups that a state is split into').optional(),
  historyEventTime: z.union([z.number(), z.iso.datetime({ offset: true })]).optional(),
  /** history that the log no longer has; up to `maxEventTime` (its newest event time) rows are taken from it, the log's from there on */
  archive: z.object({ source: ArchiveSource, maxEventTime: z.union([z.number(), z.iso.datetime({ offset: true })]).optional() }).optional(),
  /** begin with this savepoint's state, and read on from its positions; it must be of that version */
  fromSavepoint: z.int().min(1).optional(),
  /** consent to give up the state of features that the version no longer has */
  allowDroppedState: z.boolean().optional(),
  mode: z.enum(['automatic', 'gated']).optional(),
  ifBusy: z.enum(['queue', 'refuse']).optional(),
  note: z.string().max(2000).optional(),
})
export type CreateRelease = z.infer<typeof CreateRelease>

export const AllowedAction = z.object({
  action: z.enum(['approve', 'cutover', 'abort', 'rollback', 'finish', 'overrule']),
  enabled: z.boolean(),
  why: z.string().optional(),
  /** the same, for screens that say it in another language */
  told: Told.optional(),
})

/** POST /releases/:id/actions/:action */
export const ReleaseActionInput = z.object({ reason: z.string().trim().min(1).max(2000).optional() })

export const Gate = z.object({
  name: z.string(), // lag | maxEventTime | caught_up | …: translated by the page
  state: z.enum(['waiting', 'measuring', 'held', 'failed']),
  measured: z.number().nullable(), // null: unknown
  threshold: z.number().nullable(),
  unit: z.string(),
  heldSamples: z.int(),
  neededSamples: z.int(),
})
export const ReleaseFact = z.object({ id: z.int(), at: z.string(), kind: z.string(), payload: z.record(z.string(), z.unknown()) })
export type ReleaseFact = z.infer<typeof ReleaseFact>

export const Release = z.object({
  id: z.int(),
  view: z.string(),
  kind: z.string(),
  fromVersion: z.int().nullable(),
  toVersion: z.int(),
  state: ReleaseState,
  stateSinceMs: z.number(),
  createdAt: z.string(),
  createdBy: z.string(),
  endedAt: z.string().nullable(),
  failure: z.string().nullable(),
  request: z.record(z.string(), z.unknown()),
  jobs: z.object({
    job1: z.int().nullable(),
    job2: z.int().nullable(),
    backfill: z.int().nullable(), // computes what is new up to the savepoint, then stops
    authoritative: z.int().nullable(),
  }),
  steps: z.array(z.object({ state: ReleaseState, startedAtMs: z.number().nullable(), endedAtMs: z.number().nullable() })), // those this kind goes through, in order
  gates: z.array(Gate),
  facts: z.array(ReleaseFact), // newest first
  progress: z
    .object({
      step: z.string().optional(), // LOADING_ARCHIVE, BACKFILLING, or the new job's own reading
      positionRead: z.number(),
      positionEnd: z.number(),
      eventsPerSecond: z.number().nullable(),
      rowsPerSecond: z.number().nullable().optional(),
      secondsLeft: z.number().nullable(),
    })
    .nullable(),
  comparison: Comparison.nullable(), // of the two jobs' values; null: not yet, or not of this kind
  allowedActions: z.array(AllowedAction),
  /** READY, and what it waits for now: a person, or an hour */
  waitsFor: Told.nullable(),
})
export type Release = z.infer<typeof Release>

// ---- jobs, checkpoints, savepoints ----

export const Job = z.object({
  id: z.int(),
  view: z.string(),
  version: z.int(),
  releaseId: z.int().nullable(),
  desired: z.enum(['RUNNING', 'STOPPED']),
  observed: z.enum(['STARTING', 'RUNNING', 'RESTARTING', 'STOPPING', 'STOPPED', 'FAILED']),
  observedAtMs: z.number().nullable(),
  reason: z.string().nullable(),
  authoritative: z.boolean(),
  parallelism: z.int(),
  pid: z.int().nullable(),
  run: z.int(),
  restarts: z.int(),
  epoch: z.int(),
  lagRecords: z.number().nullable(),
  maxEventTimeMs: z.number().nullable(),
  watermarkMs: z.number().nullable(),
  eventsPerSecond: z.number().nullable(),
  stateBytes: z.number().nullable(),
  metrics: JobMetrics.nullable(),
  createdAt: z.string(),
  startedAt: z.string().nullable(),
  stoppedAt: z.string().nullable(),
})
export type Job = z.infer<typeof Job>

export const JobRun = z.object({
  run: z.int(),
  startedAt: z.string(),
  runningAt: z.string().nullable(),
  endedAt: z.string().nullable(),
  restoredFrom: z.string().nullable(),
  restoredKind: z.string().nullable(),
  outcome: z.string().nullable(),
  message: z.string().nullable(),
})
export const JobException = z.object({
  id: z.int(),
  run: z.int(),
  code: z.string(),
  message: z.string(),
  stack: z.string().nullable(),
  firstAt: z.string(),
  lastAt: z.string(),
  count: z.int(),
})
/** GET /jobs/:id: the job with what its page shows beside it. */
export const JobDetail = Job.extend({
  runs: z.array(JobRun),
  exceptions: z.array(JobException),
  parameters: z.array(z.object({ key: z.string(), value: z.unknown(), source: z.string(), effect: z.string() })),
  features: z.array(FeatureType),
})
export type JobDetail = z.infer<typeof JobDetail>

export const Checkpoint = z.object({
  id: z.int(),
  jobId: z.int(),
  run: z.int(),
  number: z.int(),
  kind: z.enum(['checkpoint', 'savepoint']),
  status: z.enum(['IN_PROGRESS', 'COMPLETED', 'FAILED']),
  triggeredAt: z.string(),
  completedAt: z.string().nullable(),
  durationMs: z.number().nullable(),
  checkpointedBytes: z.number(),
  fullBytes: z.number(),
  processedBytes: z.number(),
  positions: PositionMap,
  maxEventTimeMs: z.number().nullable(),
  watermarkMs: z.number().nullable(),
  path: z.string().nullable(),
  discardedAt: z.string().nullable(),
  failureReason: CheckpointFailureReason.nullable(),
  failureMessage: z.string().nullable(),
})
export type Checkpoint = z.infer<typeof Checkpoint>
export const CheckpointDetail = Checkpoint.extend({
  view: z.string(),
  /** that the positions are of; of a union by branch, whose partitions are numbered 256 apart */
  streams: z.array(z.string()),
  subtasks: z.array(SubtaskStats),
})
export type CheckpointDetail = z.infer<typeof CheckpointDetail>

/** GET /jobs/:id/checkpoints?cursor&limit: the history, newest first, with counts and a summary over all that is kept. */
export const CheckpointHistory = z.object({
  items: z.array(Checkpoint),
  nextCursor: z.string().optional(),
  counts: z.object({ triggered: z.int(), inProgress: z.int(), completed: z.int(), failed: z.int(), restored: z.int() }),
  latestCompleted: Checkpoint.nullable(),
  latestFailed: Checkpoint.nullable(),
  latestRestore: z.object({ at: z.string(), kind: z.string(), path: z.string() }).nullable(),
  summary: z.array(
    z.object({
      figure: z.enum(['durationMs', 'checkpointedBytes', 'fullBytes', 'pauseMs']),
      min: z.number(),
      avg: z.number(),
      max: z.number(),
      p50: z.number(),
      p90: z.number(),
      p99: z.number(),
    }),
  ),
  configuration: z.array(z.object({ key: z.string(), value: z.unknown() })),
})
export type CheckpointHistory = z.infer<typeof CheckpointHistory>

export const Savepoint = z.object({
  id: z.int(),
  jobId: z.int(),
  view: z.string(),
  version: z.int(),
  name: z.string(),
  note: z.string().nullable(),
  status: z.enum(['IN_PROGRESS', 'COMPLETED', 'FAILED', 'DISPOSED']),
  path: z.string().nullable(),
  sizeBytes: z.number(),
  positions: PositionMap.nullable(),
  maxEventTimeMs: z.number().nullable(),
  pinned: z.boolean(),
  pinnedReason: z.string().nullable(),
  failureMessage: z.string().nullable(),
  createdAt: z.string(),
  createdBy: z.string(),
  completedAt: z.string().nullable(),
  disposedAt: z.string().nullable(),
  /** latest version of the view that can start from it */
  restorableBy: z.array(z.int()),
})
export type Savepoint = z.infer<typeof Savepoint>

export const SavepointInput = z.object({ name: z.string().min(1).max(120).optional(), note: z.string().max(2000).optional() })
/** restart from: nothing given = the newest checkpoint */
export const RestartInput = z.object({
  from: z
    .union([
      z.object({ savepointId: z.int() }),
      z.object({ checkpointId: z.int() }),
      z.object({ fresh: z.literal(true) }),
      /** the state it would start with anyway; partitions whose position the log no longer has are read on from here */
      z.object({ outOfRange: OutOfRangeChoice }),
    ])
    .optional(),
})

// ---- parameters, audit, guide ----

export const Parameter = z.object({
  key: z.string(),
  type: z.string(),
  unit: z.string().nullable(),
  default: z.unknown(),
  scopes: z.array(z.string()),
  effect: z.enum(['now', 'start', 'release']),
  sentence: z.object({ en: z.string(), 'zh-CN': z.string() }),
  bounds: z.object({ min: z.unknown().optional(), max: z.unknown().optional(), values: z.array(z.string()).optional() }),
  /** effective value at the scope asked for, and where it comes from */
  value: z.unknown(),
  source: z.string(), // default | system | view:NAME | job:ID | stream:NAME
  updatedAt: z.string().nullable(),
  updatedBy: z.string().nullable(),
})
export type Parameter = z.infer<typeof Parameter>
/** value null: back to the wider scope's */
export const PutParameter = z.object({
  value: z.unknown(),
  scope: z
    .string()
    .regex(/^(system|(view|stream):\S+|job:\d+)$/)
    .default('system'),
})

export const AuditEntry = z.object({
  id: z.int(),
  at: z.string(),
  actor: z.string(),
  via: z.string(),
  action: z.string(),
  targetType: z.string(),
  targetId: z.string(),
  before: z.unknown().nullable(),
  after: z.unknown().nullable(),
  address: z.string().nullable(),
})
export type AuditEntry = z.infer<typeof AuditEntry>

/** GET /guide: the five steps of the start page, ticked off by what is in the database. */
export const Guide = z.object({
  steps: z.array(z.object({ step: z.enum(['stream', 'feature', 'preview', 'release', 'read']), done: z.boolean(), href: z.string() })),
  demo: z.object({ state: z.string(), loaded: z.number(), total: z.number(), message: z.string().nullable() }).nullable(),
})
export type Guide = z.infer<typeof Guide>

/** GET /overview: what the sidebar counts and the start page's tiles show. */
export const Overview = z.object({
  streams: z.int(),
  views: z.int(),
  features: z.int(),
  releasesInProgress: z.int(),
  jobs: z.object({ running: z.int(), failed: z.int(), other: z.int() }),
  engine: z.object({ reachable: z.boolean(), since: z.string().nullable() }),
})
export type Overview = z.infer<typeof Overview>
