/** What a release would do, judged against what runs and what is stored now: the answer of POST /releases/check. */
import { z } from 'zod'
import { RELEASE_KINDS } from './release-machine.ts'
import { Told } from './told.ts'

export const FeatureFate = z.object({
  name: z.string(),
  /** kept: its state goes on · built: computed from the log · changed: built, and it meant something else before · dropped: the new version has it not */
  fate: z.enum(['kept', 'built', 'changed', 'dropped']),
  why: Told,
  before: z.string().nullable(), // its expression in the running version
  after: z.string().nullable(),
})
export type FeatureFate = z.infer<typeof FeatureFate>

/** An intermediate table of the new version: rows or panes of each key, aggregates over all time, the state of a feature in TypeScript. */
export const TableFate = z.object({
  kind: z.enum(['rows', 'panes', 'lifetime', 'code']),
  /** reused: as it stands · extended: what stands there, and more · new: all of it is built */
  fate: z.enum(['reused', 'extended', 'new']),
  columns: z.array(z.object({ expr: z.string(), readers: z.array(z.string()), reused: z.boolean() })),
  reachMs: z.number().nullable(), // how long an entry is kept; null: for good
  /** older entries are needed than the running job keeps */
  reachesFurther: z.boolean(),
})
export type TableFate = z.infer<typeof TableFate>

export const Refusal = z.object({ why: Told, way: Told })
export type Refusal = z.infer<typeof Refusal>

/** POST /savepoints/:id/check of the engine; null: it is whole */
export const SavepointCheck = z.object({ damage: Refusal.nullable() })
export type SavepointCheck = z.infer<typeof SavepointCheck>

/** What is in the archive that was asked for, up to the cut. */
export const ArchiveFound = z.object({
  rows: z.number(),
  minEventTimeMs: z.number(),
  maxEventTimeMs: z.number(),
  cutAtMs: z.number(), // as asked for, else its newest event time
  absent: z.array(z.string()), // nullable fields that it has no column for
  stamp: z.string(), // size and time of change of its file
})
export type ArchiveFound = z.infer<typeof ArchiveFound>

export const ReleaseCheck = z.object({
  view: z.string(),
  fromVersion: z.int().nullable(), // null: nothing runs
  toVersion: z.int(),
  kind: z.enum(RELEASE_KINDS),
  atMs: z.number(),
  /** why the whole stream is read again; null: it is not, or nothing runs */
  readsAgain: Told.nullable(),
  features: z.array(FeatureFate),
  /** what else the definitions differ in: key, WHERE, order, windows */
  other: z.array(z.object({ what: z.string(), before: z.string().nullable(), after: z.string().nullable() })),
  tables: z.array(TableFate),
  /** columns and aggregates that the running job keeps and the new one has no use for */
  droppedColumns: z.int(),
  reading: z.object({
    /** savepoint: only what comes after it · backfill: the log up to a savepoint, for what is new · log: all of it, by the new job */
    from: z.enum(['savepoint', 'backfill', 'log']),
    historyEventTimeMs: z.number().nullable(),
    events: z.number(), // that stand in the log now and are read
    eventsPerSecond: z.number().nullable(), // as an earlier release read them; null: none has been measured
    measuredBy: z.int().nullable(), // that release
    tookMs: z.number().nullable(), // events ÷ rate
  }),
  archive: ArchiveFound.nullable(), // null: none was asked for, or it is refused
  memory: z.object({
    estimateBytes: z.number().nullable(),
    limitBytes: z.number(),
    /** it may be more: the number of keys is not known */
    isLeast: z.boolean(),
    basis: Told,
  }),
  consumers: z.array(Told),
  warnings: z.array(Told),
  refusals: z.array(Refusal),
  canProceed: z.boolean(), // no refusals
})
export type ReleaseCheck = z.infer<typeof ReleaseCheck>
