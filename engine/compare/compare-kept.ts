/**
 * Kept features, over all keys of both jobs: what the running job has in its savepoint, evaluated here, against what the new job answers
 * to reads with its own kernels. (A savepoint holds rows: what a wrong kernel makes of them is not in it.)
 */
import type { ComparedFeature } from '../../contract/comparison.ts'
import type { FeatureRow } from '../../contract/engine-api.ts'
import { featureIds } from '../../definition/feature-id.ts'
import { compileEvaluator } from '../compile/evaluator.ts'
import type { Value, WindowSpan } from '../sink/port.ts'
import { KEY_GROUPS } from '../state/hash.ts'
import type { CompareTask } from './compare-task.ts'
import { exampleOf } from './example.ts'
import { FeatureTally } from './feature-tally.ts'
import { type KeySample, KeySampler } from './key-sample.ts'
import type { KeysOfPart, SavepointValues } from './savepoint-values.ts'
import type { ServedValues } from './served-values.ts'

/** Key groups whose state is in memory at a time. */
const GROUPS_AT_A_TIME = 16

/** What is said of a key, by a job or by somebody else; values in the order of the new job's features. */
export interface KeyValues {
  readonly status: FeatureRow['status']
  readonly values: readonly Value[]
  readonly window?: WindowSpan | null | undefined
}

export interface KeptComparison {
  readonly features: readonly ComparedFeature[]
  readonly keys: number
  readonly servedKeys: number
  readonly sample: KeySample
}

/** A feature of the new version that means what one of the running version does. */
interface Kept {
  readonly index: number
  readonly before: number
  readonly tally: FeatureTally
}

/** `mayAsk`: false once the new job has been held for long enough; what is left is read from its savepoint. @throws GoneAtInstant */
export async function compareKept(
  task: CompareTask,
  jobs: { readonly one: SavepointValues | null; readonly two: SavepointValues },
  asking: { readonly served: ServedValues; readonly atMs: number; readonly mayAsk: () => boolean },
): Promise<KeptComparison> {
  const { one, two } = jobs
  const kept = keptFeatures(task, two)
  const sampler = new KeySampler(task.sampleKeys)
  const counted = { keys: 0, servedKeys: 0 }
  for (let from = 0; from < KEY_GROUPS; from += GROUPS_AT_A_TIME) {
    const before = one?.part(from, from + GROUPS_AT_A_TIME)
    const now = two.part(from, from + GROUPS_AT_A_TIME)
    for (const part of [before, now]) if (part && part.readableFromMs > asking.atMs) throw new GoneAtInstant(asking.atMs)
    const keys = [...new Set([...(before?.keys ?? []), ...now.keys])]
    for (const key of keys) sampler.offer(key)
    const answers = await answersOf(keys, kept.length > 0, now, two, asking)
    counted.keys += keys.length
    counted.servedKeys += answers.served
    if (!before) continue
    for (const [i, key] of keys.entries()) {
      const [was, is] = [before.read(key, asking.atMs), answers.rows[i]!]
      // A key that only the archive has is known by its new features; of a kept one it has to read as nothing.
      const status = task.job2.archive && was.status === 'UNKNOWN_KEY' ? 'EMPTY' : is.status
      for (const { index, before: at, tally } of kept)
        tally.addReadings({ status: was.status, value: was.values[at]! }, { status, value: is.values[index]! }, () =>
          exampleOf(two.plan, index, key, asking.atMs, is.window ?? was.window),
        )
    }
  }
  return { features: kept.map(({ tally }) => tally.result), ...counted, sample: sampler.sample }
}

/** One of the jobs has let go of rows that the instant needs. */
export class GoneAtInstant extends Error {
  override readonly name = 'GoneAtInstant'
  constructor(atMs: number) {
    super(`One of the jobs no longer has the rows that ${new Date(atMs).toISOString()} needs.`)
  }
}

function keptFeatures({ job1, job2 }: CompareTask, { plan }: SavepointValues): Kept[] {
  if (!job1) return []
  const [idsBefore, ids] = [featureIds(job1.definition), featureIds(job2.definition)]
  const types = compileEvaluator(plan).featureTypes
  return job2.definition.features.flatMap(({ name: feature }, index) => {
    const before = idsBefore.indexOf(ids[index]!)
    if (before < 0) return []
    return [{ index, before, tally: new FeatureTally({ feature, role: 'kept', against: 'running_job' }, String(types[index])) }]
  })
}

/** What the new job says of the keys. Where nothing is kept there is nothing to ask of all of them. */
async function answersOf(
  keys: readonly string[],
  wanted: boolean,
  savepoint: KeysOfPart,
  { plan }: SavepointValues,
  { served, atMs, mayAsk }: { served: ServedValues; atMs: number; mayAsk: () => boolean },
): Promise<{ rows: KeyValues[]; served: number }> {
  if (!wanted || !mayAsk()) return { rows: keys.map((key) => savepoint.read(key, atMs)), served: 0 }
  const rows = await served.read(keys)
  return { rows: rows.map((row) => valuesOfRow(plan.features, row)), served: keys.length }
}

export function valuesOfRow(features: readonly { name: string }[], { status, features: values, window }: FeatureRow): KeyValues {
  return { status, values: features.map(({ name }) => values[name] as Value), window }
}
