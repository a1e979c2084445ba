/** ROWS, EXCLUDE, MAX_ROWS and PRECISION: what is kept for them, what a read at an instant shows, and that a restore changes nothing. */
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import type { ViewDefinition } from '../../definition/model.ts'
import { loadParser, parseViewSync } from '../../definition/parse-sql.ts'
import { AGGREGATE_NAMES } from '../../definition/functions.ts'
import { ALL_FRAMES, arbitraryView } from '../../definition/testing/arbitrary-view.ts'
import { ALL_TYPES } from '../../definition/testing/streams.ts'
import { type RunOptions, runView, TestRun } from '../task/run-view.fixture.ts'
import { asNaive, asTestEvents, disorderOf, randomEvents, START_MS } from './events.fixture.ts'
import { KEY_GROUPS, keyGroupOf } from './hash.ts'
import { naiveRead } from './naive.fixture.ts'
import { sameValue } from './duckdb.fixture.ts'

beforeAll(loadParser)

const LENGTHS = [0, 1, 999, 1000, 90_000, 3_600_000, 86_400_000].map((ms) => ({ months: 0, days: 0, ms }))
const MONTH = { months: 1, days: 0, ms: 0 }
const views = arbitraryView(ALL_TYPES, {
  ...ALL_FRAMES,
  keys: [['k']],
  lengths: [...LENGTHS, MONTH],
  hints: false,
  maxFeatures: 4,
  collections: true,
  aggregates: AGGREGATE_NAMES.filter((fn) => fn !== 'approx_quantile'), // within 1 % of the naive one: collections.test.ts
})
const KEY = ALL_TYPES.fields.findIndex(({ name }) => name === 'k')
const orders = fc.constantFrom('arrival' as const, 'event_time' as const)

/** The least that still takes every event: rows go as early as they may. */
function tightly(order: 'arrival' | 'event_time', events: readonly { ts: number }[]): Partial<RunOptions> {
  const neededMs = disorderOf(events.map(({ ts }) => ts))
  return { order, ...(order === 'arrival' ? { allowedLatenessMs: neededMs } : { outOfOrdernessMs: neededMs }) }
}

function definitionOf(select: string, windows: string, hint = ''): ViewDefinition {
  const { checked, problems } = parseViewSync(`SELECT ${hint} ${select} FROM events WINDOW ${windows}`, [ALL_TYPES])
  if (!checked) throw new Error(JSON.stringify(problems))
  return checked.definition
}

describe('DESIGN §5.8: a read is a question at an instant', () => {
  test('any window: the newest row at that instant stands as the current one, and time alone moves the rest', async () => {
    await fc.assert(
      fc.asyncProperty(
        views,
        randomEvents(30),
        orders,
        fc.array(fc.nat(100_000_000), { maxLength: 6 }),
        async (definition, events, order, ages) => {
          const run = await runView({ definition, stream: ALL_TYPES, ...tightly(order, events) }, asTestEvents(events), [3])
          const [operator] = run.operators
          const newestMs = operator!.maxEventTimeMs()
          for (let i = 0; i < 200; i++) operator!.expire(KEY_GROUPS)
          const fromMs = Math.max(operator!.readableFromMs(), newestMs - 100_000_000)
          const naive = asNaive(events)
          for (const atMs of [newestMs, fromMs, ...ages.flatMap((age) => [newestMs + age, Math.max(fromMs, newestMs - age)])])
            for (const event of [naive.find(({ fields }) => fields[KEY] === 'x'), naive.find(({ fields }) => fields[KEY] === 'y')]) {
              if (!event) continue
              const key = JSON.stringify([event.fields[KEY]])
              const expected = naiveRead(definition, ALL_TYPES, naive, event, atMs)
              const { values } = operator!.read(key, atMs, keyGroupOf(key))
              values.forEach((value, f) => {
                if (!sameValue(value, expected[f]!)) expect({ atMs, key, f, value }).toEqual({ atMs, key, f, value: expected[f] })
              })
            }
        },
      ),
      { numRuns: 150 },
    )
  })

  test('a stored row is right until validUntil: the read of any moment before equals it, and the decayed row the read of its own', async () => {
    await fc.assert(
      fc.asyncProperty(views, randomEvents(20), orders, async (definition, events, order) => {
        fc.pre(!JSON.stringify(definition).includes('exp_decay_sum'))
        const run = await runView({ definition, stream: ALL_TYPES, ...tightly(order, events) }, asTestEvents(events), [4])
        const [operator] = run.operators
        const laterMs = operator!.maxEventTimeMs() + 200_000_000
        for (let step = 0; step < 200; step++) {
          const nextMs = operator!.nextDecayMs()
          for (const [key, row] of run.online.byKey) {
            const momentMs = row.version[0] + row.version[2]
            const moments = [momentMs, ...(row.validUntilMs === null ? [laterMs] : [row.validUntilMs - 1])]
            for (const atMs of moments)
              if (atMs >= operator!.readableFromMs())
                expect(operator!.read(key, atMs, keyGroupOf(key)).values, `${key} at ${atMs}`).toEqual(row.values)
          }
          if (nextMs === null || nextMs > laterMs) break
          while (!run.pipeline.decay(nextMs)) await run.pipeline.drain()
          await run.pipeline.drain()
        }
      }),
      { numRuns: 60 },
    )
  })
})

test('semantics 24: no row, version or moment of validity depends on how early old rows go', async () => {
  const single = arbitraryView(ALL_TYPES, { ...ALL_FRAMES, keys: [['k']], lengths: LENGTHS, hints: false, maxWindows: 1, maxFeatures: 2 })
  await fc.assert(
    fc.asyncProperty(single, randomEvents(25), orders, async (definition, events, order) => {
      const outcome = async (expiring: boolean) => {
        const run = new TestRun({ definition, stream: ALL_TYPES, ...tightly(order, events) }).open()
        for (const event of asTestEvents(events)) {
          await run.feed([event])
          if (expiring) run.operators[0]!.expire(2 * KEY_GROUPS)
        }
        await run.end()
        const [operator] = run.operators
        if (expiring) operator!.expire(2 * KEY_GROUPS)
        while (!run.pipeline.decay(operator!.maxEventTimeMs())) await run.pipeline.drain()
        await run.pipeline.drain()
        const keys = [...run.online.byKey.keys()].sort()
        const reads = keys.map((key) => operator!.read(key, operator!.maxEventTimeMs() + 90_000, keyGroupOf(key)))
        return { rows: run.history.rows, online: keys.map((key) => run.online.byKey.get(key)), reads }
      }
      expect(await outcome(true)).toEqual(await outcome(false))
    }),
    { numRuns: 150 },
  )
})

describe('language 10: rows are kept by count where a window counts them', () => {
  const seconds = (count: number) => Array.from({ length: count }, (_, i) => ({ value: { ts: START_MS + i * 1000, k: 'x', n: i, i } }))
  const keptRows = async (definition: ViewDefinition, count = 200): Promise<number> => {
    const run = await runView({ definition, stream: ALL_TYPES, allowedLatenessMs: 0 }, seconds(count))
    const [operator] = run.operators
    for (let i = 0; i < 200; i++) operator!.expire(KEY_GROUPS)
    return JSON.parse(Buffer.from(operator!.snapshotKeyGroup(keyGroupOf('["x"]'))!).toString('utf8')).keys[0].t.length
  }
  const rows = (frame: string) => `w AS (PARTITION BY k ORDER BY ts ${frame})`

  test.each([
    ['the newest ten, and one before the horizon', rows('ROWS 9 PRECEDING'), '', 11],
    ['an open start leaves the rest to its base', rows('ROWS BETWEEN UNBOUNDED PRECEDING AND 3 PRECEDING'), '', 5],
    ['a row cap over all time', rows('RANGE UNBOUNDED PRECEDING'), '/*+ MAX_ROWS(w, 5) */', 6],
    ['a row cap within an hour', rows("RANGE INTERVAL '1' HOUR PRECEDING"), '/*+ MAX_ROWS(w, 5) */', 6],
    ['a time shorter than the cap', rows("RANGE INTERVAL '3' SECOND PRECEDING"), '/*+ MAX_ROWS(w, 100) */', 4],
  ])('%s', async (_what, windows, hint, expected) => {
    const definition = definitionOf('SUM(i) OVER w AS total', windows, hint)
    expect(await keptRows(definition)).toBe(expected)
  })

  test.each([
    ['CURRENT ROW', 10],
    ['GROUP', 0],
    ['TIES', 9],
  ])('all time but what EXCLUDE %s leaves out: a quiet key keeps its newest millisecond', async (excluded, expected) => {
    const definition = definitionOf('SUM(i) OVER w AS total', rows(`RANGE UNBOUNDED PRECEDING EXCLUDE ${excluded}`))
    const quiet = [1, 9].map((i) => ({ value: { ts: START_MS, k: 'x', n: i, i: i === 1 ? 10 : 9 } }))
    const other = { value: { ts: START_MS + 3_600_000, k: 'y', n: 3, i: 1 } }
    const run = await runView({ definition, stream: ALL_TYPES, order: 'event_time' }, [...quiet, other])
    run.operators[0]!.expire(2 * KEY_GROUPS)
    expect(run.operators[0]!.read('["x"]', START_MS + 3_600_000, keyGroupOf('["x"]')).values).toEqual([expected || null])
  })

  test('a read before the horizon is refused as soon as rows went', async () => {
    const definition = definitionOf('SUM(i) OVER w AS total', rows('ROWS 2 PRECEDING'))
    const run = await runView({ definition, stream: ALL_TYPES, allowedLatenessMs: 0 }, seconds(50))
    expect(run.operators[0]!.readableFromMs()).toBe(Number.NEGATIVE_INFINITY)
    run.operators[0]!.expire(2 * KEY_GROUPS)
    expect(run.operators[0]!.readableFromMs()).toBeGreaterThan(START_MS + 40_000)
  })
})

test('semantics 1: a restore half-way gives the rows that an undisturbed run gives', async () => {
  await fc.assert(
    fc.asyncProperty(views, randomEvents(30), orders, fc.nat(30), async (definition, events, order, at) => {
      const options: RunOptions = { definition, stream: ALL_TYPES, ...tightly(order, events) }
      const all = asTestEvents(events)
      const cut = at % (all.length + 1)
      const whole = await runView(options, all, [1])
      const first = new TestRun(options).open()
      for (const event of all.slice(0, cut)) await first.feed([event])
      const second = new TestRun(options)
      for (let group = 0; group < KEY_GROUPS; group++) {
        const bytes = first.operators[0]!.snapshotKeyGroup(group)
        if (bytes) second.operators[0]!.restoreKeyGroup(group, bytes)
      }
      second.operators[0]!.restoreOperator(first.operators[0]!.snapshotOperator())
      second.source.open(first.source.snapshot(), 0)
      second.continueAt(0, cut)
      for (const event of all.slice(cut)) await second.feed([event])
      await second.end()
      expect([...first.history.rows, ...second.history.rows]).toEqual(whole.history.rows)
    }),
    { numRuns: 80 },
  )
})
