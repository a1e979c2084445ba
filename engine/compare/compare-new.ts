/**
 * New features, for sampled keys: what the new job serves against a computation from the events themselves that shares no evaluator with
 * its kernels: DuckDB where it can say the feature, else the plain evaluator from nothing. Sketches of the same values are the same bytes,
 * so that approximate features have to be equal as well.
 */
import type { ComparedFeature } from '../../contract/comparison.ts'
import { compileEvaluator } from '../compile/evaluator.ts'
import { fastPathRefusal } from '../plan/fast-path.ts'
import { sameValue } from '../preview/duckdb-values.ts'
import type { Value } from '../sink/port.ts'
import type { Source } from '../source/port.ts'
import { codeValues } from './code-values.ts'
import type { KeyValues } from './compare-kept.ts'
import type { CompareTask } from './compare-task.ts'
import { askDuckdb, unsaidByDuckdb } from './duckdb-at.ts'
import { exampleOf } from './example.ts'
import { featureReaches } from './feature-reach.ts'
import { FeatureTally } from './feature-tally.ts'
import type { KeySample } from './key-sample.ts'
import { plainValues } from './plain-values.ts'
import { readSampledEvents, type SampledEvents } from './sampled-events.ts'
import type { SavepointValues } from './savepoint-values.ts'

export interface NewComparison {
  readonly features: readonly ComparedFeature[]
  readonly sampledKeys: number
  readonly eventsRead: number
}

export interface Sampled {
  readonly sample: KeySample
  /** what the new job has said of the keys of the sample */
  readonly found: ReadonlyMap<string, KeyValues>
}

type Road = Pick<ComparedFeature, 'against' | 'why'>

/** `kept`: features that were compared with the running job's. */
export async function compareNew(
  task: CompareTask,
  two: SavepointValues,
  { sample, found }: Sampled,
  at: { readonly kept: ReadonlySet<string>; readonly atMs: number; readonly log: Source },
): Promise<NewComparison> {
  const { plan, order } = two
  const { definition, source, parameters, historyEventTimeMs, archive } = task.job2
  const { kept, atMs, log } = at
  const wanted = plan.features.flatMap(({ name }, index) => (kept.has(name) ? [] : [index]))
  if (wanted.length === 0) return { features: [], sampledKeys: 0, eventsRead: 0 }
  if (task.sampleKeys === 0)
    return { features: wanted.map((index) => none(plan, index, 'compareSampleKeys is 0')), sampledKeys: 0, eventsRead: 0 }
  const events = readSampledEvents({ log, plan, order, parameters, historyEventTimeMs, archive, atMs, isSampled: sample.has })
  const evaluator = compileEvaluator(plan)
  const featureTypes = evaluator.featureTypes.map(String)
  const planned = roadsOf(task, two, events, wanted, atMs)
  const said = wanted.filter((index) => planned.get(index)!.against === 'duckdb').map((index) => plan.features[index]!.name)
  const byDuckdb = await askDuckdb({ definition, stream: source, order, plan, featureTypes, atMs }, said, events.byKey)
  const roads = byDuckdb.refusal === null ? planned : withoutDuckdb(planned, byDuckdb.refusal)
  const code = codeOf(task, two, events, wanted, atMs)
  const plain = plainValues(plan, parameters.ttlMs)
  const isCompiled = fastPathRefusal(plan, evaluator.columnTypes) === null
  const tallies = new Map(
    wanted.map((index) => {
      const { against } = roads.get(index)!
      return [index, new FeatureTally({ feature: plan.features[index]!.name, role: 'new', against }, featureTypes[index]!)] as const
    }),
  )
  const keys = new Set([...sample.keys, ...events.byKey.keys()])
  for (const key of keys) {
    const expected = plain.of(key, events.byKey.get(key) ?? [], atMs)
    const is = found.get(key) ?? plain.of(key, [], atMs) // a key that it does not know reads as nothing
    const coded = code?.of(key)
    for (const index of wanted) {
      const { name } = plan.features[index]!
      const value = (of: readonly Value[] | undefined, i: number) => of?.[i] ?? null
      const own = coded && code!.features.includes(name) ? value(coded.values, code!.features.indexOf(name)) : value(expected.values, index)
      const computed = expected.status === 'UNKNOWN_KEY' ? undefined : byDuckdb.of(key, name)
      const theirs = computed === undefined ? own : computed
      const isOurs =
        roads.get(index)!.against !== 'duckdb' || isRounding(theirs, own, value(is.values, index), featureTypes[index]!, isCompiled)
      tallies
        .get(index)!
        .addReadings({ status: expected.status, value: isOurs ? own : theirs }, { status: is.status, value: value(is.values, index) }, () =>
          exampleOf(plan, index, key, atMs, is.window ?? expected.window),
        )
    }
  }
  const features = wanted.map((index) => {
    const road = roads.get(index)!
    return road.against === 'none' ? none(plan, index, road.why!) : { ...tallies.get(index)!.result, ...road }
  })
  return { features, sampledKeys: keys.size, eventsRead: events.eventsRead }
}

/** A statement that DuckDB does not take is no difference: the plain evaluator says it. */
function withoutDuckdb(roads: ReadonlyMap<number, Road>, refusal: string): Map<number, Road> {
  const why = `DuckDB does not take it: ${refusal}`
  return new Map([...roads].map(([index, road]) => [index, road.against === 'duckdb' ? { against: 'plain', why } : road]))
}

/**
 * DuckDB loses digits where sums cancel, and a condition may hang on the last one. Where the plain evaluator agrees with kernels that it
 * has nothing in common with, it is DuckDB's rounding.
 */
function isRounding(theirs: Value, own: Value, found: Value, type: string, isCompiled: boolean): boolean {
  return isCompiled && !sameValue(theirs, found, type) && sameValue(own, found, type)
}

const none = ({ features }: SavepointValues['plan'], index: number, why: string): ComparedFeature => ({
  feature: features[index]!.name,
  role: 'new',
  against: 'none',
  why,
  keys: 0,
  differing: 0,
  missing: 0,
  extra: 0,
  smapePercent: null,
  examples: [],
})

function roadsOf(
  { job2, streams }: CompareTask,
  { plan, order }: SavepointValues,
  { wholeFromMs }: SampledEvents,
  wanted: readonly number[],
  atMs: number,
): Map<number, Road> {
  const unsaid = unsaidByDuckdb({ definition: job2.definition, plan })
  const reaches = featureReaches(plan, atMs)
  const roadOf = (index: number): Road => {
    const { fromMs, hasCode } = reaches[index]!
    if (fromMs < wholeFromMs) return { against: 'none', why: 'the stream no longer has all the events that it needs' }
    if (hasCode && order === 'arrival' && streams.reduce((sum, { partitions }) => sum + partitions, 0) > 1)
      return { against: 'none', why: 'it depends on the order in which events of several partitions came together' }
    const why = unsaid.get(plan.features[index]!.name)
    return why === undefined ? { against: 'duckdb' } : { against: 'plain', why }
  }
  return new Map(wanted.map((index) => [index, roadOf(index)]))
}

function codeOf({ job2 }: CompareTask, two: SavepointValues, events: SampledEvents, wanted: readonly number[], atMs: number) {
  const { plan, order, manifest } = two
  const reaches = featureReaches(plan, atMs)
  const names = wanted.flatMap((index) => (reaches[index]!.hasCode ? [plan.features[index]!.name] : []))
  if (names.length === 0) return null
  const watermarkMs = manifest.watermarkMs ?? Number.NEGATIVE_INFINITY
  return codeValues({ ...job2, order, plan, watermarkMs, atMs }, names, events.byKey)
}
