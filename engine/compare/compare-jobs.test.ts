import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Comparison } from '../../contract/comparison.ts'
import type { FeatureRow } from '../../contract/engine-api.ts'
import { AGGREGATE_NAMES } from '../../definition/functions.ts'
import type { ViewDefinition } from '../../definition/model.ts'
import { resolveParameters, toJobParameters } from '../../definition/parameters.ts'
import { loadParser, parseViewSync } from '../../definition/parse-sql.ts'
import { onlyFeatures } from '../../definition/restrict.ts'
import { ALL_FRAMES, arbitraryView } from '../../definition/testing/arbitrary-view.ts'
import { ALL_TYPES } from '../../definition/testing/streams.ts'
import { compileSource } from '../../features/load/compile-source.ts'
import { MemoryFs } from '../checkpoint/memory-fs.fixture.ts'
import { writeTestSavepoint } from '../checkpoint/savepoint.fixture.ts'
import { MemoryLog } from '../simulation/memory-log.fixture.ts'
import { Random } from '../simulation/random.fixture.ts'
import { asTestEvents, randomEvents, START_MS } from '../state/events.fixture.ts'
import { keyGroupOf } from '../state/hash.ts'
import { type TestEvent, TestRun } from '../task/run-view.fixture.ts'
import { compareJobs } from './compare-jobs.ts'

await loadParser()

type Order = 'arrival' | 'event_time'
const LENGTHS = [0, 999, 90_000, 3_600_000, 86_400_000].map((ms) => ({ months: 0, days: 0, ms }))
const OUT_OF_ORDERNESS_MS = 3000
const ALLOWED_LATENESS_MS = 5000

interface Jobs {
  /** of the running job; null: it does not run */
  readonly one: ViewDefinition | null
  readonly two: ViewDefinition
  readonly order: Order
  readonly events: readonly TestEvent[]
  /** of the new job, where it has not read what the running one has */
  readonly read?: readonly TestEvent[]
  /** what the new job's kernels make of a row */
  readonly tamper?: (row: FeatureRow) => FeatureRow
  readonly sampleKeys?: number
  readonly tolerancePercent?: number
}

/** Every gap in reading is filled: a log that answers with what is there. */
class AllThere extends Random {
  override int(): number {
    return 7
  }
}

async function run(definition: ViewDefinition, order: Order, events: readonly TestEvent[]): Promise<TestRun> {
  const job = new TestRun({
    definition,
    stream: ALL_TYPES,
    order,
    road: 'planned',
    outOfOrdernessMs: OUT_OF_ORDERNESS_MS,
    allowedLatenessMs: ALLOWED_LATENESS_MS,
  }).open()
  for (const event of events) await job.feed([event])
  return job
}

async function compared({ one, two, order, events, read = events, tamper = (row) => row, ...more }: Jobs): Promise<Comparison> {
  const fs = new MemoryFs()
  const job2 = await run(two, order, read)
  await writeTestSavepoint(fs, '/two', job2, two, order)
  if (one) await writeTestSavepoint(fs, '/one', await run(one, order, events), one, order)
  const log = new MemoryLog(1)
  for (const { value } of events) log.append(0, JSON.stringify(value))
  const parameters = {
    ...toJobParameters(resolveParameters({})),
    outOfOrdernessMs: OUT_OF_ORDERNESS_MS,
    allowedLatenessMs: ALLOWED_LATENESS_MS,
    futureSkewMs: 60_000,
    ttlMs: null,
  }
  const side = (definition: ViewDefinition, savepointPath: string) => ({
    definition,
    source: ALL_TYPES,
    parameters,
    savepointPath,
    positions: { 0: events.length },
  })
  return compareJobs(
    {
      dataDir: '/',
      view: 'v',
      streams: [{ name: ALL_TYPES.name, partitions: 1 }],
      attempt: 1,
      job1: one && side(one, '/one'),
      job2: { ...side(two, '/two'), socketPath: '', historyEventTimeMs: null, archive: null },
      sampleKeys: more.sampleKeys ?? 10,
      tolerancePercent: more.tolerancePercent ?? 0,
    },
    {
      fs,
      log: async () => log.source(new AllThere(0), () => undefined),
      monotonicMs: () => 0,
      served: () => undefined,
      serve: (plan, atMs) => ({
        async read(keys) {
          return keys.map((key) => {
            const { status, values, window } = job2.operators[0]!.read(key, atMs, keyGroupOf(key))
            const features = Object.fromEntries(plan.features.map(({ name }, i) => [name, values[i]!]))
            return tamper(JSON.parse(JSON.stringify({ key: {}, status, features, window })))
          })
        },
        close: () => undefined,
      }),
    },
  )
}

const off = ({ features }: Comparison) => features.filter(({ differing, missing, extra }) => differing + missing + extra > 0)
const against = ({ features }: Comparison) => new Set(features.map((feature) => feature.against))

describe('DESIGN §9: what agrees is found equal, whatever the view', () => {
  // What the last digit decides (maths, statistics of one value) is compared by example below.
  const exact = AGGREGATE_NAMES.filter((fn) => !/^(stddev|var_|skewness|kurtosis|entropy)/.test(fn))
  for (const order of ['arrival', 'event_time'] as const)
    for (const groups of ['never', 'always'] as const)
      test(`${order}, GROUP BY ${groups}: kept features in both jobs, new ones by DuckDB and by the plain evaluator`, async () => {
        const views = arbitraryView(ALL_TYPES, {
          keys: [['k'], ['k', 'b']],
          aggregates: exact,
          lengths: LENGTHS,
          hints: false,
          nulls: false,
          groups,
          ...ALL_FRAMES,
        })
        const roads = new Map<string, number>()
        await fc.assert(
          fc.asyncProperty(views, fc.nat(), randomEvents(40), async (whole, mask, drawn) => {
            const names = whole.features.filter((_, i) => (mask >> i) & 1).map(({ name }) => name)
            const one = names.length > 0 ? onlyFeatures(whole, names) : null
            const events = asTestEvents(drawn)
            const comparison = await compared({ one, two: whole, order, events })
            expect(off(comparison)).toEqual([])
            expect(comparison).toMatchObject({ outcome: 'equal', blocking: [] })
            for (const road of against(comparison)) roads.set(road, (roads.get(road) ?? 0) + 1)
          }),
          { numRuns: 25, endOnFailure: true },
        )
        for (const road of ['running_job', 'duckdb', 'plain']) expect([road, roads.get(road) ?? 0]).toEqual([road, expect.any(Number)])
        expect(roads.get('duckdb')).toBeGreaterThan(2)
      })
})

const view = (sql: string) => {
  const { checked, problems } = parseViewSync(sql, [ALL_TYPES])
  if (!checked) throw new Error(JSON.stringify(problems))
  return checked.definition
}
const over = (features: string) =>
  view(
    `SELECT k, ${features} FROM events WINDOW w AS (PARTITION BY k ORDER BY ts RANGE BETWEEN INTERVAL '1' MINUTE PRECEDING AND CURRENT ROW)`,
  )
const KEYS = ['a', 'b', 'c', 'd']
const EVENTS: readonly TestEvent[] = Array.from({ length: 80 }, (_, n) => ({
  value: { k: KEYS[n % 4], ts: START_MS + n * 1000, n, i: n % 7, d: n / 8, m: n / 100, s: `s${n % 5}`, b: n % 2 === 0, t: START_MS + n },
}))
const COUNT = over('COUNT(*) OVER w AS events')
const MORE = over(
  'COUNT(*) OVER w AS events, SUM(d) OVER w AS spent, LAST(t) OVER w AS newest, STDDEV(d) OVER w AS spread, APPROX_COUNT_DISTINCT(s) OVER w AS kinds',
)
const base = { one: COUNT, two: MORE, order: 'arrival' as const, events: EVENTS }
/** A wrong kernel: of one key, one feature. */
const wrong = (feature: string, value: (right: unknown) => unknown) => (row: FeatureRow) =>
  ({ ...row, features: { ...row.features, [feature]: value(row.features[feature]) } }) as FeatureRow

describe('what differs is found, counted, and held', () => {
  test('each feature against what can say it', async () => {
    const { features, ...comparison } = await compared(base)
    expect(features.map(({ feature, role, against: road, keys }) => [feature, role, road, keys])).toEqual([
      ['events', 'kept', 'running_job', 4],
      ['spent', 'new', 'duckdb', 4],
      ['newest', 'new', 'duckdb', 4],
      ['spread', 'new', 'duckdb', 4],
      ['kinds', 'new', 'plain', 4],
    ])
    expect(comparison).toMatchObject({
      outcome: 'equal',
      keys: 4,
      servedKeys: 4,
      sampledKeys: 4,
      eventsRead: 80,
      evaluatedAtMs: START_MS + 79_000,
    })
  })

  test.each([
    ['a kept count that is one too many', 'events', (right: unknown) => Number(right) + 1],
    ['a kept value that is NULL', 'events', () => null],
    ['a new sum off in the seventh digit', 'spent', (right: unknown) => Number(right) * (1 + 1e-7)],
    ['an instant that is a millisecond late, which is less than 1e-9 of it', 'newest', (right: unknown) => Number(right) + 1],
    ['a wrong estimate', 'kinds', (right: unknown) => Number(right) + 1],
  ])('%s', async (_what, feature, value) => {
    const comparison = await compared({ ...base, tamper: wrong(feature, value) })
    expect(comparison).toMatchObject({ outcome: 'differs', blocking: [feature] })
    const [found] = off(comparison)
    expect(found).toMatchObject({ feature, keys: 4, differing: 4, missing: 0, extra: 0 })
    expect(found!.examples[0]).toMatchObject({
      how: 'differs',
      window: { fromMs: START_MS + 19_000, toMs: START_MS + 79_000 },
    })
    expect(found!.examples[0]!.key).toEqual({ k: expect.any(String) })
  })

  test('doubles that were built up in another order are equal to 1e-9, and the size of a difference is said', async () => {
    expect((await compared({ ...base, one: MORE, tamper: wrong('spent', (right) => Number(right) * (1 + 1e-12)) })).outcome).toBe('equal')
    const half = await compared({ ...base, tamper: wrong('spent', (right) => Number(right) / 3) })
    expect(off(half)[0]!.smapePercent).toBeCloseTo(100)
  })

  test('a job that missed an event, one that took it twice, and keys that only one of them knows', async () => {
    const at = (positions: readonly TestEvent[]) => [...positions, ...EVENTS.slice(positions.length)]
    const other = { value: { ...(EVENTS[40]!.value as object), k: 'zz' } }
    const moved = await compared({ ...base, read: at([...EVENTS.slice(0, 40), other]) })
    expect(moved.outcome).toBe('differs')
    expect(moved.features[0]).toMatchObject({ feature: 'events', keys: 5, differing: 1, missing: 0, extra: 1 })
    expect(moved.features[1]).toMatchObject({ feature: 'spent', differing: 1, extra: 1 })
    const lost = await compared({ ...base, events: at([...EVENTS.slice(0, 40), other]), read: EVENTS })
    expect(lost.features[0]).toMatchObject({ differing: 1, missing: 1, extra: 0 })
    expect(lost.features[0]!.examples).toContainEqual(
      expect.objectContaining({ key: { k: 'zz' }, how: 'missing', expected: 1, found: null }),
    )
  })

  test('so many percent of a new feature may be off where that is allowed; of a kept one none', async () => {
    const ofA = (feature: string) => (row: FeatureRow) =>
      (row.features.newest as number) % 4 === (START_MS + 76) % 4 ? wrong(feature, (right) => Number(right) + 1)(row) : row
    expect((await compared({ ...base, tamper: ofA('spent'), tolerancePercent: 24 })).blocking).toEqual(['spent'])
    expect((await compared({ ...base, tamper: ofA('spent'), tolerancePercent: 25 })).blocking).toEqual([])
    expect((await compared({ ...base, tamper: ofA('events'), tolerancePercent: 100 })).blocking).toEqual(['events'])
  })

  test('with no running job all is recomputed; without a sample nothing is, and it says so', async () => {
    expect(against(await compared({ ...base, one: null }))).toEqual(new Set(['duckdb', 'plain']))
    const { features } = await compared({ ...base, sampleKeys: 0 })
    expect(features.slice(1).map(({ against: road, why }) => [road, why])).toEqual(Array(4).fill(['none', 'compareSampleKeys is 0']))
  })

  test('of a long log only what the windows need is read again, late events among it', async () => {
    const long = Array.from({ length: 20_000 }, (_, n): TestEvent => {
      const back = n % 50 === 7 ? 6000 : 0
      return { value: { ...(EVENTS[n % 80]!.value as object), n, ts: START_MS + n * 1000 - back, d: n / 8 } }
    })
    const comparison = await compared({ ...base, events: long })
    expect(off(comparison)).toEqual([])
    expect(comparison.eventsRead).toBeGreaterThan(60)
    expect(comparison.eventsRead).toBeLessThan(10_000)
    const whole = await compared({ ...base, two: over('LAST(t) OVER w AS newest, LAG(i) OVER w AS before'), events: long.slice(0, 4000) })
    expect([off(whole), whole.eventsRead]).toEqual([[], 4000])
  })
})

describe('features in TypeScript', () => {
  /** Says what it was called with, by events and by timers; throws now and then. */
  const diary = `
import { defineFeature, listState } from './evenflow.ts'
export default defineFeature({
  name: 'diary',
  input: { i: 'int?' },
  output: 'string',
  state: { lines: listState<string>() },
  onEvent({ i }, { state, timers, eventTimeMs }) {
    timers.set('quiet', eventTimeMs + 3000)
    state.lines.add('e' + i + '@' + eventTimeMs)
    if (i === 5) throw new Error('five')
    return state.lines.get().slice(-5).join(' ')
  },
  onTimer(timer, { state }) {
    state.lines.add(timer.name + '@' + timer.atMs)
    return state.lines.get().slice(-5).join(' ')
  },
})`

  test.each(['arrival', 'event_time'] as const)('%s: their files run again from nothing give what the job serves', async (order) => {
    const { feature, problems: wrongs } = compileSource('diary.ts', diary)
    if (!feature) throw new Error(JSON.stringify(wrongs))
    const text = `SELECT k, diary(i) AS lines, COUNT(*) OVER w AS events, lines || '!' AS both FROM events
      WINDOW w AS (PARTITION BY k ORDER BY ts RANGE BETWEEN INTERVAL '1' MINUTE PRECEDING AND CURRENT ROW)`
    const { checked, problems } = parseViewSync(text, [ALL_TYPES], [feature])
    if (!checked) throw new Error(JSON.stringify(problems))
    await fc.assert(
      fc.asyncProperty(randomEvents(40), async (drawn) => {
        const comparison = await compared({ one: null, two: checked.definition, order, events: asTestEvents(drawn) })
        expect(off(comparison)).toEqual([])
        expect(comparison.features.map((one) => one.against)).toEqual(['plain', 'duckdb', 'plain'])
      }),
      { numRuns: 15, endOnFailure: true },
    )
    const wrongly = await compared({
      one: null,
      two: checked.definition,
      order,
      events: EVENTS,
      tamper: wrong('lines', (right) => `${right} `),
    })
    expect(wrongly.blocking).toEqual(['lines'])
  })
})
