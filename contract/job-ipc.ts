/**
 * What the supervisor and a job's process say to each other over node's IPC channel. Parsed on both sides.
 * The job process never touches the metadata database: all it knows comes in `start`, all it finds goes out in reports.
 */
import { z } from 'zod'
import { Field, ViewDefinition } from '../definition/model.ts'
import { JobArchive } from './archive.ts'

export const PositionMap = z.record(z.string(), z.number())
export type PositionMap = z.infer<typeof PositionMap>

export const JobParameters = z.object({
  order: z.enum(['arrival', 'event_time']),
  readClock: z.enum(['wall', 'event']),
  outOfOrdernessMs: z.number(),
  allowedLatenessMs: z.number(),
  idleTimeoutMs: z.number(),
  futureSkewMs: z.number(),
  ttlMs: z.number().nullable(),
  checkpointIntervalMs: z.number(),
  checkpointTimeoutMs: z.number(),
  checkpointMinPauseMs: z.number(),
  checkpointTolerableFailures: z.int(),
  checkpointRetention: z.int(),
  batchSize: z.int(),
  memoryLimitBytes: z.number(),
  deadLetterRateLimit: z.number(),
  historyEventTimeMs: z.number().nullable(),
  onlineStore: z.boolean(),
  history: z.boolean(),
  historyRetentionMs: z.number(),
  parallelBy: z.enum(['key', 'feature', 'auto']),
  logLevel: z.string(),
})
export type JobParameters = z.infer<typeof JobParameters>

/** Where a partition is read on whose position is not in its log any more: a person's choice; without it the job stops. */
export const OutOfRangeChoice = z.enum(['oldest', 'newest'])
export type OutOfRangeChoice = z.infer<typeof OutOfRangeChoice>

const StartStream = z.object({ name: z.string(), fields: z.array(Field), eventTime: z.string(), partitions: z.int() })

/** Supervisor → job. */
export const ToJob = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('start'),
    jobId: z.int(),
    run: z.int(), // counts the starts of this job from 1; checkpoint numbers restart with it
    epoch: z.int(),
    view: z.string(),
    version: z.int(),
    parallelism: z.int().min(1), // keyed subtasks
    definition: ViewDefinition,
    /** of a union: its columns, with the streams that are read in the order of its branches */
    stream: StartStream.extend({ branches: z.array(StartStream).optional() }),
    parameters: JobParameters,
    /** features in TypeScript that are left out: one of their calls did not come back */
    disabledCode: z.array(z.string()).optional(),
    /** a person has asked for this start: features that were disabled before may run again, from empty state */
    forgiveCode: z.boolean().optional(),
    dataDir: z.string(),
    socketPath: z.string(), // the job serves reads here
    restoreFrom: z
      .object({
        kind: z.enum(['checkpoint', 'savepoint']),
        path: z.string(),
        outOfRange: OutOfRangeChoice.nullish(),
        /** the online rows of all restored keys are written: the job's store has none of them */
        rewrites: z.boolean().optional(),
        /** It is of another version: `definition`; what that has not comes from the savepoint of a backfill up to the same positions. */
        adapt: z
          .object({ definition: ViewDefinition, backfill: z.object({ path: z.string(), definition: ViewDefinition }).nullable() })
          .optional(),
      })
      .nullable(),
    /** Rows go to this stream or webhook; `authority`: the view's epoch where this job has the authority, else null. */
    forward: z.object({ target: z.string(), authority: z.int().nullable() }).optional(),
    /** A backfill: reads up to these positions and no further; then everything before the watermark has come. */
    until: z.object({ positions: PositionMap, watermarkMs: z.number().nullable() }).optional(),
    /** read before the stream; the stream's events up to its cut are refused */
    archive: JobArchive.optional(),
  }),
  z.object({ type: z.literal('parameters'), parameters: JobParameters }),
  z.object({ type: z.literal('checkpoint'), requestId: z.string() }),
  z.object({
    type: z.literal('savepoint'),
    requestId: z.string(),
    path: z.string(),
    /** It is written at exactly these positions: the job reads on up to them. `stays`: there it reads nothing more until `resume`. */
    at: z.object({ positions: PositionMap, stays: z.boolean() }).optional(),
  }),
  z.object({ type: z.literal('lease'), validForMs: z.number() }), // renewed by the supervisor; a job whose lease runs out stops itself
  z.object({ type: z.literal('appended'), stream: z.string() }),
  /** Reads nothing more until `resume`, and answers `applied` once all that was read is in the values that it serves. */
  z.object({ type: z.literal('hold'), requestId: z.string() }),
  z.object({ type: z.literal('resume') }),
  /** Answers `applied` once everything before these positions is in the values that it serves. */
  z.object({ type: z.literal('reach'), requestId: z.string(), positions: PositionMap }),
  /** The view's authority has moved: its epoch where this job has it now. */
  z.object({ type: z.literal('authority'), epoch: z.int().nullable() }),
  z.object({ type: z.literal('stop') }), // final checkpoint, then exit 0
])
export type ToJob = z.infer<typeof ToJob>

export const SubtaskStats = z.object({
  operator: z.string(), // 'source' | 'keyed' | 'sink'
  subtask: z.int(),
  acknowledgedAtMs: z.number().nullable(),
  startDelayMs: z.number(),
  alignmentMs: z.number(),
  syncMs: z.number(),
  asyncMs: z.number(),
  endToEndMs: z.number(),
  checkpointedBytes: z.number(),
  fullBytes: z.number(),
  processedBytes: z.number(),
})
export type SubtaskStats = z.infer<typeof SubtaskStats>

/** The closed list of reasons for a checkpoint that failed; each has a sentence in both languages. */
export const CheckpointFailureReason = z.enum([
  'too_many_in_progress',
  'minimum_pause',
  'subtask_not_running',
  'timed_out',
  'declined',
  'superseded',
  'job_stopped',
  'could_not_write',
  'could_not_finish',
  'coordinator_stopped',
])
export type CheckpointFailureReason = z.infer<typeof CheckpointFailureReason>

export const CheckpointReport = z.object({
  run: z.int(),
  number: z.int(),
  kind: z.enum(['checkpoint', 'savepoint']),
  status: z.enum(['IN_PROGRESS', 'COMPLETED', 'FAILED']),
  requestId: z.string().nullable(),
  triggeredAtMs: z.number(),
  completedAtMs: z.number().nullable(),
  path: z.string().nullable(),
  checkpointedBytes: z.number(),
  fullBytes: z.number(),
  processedBytes: z.number(),
  positions: PositionMap,
  maxEventTimeMs: z.number().nullable(),
  watermarkMs: z.number().nullable(),
  failureReason: CheckpointFailureReason.nullable(),
  failureMessage: z.string().nullable(),
  subtasks: z.array(SubtaskStats),
})
export type CheckpointReport = z.infer<typeof CheckpointReport>

export const PartitionMetrics = z.object({
  partition: z.int(),
  /** of a union, whose partitions are numbered by branch: which one of which stream it is */
  of: z.object({ stream: z.string(), partition: z.int() }).optional(),
  position: z.number(),
  endOffset: z.number(),
  lagRecords: z.number(),
  /** newest event time of the log's end is unknown to the job; this is wall or event clock minus newest processed */
  lagMs: z.number().nullable(),
  maxEventTimeMs: z.number().nullable(),
  watermarkMs: z.number().nullable(),
  idle: z.boolean(),
})

/** A feature in TypeScript as the job runs it. */
export const CodeFeatureReport = z.object({
  name: z.string(),
  hash: z.string(), // of the source that runs
  calls: z.number(),
  throws: z.number(),
  /** why its calls are left out and its value is NULL; null: it runs */
  disabled: z.string().nullable(),
  /** its state began empty when the job went on from a snapshot that was written by other code */
  fresh: z.boolean(),
  lastError: z.string().nullable(),
  /** its newest lines of ctx.log, newest first */
  log: z.array(z.string()),
})
export type CodeFeatureReport = z.infer<typeof CodeFeatureReport>

/** How a job forwards its rows. Counts of this run. */
export const ForwardReport = z.object({
  /** the stream that the rows go to, or the URL of a webhook */
  target: z.string(),
  /** with which the job may forward; null: another job does, and this one keeps its rows until they are forwarded */
  epoch: z.int().nullable(),
  forwarded: z.number(),
  rowsPerSecond: z.number(),
  /** rows that the target refused because a job with a higher epoch has taken over */
  refused: z.number(),
  /** rows that had been forwarded before, by this job or another one */
  skipped: z.number(),
  /** rows that wait for a checkpoint, or for the job that has the say */
  waitingRows: z.number(),
  waitingBytes: z.number(),
  /** what keeps the target from taking rows; null: nothing */
  trouble: z.string().nullable(),
  /** newest row that this run has forwarded; null: none yet */
  newest: z.object({ asOfMs: z.number(), n: z.number(), positions: PositionMap }).nullable(),
})
export type ForwardReport = z.infer<typeof ForwardReport>

/** How a job's keyed subtasks share the work, and why. */
export const SplitDecision = z.object({
  by: z.enum(['key', 'feature']),
  /** asked: the parameter says so · measured: by the events · else why it cannot be, or could not be told */
  why: z.enum(['asked', 'measured', 'no_events', 'one_feature_group', 'group_by', 'panes', 'code']),
  /** the newest events: what the busiest thread has to do for each event of the job, split by keys and by features */
  measured: z.object({ events: z.int(), hottestKeyShare: z.number(), keyUs: z.number(), featureUs: z.number() }).optional(),
})
export type SplitDecision = z.infer<typeof SplitDecision>

export const JobMetrics = z.object({
  atMs: z.number(),
  eventsTotal: z.number(),
  eventsPerSecond: z.number(),
  rowsPerSecond: z.number(),
  deadLetters: z.number(),
  lateEvents: z.number(),
  lagRecords: z.number(),
  maxEventTimeMs: z.number().nullable(),
  watermarkMs: z.number().nullable(),
  keys: z.number(),
  stateBytes: z.number(),
  heapBytes: z.number(),
  busyShare: z.number(), // 0..1 of the last interval
  catchingUp: z.boolean(),
  partitions: z.array(PartitionMetrics),
  operators: z.array(
    z.object({ operator: z.string(), recordsIn: z.number(), recordsOut: z.number(), recordsPerSecond: z.number(), busyShare: z.number() }),
  ),
  /** where there are several */
  split: SplitDecision.optional(),
  /** keyed subtasks side by side */
  subtasks: z
    .array(
      z.object({
        subtask: z.int(),
        recordsIn: z.number(),
        recordsPerSecond: z.number(),
        busyShare: z.number(),
        /** batches, watermarks and barriers that it has been given and not done */
        waiting: z.int(),
        keys: z.number(),
        stateBytes: z.number(),
        /** that it computes, where the view is split by feature */
        features: z.array(z.string()).optional(),
      }),
    )
    .optional(),
  counters: z.record(z.string(), z.number()), // overflow, division_by_zero, …
  refusedByMaxEventTime: z.number().optional(), // events of the log that its archive holds already; not there where it has none
  code: z.array(CodeFeatureReport).optional(), // not there where the view has none
  forward: ForwardReport.optional(), // not there where rows are not forwarded
  /** what the planner made of the view */
  plan: z
    .object({
      road: z.enum(['compiled', 'plain']),
      /** why the view was left to the plain operator; null where it was not */
      refusal: z.string().nullable(),
      /** intermediate tables: what is kept of events, how far back, who reads it */
      tables: z.array(
        z.object({
          name: z.string(),
          granularity: z.string(),
          columns: z.array(z.object({ expr: z.string(), readers: z.array(z.string()) })),
          reachMs: z.number(),
          newestRows: z.number(),
          readers: z.array(z.string()),
          bytes: z.number(),
        }),
      ),
    })
    .optional(),
})
export type JobMetrics = z.infer<typeof JobMetrics>

export const DeadLetterReport = z.object({
  partition: z.int(),
  offset: z.number(),
  code: z.string(),
  message: z.string(),
  raw: z.string(), // at most 4,096 characters of the record
})
export type DeadLetterReport = z.infer<typeof DeadLetterReport>

/** A call of a feature in TypeScript that does not come back. Told over the pipe `STUCK_FD`, because the job's own thread is in it. */
export const StuckCall = z.object({ feature: z.string(), partition: z.int(), offset: z.number(), withinMs: z.number() })
export type StuckCall = z.infer<typeof StuckCall>
/** behind stdin, stdout, stderr and the IPC channel */
export const STUCK_FD = 4

/** Job → supervisor. */
export const FromJob = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('running'),
    restoredFrom: z.string().nullable(),
    positions: PositionMap,
    /** where reading went on elsewhere than the snapshot says, as was asked for */
    moved: z.array(z.object({ partition: z.int(), from: z.number(), to: z.number() })).optional(),
  }),
  /** Before it runs, once a second: rows of its archive that stand in a log of their own, of those that there are (0: none to load now). */
  z.object({ type: z.literal('loading'), rows: z.number(), of: z.number() }),
  z.object({ type: z.literal('metrics'), metrics: JobMetrics }),
  z.object({ type: z.literal('checkpoint'), checkpoint: CheckpointReport }),
  z.object({ type: z.literal('deadLetters'), items: z.array(DeadLetterReport), late: z.boolean() }),
  z.object({ type: z.literal('failed'), code: z.string(), message: z.string(), stack: z.string().nullable(), fatal: z.boolean() }), // fatal: do not restart
  z.object({ type: z.literal('applied'), requestId: z.string(), positions: PositionMap }),
  z.object({ type: z.literal('stopped') }),
])
export type FromJob = z.infer<typeof FromJob>
