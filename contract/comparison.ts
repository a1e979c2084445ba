/**
 * What COMPARING found (DESIGN §9): the fact `compared` of a release. Kept features of both jobs at one position vector, and new ones
 * against a computation that shares no evaluator with the job.
 */
import { z } from 'zod'
import { Cell, Scalar } from './engine-api.ts'

export const ComparedExample = z.object({
  key: z.record(z.string(), Scalar),
  how: z.enum(['differs', 'missing', 'extra']),
  /** as the running job, or the second computation, has it */
  expected: Cell,
  /** as the new job serves it */
  found: Cell,
  /** edges of the window that the values stand for; missing where the feature has none of its own, or it counts rows */
  window: z.object({ fromMs: z.number().nullable(), toMs: z.number() }).optional(),
})
export type ComparedExample = z.infer<typeof ComparedExample>

export const ComparedFeature = z.object({
  feature: z.string(),
  /** kept: both jobs have it; new: only the new job, or its meaning is another one */
  role: z.enum(['kept', 'new']),
  /** what the new job's values were held against; none: it was not compared, `why` says why */
  against: z.enum(['running_job', 'duckdb', 'plain', 'none']),
  why: z.string().optional(),
  keys: z.int(), // compared, missing and extra ones among them
  differing: z.int(),
  missing: z.int(), // the new job does not know the key
  extra: z.int(), // only the new job knows the key
  /** symmetric mean absolute percentage error over pairs of numbers, 0 to 200; null: there was no such pair */
  smapePercent: z.number().nullable(),
  examples: z.array(ComparedExample),
})
export type ComparedFeature = z.infer<typeof ComparedFeature>

export const Comparison = z.object({
  attempt: z.int(),
  outcome: z.enum(['equal', 'differs']),
  /** features that hold the release back */
  blocking: z.array(z.string()),
  positions: z.record(z.string(), z.number()),
  evaluatedAtMs: z.number(),
  /** of the two jobs at these positions */
  keys: z.int(),
  /** of them, asked of the new job itself; the others were read from its savepoint */
  servedKeys: z.int(),
  /** of new features, recomputed */
  sampledKeys: z.int(),
  /** events that were read again for that */
  eventsRead: z.number(),
  tolerancePercent: z.number(),
  features: z.array(ComparedFeature),
  tookMs: z.number(),
})
export type Comparison = z.infer<typeof Comparison>

/** Percent of the feature's keys whose values differ, are missing or are too many. */
export const percentOf = (count: number, { keys }: Pick<ComparedFeature, 'keys'>): number => (keys === 0 ? 0 : (100 * count) / keys)
