import type { DuckDBConnection } from '@duckdb/node-api'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { checkDefinition } from '../../definition/check-view.ts'
import { AGGREGATE_NAMES } from '../../definition/functions.ts'
import type { ViewDefinition } from '../../definition/model.ts'
import { loadParser } from '../../definition/parse-sql.ts'
import { type SignedName, SIGNATURES } from '../../definition/scalars.ts'
import { ALL_FRAMES, arbitraryView } from '../../definition/testing/arbitrary-view.ts'
import { ALL_TYPES } from '../../definition/testing/streams.ts'
import { runView, valuesByOffset } from '../task/run-view.fixture.ts'
import { duckdbRows, fillTable, openDuckdb, sameValue } from './duckdb.fixture.ts'
import { asNaive, asTestEvents, disorderOf, randomEvents, type RandomEvent } from './events.fixture.ts'
import { naiveRows } from './naive.fixture.ts'

let duckdb: DuckDBConnection
beforeAll(async () => {
  await loadParser()
  duckdb = await openDuckdb()
})

const AMPLE_MS = 1e12
const MONTH = { months: 1, days: 0, ms: 0 }
const LENGTHS = [0, 1, 999, 1000, 90_000, 3_600_000, 86_400_000].map((ms) => ({ months: 0, days: 0, ms }))
// the statistics, which another way of adding up changes in the last digits, are compared on their own: statistics.test.ts
const EXACT = AGGREGATE_NAMES.filter((fn) => !/^(stddev|var_|skewness|kurtosis|entropy|exp_decay|approx)/.test(fn))
// not the maths, whose last digit may differ and decide a comparison
const FUNCTIONS = (Object.keys(SIGNATURES) as SignedName[]).filter(
  (name) => !SIGNATURES[name].takes.some((taken) => taken === 'number') && name !== 'pi',
)
const typesOf = (definition: ViewDefinition): string[] =>
  checkDefinition(definition, [ALL_TYPES]).checked!.featureTypes.map(({ type }) => type)

async function equalsDuckdb(definition: ViewDefinition, events: RandomEvent[]): Promise<void> {
  const run = await runView({ definition, stream: ALL_TYPES, order: 'event_time', outOfOrdernessMs: AMPLE_MS }, asTestEvents(events))
  await fillTable(duckdb, ALL_TYPES, events)
  const expected = await duckdbRows(duckdb, definition, typesOf(definition))
  expect(run.history.rows.length).toBe(expected.size)
  for (const { offset, values } of run.history.rows) {
    values.forEach((value, i) => {
      if (!sameValue(value, expected.get(offset)![i]!))
        expect({ offset, feature: definition.features[i]!.name, value }).toEqual({
          offset,
          feature: definition.features[i]!.name,
          value: expected.get(offset)![i],
        })
    })
  }
}

describe('DESIGN §4: DuckDB is the oracle', () => {
  test('ROWS frames too, with the order of ties said to DuckDB', async () => {
    const views = arbitraryView(ALL_TYPES, {
      keys: [['k']],
      aggregates: ['count', 'sum', 'avg', 'min', 'max', 'bool_or', 'first', 'last', 'arg_max', 'quantile_disc'],
      lengths: LENGTHS,
      hints: false,
      nulls: false,
      functions: FUNCTIONS,
      latestEvent: false,
      filters: false,
      rows: true,
    })
    await fc.assert(
      fc.asyncProperty(views, randomEvents(40), (definition, events) => equalsDuckdb(definition, events)),
      { numRuns: 100 },
    )
  })

  test('event_time order gives the batch result: any view equals DuckDB on random events with NULLs and ties', async () => {
    const views = arbitraryView(ALL_TYPES, {
      keys: [['k'], ['b'], ['k', 'b']],
      aggregates: ['count', 'count_if', 'sum', 'avg', 'min', 'max', 'bool_and', 'bool_or', 'quantile_disc'],
      lengths: [...LENGTHS, MONTH],
      hints: false,
      nulls: false,
      exclude: true,
    })
    await fc.assert(
      fc.asyncProperty(views, randomEvents(40), (definition, drawn) =>
        equalsDuckdb(
          definition,
          drawn.map((event) => ({ ...event, b: definition.key.includes('b') ? (event.b ?? false) : event.b })),
        ),
      ),
      { numRuns: 150 },
    )
  })

  test('arrival order: a row sees what came before it — equals a self-join bounded by position', async () => {
    const windows = fc.record({ startMs: fc.constantFrom(0, 1, 1000, 3_600_000), endMs: fc.constantFrom(0, 0, 0, 1000) })
    await fc.assert(
      fc.asyncProperty(windows, randomEvents(40), async ({ startMs, endMs }, events) => {
        const [far, near] = [Math.max(startMs, endMs), Math.min(startMs, endMs)]
        const definition = checkedView(far, near)
        const run = await runView({ definition, stream: ALL_TYPES, order: 'arrival', allowedLatenessMs: AMPLE_MS }, asTestEvents(events))
        await fillTable(duckdb, ALL_TYPES, events)
        const joined =
          await duckdb.runAndReadAll(`SELECT a.n::DOUBLE, count(b.n)::DOUBLE, sum(b.i)::DOUBLE, count(DISTINCT b.s)::DOUBLE, max(b.d), coalesce(count_if(b.b), 0)::DOUBLE, min(b.m)::DOUBLE, avg(b.i) FILTER (WHERE b.i > 0)
          FROM events a LEFT JOIN events b ON a.k = b.k AND b.n <= a.n AND epoch_ms(b.ts) BETWEEN epoch_ms(a.ts) - ${far} AND epoch_ms(a.ts) - ${near} GROUP BY a.n`)
        const expected = new Map(joined.getRows().map(([n, ...values]) => [Number(n), values]))
        for (const { offset, values } of run.history.rows) {
          values.forEach((value, i) => {
            if (!sameValue(value, expected.get(offset)![i] as never))
              expect({ offset, i, value }).toEqual({ offset, i, value: expected.get(offset)![i] })
          })
        }
        expect(run.history.rows.length).toBe(events.length)
      }),
      { numRuns: 60 },
    )
  })
})

test('four ways to compute agree on the same random views and events: compiled, plain, DuckDB and a naive scan', async () => {
  const views = arbitraryView(ALL_TYPES, {
    keys: [['k']],
    aggregates: ['count', 'count_if', 'sum', 'avg', 'min', 'max'],
    lengths: LENGTHS,
    hints: false,
    nulls: false,
    latestEvent: false,
  })
  let compiled = 0
  await fc.assert(
    fc.asyncProperty(views, randomEvents(40), async (definition, events) => {
      const options = { definition, stream: ALL_TYPES, order: 'event_time' as const, outOfOrdernessMs: AMPLE_MS }
      const fast = await runView({ ...options, road: 'planned' }, asTestEvents(events), [7])
      const plain = await runView({ ...options, road: 'plain' }, asTestEvents(events), [5])
      if (fast.road === 'compiled') compiled++
      await fillTable(duckdb, ALL_TYPES, events)
      const batch = await duckdbRows(duckdb, definition, typesOf(definition))
      const scanned = naiveRows(definition, ALL_TYPES, asNaive(events), 'event_time')
      const ways = { compiled: valuesByOffset(fast.history.rows), plain: valuesByOffset(plain.history.rows) }
      for (const [offset, expected] of scanned.entries())
        for (const [way, values] of Object.entries({
          compiled: ways.compiled.get(`0/${offset}`),
          plain: ways.plain.get(`0/${offset}`),
          duckdb: batch.get(offset),
        }))
          for (const [i, value] of (expected ?? []).entries())
            if (!values || !sameValue(values[i]!, value)) expect({ way, offset, i, value: values?.[i] }).toEqual({ way, offset, i, value })
      expect([ways.compiled.size, ways.plain.size]).toEqual([batch.size, batch.size])
    }),
    { numRuns: 150 },
  )
  expect(compiled).toBeGreaterThan(40)
})

describe('language 17: FILTER stands on every aggregate, and the naive scan is the oracle where DuckDB refuses it', () => {
  for (const order of ['arrival', 'event_time'] as const) {
    test(`${order}: any view (FIRST, LAST, FILTER on them, bare columns, lifetime windows) equals a naive scan`, async () => {
      const views = arbitraryView(ALL_TYPES, {
        keys: [['k']],
        aggregates: EXACT,
        lengths: [...LENGTHS, MONTH],
        hints: false,
        ...ALL_FRAMES,
        collections: true,
        functions: FUNCTIONS,
      })
      await fc.assert(
        fc.asyncProperty(views, randomEvents(30), fc.boolean(), async (definition, events, ample) => {
          // The smallest delay that still takes every event: rows are dropped as early as they may be.
          const neededMs = ample ? AMPLE_MS : disorderOf(events.map(({ ts }) => ts))
          const lateness = order === 'arrival' ? { allowedLatenessMs: neededMs } : { outOfOrdernessMs: neededMs }
          const run = await runView({ definition, stream: ALL_TYPES, order, ...lateness }, asTestEvents(events), [3])
          const expected = naiveRows(definition, ALL_TYPES, asNaive(events), order)
          const found = valuesByOffset(run.history.rows)
          expected.forEach((values, offset) => expect(found.get(`0/${offset}`) ?? null, `row ${offset}`).toEqual(values))
          expect(run.source.counts.late).toBe(0)
        }),
        { numRuns: 150 },
      )
    })
  }
})

function checkedView(farMs: number, nearMs: number): ViewDefinition {
  const field = (name: string) => ({ kind: 'field' as const, name })
  const over = (fn: 'count' | 'sum' | 'max' | 'min' | 'avg' | 'count_if', name: string, more: object = {}) => ({
    kind: 'aggregate' as const,
    fn,
    args: [field(name)],
    window: 'w',
    ...more,
  })
  const bound = (ms: number) =>
    ms === 0 ? { kind: 'current' as const } : { kind: 'preceding' as const, interval: { months: 0, days: 0, ms } }
  const positive = {
    kind: 'binary' as const,
    op: '>' as const,
    left: field('i'),
    right: { kind: 'literal' as const, type: 'int' as const, value: 0 },
  }
  const exprs = [
    over('count', 'n'),
    over('sum', 'i'),
    over('count', 's', { distinct: true }),
    over('max', 'd'),
    over('count_if', 'b'),
    over('min', 'm'),
    over('avg', 'i', { filter: positive }),
  ]
  return {
    stream: 'events',
    key: ['k'],
    windows: [{ name: 'w', mode: 'range', start: bound(farMs), end: bound(nearMs) }],
    features: exprs.map((expr, i) => ({ name: `f${i}`, expr })),
    hints: {},
  }
}
