/** Aggregates beyond the simple ones, each as a feature of its own: equal to DuckDB (event_time order) and to a naive scan in two passes. */
import type { DuckDBConnection } from '@duckdb/node-api'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { checkDefinition } from '../../definition/check-view.ts'
import { AGGREGATE_NAMES } from '../../definition/functions.ts'
import type { AggregateName, ViewDefinition } from '../../definition/model.ts'
import { loadParser, parseViewSync } from '../../definition/parse-sql.ts'
import { ALL_TYPES } from '../../definition/testing/streams.ts'
import { runView, valuesByOffset } from '../task/run-view.fixture.ts'
import { compileEvaluator } from '../compile/evaluator.ts'
import { planView } from '../plan/plan.ts'
import { decodeGroup, encodeGroup } from './codec.ts'
import { KeyRows } from './key-rows.ts'
import { duckdbRows, fillTable, openDuckdb, sameValue } from './duckdb.fixture.ts'
import { asNaive, asTestEvents, randomEvents, START_MS } from './events.fixture.ts'
import { naiveRows } from './naive.fixture.ts'

let duckdb: DuckDBConnection
beforeAll(async () => {
  await loadParser()
  duckdb = await openDuckdb()
})

const AMPLE_MS = 1e12
const NUMBERS = ['i', 'd', 'm', 'n']
const ANYTHING = [...NUMBERS, 's', 'b', 't']
const FILTERS = ['', ' FILTER (WHERE i > 0)', ' FILTER (WHERE b)', " FILTER (WHERE s <> 'a')"]

function call(fn: AggregateName, field: string, other: string, fraction: string): string {
  const name = fn.toUpperCase()
  if (fn === 'bool_and' || fn === 'bool_or') return `${name}(${['b', 'i > 0', "s = 'a'"][field.charCodeAt(0) % 3]})`
  if (fn === 'arg_min' || fn === 'arg_max') return `${name}(${field}, ${other})`
  if (fn === 'time_since_last') return `${name}()`
  if (fn === 'lag') return `${name}(${field}, ${1 + (other.charCodeAt(0) % 4)})`
  if (fn === 'quantile_disc') return `${name}(${field}, ${fraction})`
  if (fn === 'mode' || fn === 'entropy') return `${name}(${field})`
  const number = NUMBERS[field.charCodeAt(0) % NUMBERS.length]!
  if (fn === 'exp_decay_sum')
    return `${name}(${number}, INTERVAL '${1 + (other.charCodeAt(0) % 3)}' ${['SECOND', 'HOUR', 'DAY'][fraction.length % 3]})`
  return fn === 'quantile_cont' ? `${name}(${number}, ${fraction})` : `${name}(${number})`
}

const viewsOf = (fns: readonly AggregateName[]): fc.Arbitrary<ViewDefinition> =>
  fc
    .record({
      features: fc.array(
        fc.record({
          fn: fc.constantFrom(...fns),
          field: fc.constantFrom(...ANYTHING),
          other: fc.constantFrom(...ANYTHING),
          fraction: fc.constantFrom('0', '0.05', '0.5', '0.9', '1.0'),
          filter: fc.constantFrom(...FILTERS),
        }),
        { minLength: 1, maxLength: 6 },
      ),
      far: fc.constantFrom('UNBOUNDED', "INTERVAL '1' SECOND", "INTERVAL '90 seconds'", "INTERVAL '1' HOUR", "INTERVAL '2' DAY"),
      near: fc.constantFrom('CURRENT ROW', 'CURRENT ROW', "INTERVAL '1' SECOND PRECEDING"),
    })
    .map(({ features, far, near }) => {
      const columns = features.map(
        ({ fn, field, other, fraction, filter }, i) => `${call(fn, field, other, fraction)}${filter} OVER w AS f${i}`,
      )
      return viewOf(columns.join(', '), `RANGE BETWEEN ${far} PRECEDING AND ${near}`)
    })

function viewOf(columns: string, frame: string): ViewDefinition {
  const { checked, problems } = parseViewSync(`SELECT ${columns} FROM events WINDOW w AS (PARTITION BY k ORDER BY ts ${frame})`, [
    ALL_TYPES,
  ])
  if (!checked) throw new Error(JSON.stringify(problems))
  return checked.definition
}

const BEYOND = AGGREGATE_NAMES.slice(AGGREGATE_NAMES.indexOf('bool_and'), AGGREGATE_NAMES.indexOf('list')) // lists: collections.test.ts
// Ties have no order in DuckDB's windows; its skewness and kurtosis lose digits.
const IN_DUCKDB = BEYOND.filter((fn) => !/^(mode|arg_|skewness|kurtosis|lag|time_since|exp_decay)/.test(fn))

test(`event_time order equals DuckDB: ${IN_DUCKDB.join(', ')}`, async () => {
  await fc.assert(
    fc.asyncProperty(viewsOf(IN_DUCKDB), randomEvents(40), async (definition, events) => {
      const run = await runView({ definition, stream: ALL_TYPES, order: 'event_time', outOfOrdernessMs: AMPLE_MS }, asTestEvents(events))
      await fillTable(duckdb, ALL_TYPES, events)
      const types = checkDefinition(definition, [ALL_TYPES]).checked!.featureTypes.map(({ type }) => type)
      const expected = await duckdbRows(duckdb, definition, types)
      expect(run.history.rows.length).toBe(events.length)
      for (const { offset, values } of run.history.rows) compare(values, expected.get(offset)!, offset)
    }),
    { numRuns: 120 },
  )
})

test('LAG, TIME_SINCE_LAST and EXP_DECAY_SUM equal what DuckDB says when its ties have an order', async () => {
  const definition = viewOf(
    `LAG(i) OVER w AS f0, LAG(s, 3) OVER w AS f1, TIME_SINCE_LAST() OVER w AS f2, EXP_DECAY_SUM(d, INTERVAL '10' SECOND) OVER w AS f3,
     EXP_DECAY_SUM(m, INTERVAL '1' DAY) FILTER (WHERE b) OVER w AS f4, LAG(i, 2) FILTER (WHERE b) OVER w AS f5`,
    "RANGE INTERVAL '90 seconds' PRECEDING",
  )
  await fc.assert(
    fc.asyncProperty(randomEvents(40), async (events) => {
      const run = await runView({ definition, stream: ALL_TYPES, order: 'event_time', outOfOrdernessMs: 4000 }, asTestEvents(events))
      await fillTable(duckdb, ALL_TYPES, events)
      const decayed = (value: string, halfLifeMs: number, filter = '') =>
        `(SELECT sum(${value}::DOUBLE * pow(2, (epoch_ms(o.ts) - epoch_ms(e.ts)) / ${halfLifeMs})) FROM events o
          WHERE o.k = e.k AND epoch_ms(o.ts) BETWEEN epoch_ms(e.ts) - 90000 AND epoch_ms(e.ts) ${filter})`
      const result = await duckdb.runAndReadAll(`SELECT n::DOUBLE, lag(i) OVER p::DOUBLE, lag(s, 3) OVER p,
        (epoch_ms(ts) - epoch_ms(lag(ts) OVER p))::DOUBLE, ${decayed('o.d', 10_000)}, ${decayed('o.m', 86_400_000, 'AND o.b')},
        (SELECT o.i FROM events o WHERE o.k = e.k AND (o.ts, o.n) < (e.ts, e.n) AND o.b ORDER BY o.ts DESC, o.n DESC LIMIT 1 OFFSET 1)::DOUBLE
        FROM events e WINDOW p AS (PARTITION BY k ORDER BY ts, n)`)
      const expected = new Map(result.getRows().map(([n, ...values]) => [Number(n), values]))
      for (const { offset, values } of run.history.rows) compare(values, expected.get(offset)!, offset)
      expect(run.history.rows.length).toBe(events.length)
    }),
    { numRuns: 80 },
  )
})

describe('a naive scan in two passes', () => {
  for (const order of ['arrival', 'event_time'] as const) {
    test(`${order}: every aggregate, rows dropped as early as they may be`, async () => {
      await fc.assert(
        fc.asyncProperty(viewsOf(BEYOND), randomEvents(40), async (definition, events) => {
          const lateness = order === 'arrival' ? { allowedLatenessMs: 4000 } : { outOfOrdernessMs: 4000 }
          const run = await runView({ definition, stream: ALL_TYPES, order, ...lateness }, asTestEvents(events), [3])
          const expected = naiveRows(definition, ALL_TYPES, asNaive(events), order)
          const found = valuesByOffset(run.history.rows)
          expect(run.source.counts.late).toBe(0)
          expected.forEach((values, offset) => compare(found.get(`0/${offset}`)!, values!, offset))
        }),
        { numRuns: 150 },
      )
    })
  }
})

function compare(values: readonly unknown[], expected: readonly unknown[], offset: number): void {
  values.forEach((value, i) => {
    if (!sameValue(value as never, expected[i] as never)) expect({ offset, i, value }).toEqual({ offset, i, value: expected[i] })
  })
}

const events = (values: (number | null)[], more: object[] = []) =>
  values.map((i, n) => ({ value: { ts: START_MS + n, k: 'x', n, i, d: null, m: null, s: null, b: null, t: null, ...more[n] } }))
async function lastOf(columns: string, values: (number | null)[], more: object[] = []) {
  const definition = viewOf(columns, 'RANGE UNBOUNDED PRECEDING')
  const run = await runView({ definition, stream: ALL_TYPES, order: 'event_time', outOfOrdernessMs: 0 }, events(values, more))
  return run.history.rows.at(-1)!.values
}

test('what dropped rows contributed survives a snapshot', () => {
  const definition = viewOf(BEYOND.map((fn, i) => `${call(fn, 'd', 's', '0.5')} OVER w AS f${i}`).join(', '), 'RANGE UNBOUNDED PRECEDING')
  const { plan, aggregates } = compileEvaluator(planView(definition, ALL_TYPES))
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.option(fc.double({ noNaN: true, noDefaultInfinity: true })), fc.option(fc.string())), { maxLength: 20 }),
      (drawn) => {
        const rows = new KeyRows('x', 0, plan.columns.length)
        rows.bases = aggregates.map((aggregate) => aggregate.newBase())
        for (const [d, s] of drawn)
          for (const [a, aggregate] of aggregates.entries())
            aggregate.absorb(rows.bases[a]!, aggregate.type === 'boolean' ? d !== null && d > 0 : d === null ? null : d + 0, s, s !== 'a')
        const { keys } = decodeGroup(0, encodeGroup([rows], []))
        expect(plain(keys[0]!.bases)).toEqual(plain(rows.bases))
      },
    ),
  )
})
// the sign of zero is lost, and means nothing
const plain = (bases: unknown) =>
  JSON.parse(
    JSON.stringify(bases, (_key, value) =>
      value instanceof Map || value instanceof Set
        ? [...value]
        : typeof value === 'bigint' || (typeof value === 'number' && !Number.isFinite(value))
          ? String(value)
          : value,
    ),
  )

describe('language 14–16: decided meanings', () => {
  test('language 15: large means do not spoil kurtosis: of 100000, 100000, 100001, 100000 it is 4', async () => {
    const [kurtosis, skewness] = await lastOf('KURTOSIS(i) OVER w AS f0, SKEWNESS(i) OVER w AS f1', [100_000, 100_000, 100_001, 100_000])
    expect(kurtosis).toBeCloseTo(4, 9)
    expect(skewness).toBeCloseTo(2, 9)
  })

  test('language 15: STDDEV and VARIANCE are of the sample: one value has none, all equal have 0; no skewness without spread', async () => {
    const columns =
      'STDDEV(i) OVER w AS f0, VARIANCE(i) OVER w AS f1, VAR_POP(i) OVER w AS f2, KURTOSIS(i) OVER w AS f3, SKEWNESS(i) OVER w AS f4'
    expect(await lastOf(columns, [7])).toEqual([null, null, 0, null, null])
    expect(await lastOf(columns, [7, 7, 7, 7])).toEqual([0, 0, 0, null, null])
  })

  test('language 14: of nothing, ENTROPY is 0 and the others NULL', async () => {
    const columns = BEYOND.map((fn, i) => `${call(fn, 'd', 's', '0.5')} OVER w AS f${i}`).join(', ')
    expect(await lastOf(columns, [null])).toEqual(BEYOND.map((fn) => (fn === 'entropy' ? 0 : null)))
  })

  test('language 14: ARG_MAX and ARG_MIN skip rows where either is NULL; of equals the first row', async () => {
    const columns = 'ARG_MAX(s, i) OVER w AS f0, ARG_MIN(s, i) OVER w AS f1'
    expect(await lastOf(columns, [9, 5, 5, 1, null], [{}, { s: 'a' }, { s: 'b' }, { s: 'c' }, { s: 'd' }])).toEqual(['a', 'c'])
  })

  test('language 16: QUANTILE is discrete, MEDIAN and QUANTILE_CONT interpolate; MODE of a tie is what came first', async () => {
    const columns = 'QUANTILE(i, 0.5) OVER w AS f0, MEDIAN(i) OVER w AS f1, QUANTILE_CONT(i, 0.25) OVER w AS f2, MODE(i) OVER w AS f3'
    expect(await lastOf(columns, [3, 1, 2, null, 8, 1, 3])).toEqual([2, 2.5, 1.25, 3])
  })

  test('language 4: LAG ignores the frame, and sees rows that are long gone from it', async () => {
    const definition = viewOf('LAG(i, 2) OVER w AS f0, TIME_SINCE_LAST() OVER w AS f1', "RANGE INTERVAL '1' SECOND PRECEDING")
    const day = 86_400_000
    const drawn = events([1, 2, 3, 4, 5]).map(({ value }, n) => ({ value: { ...value, ts: START_MS + n * day } }))
    const run = await runView({ definition, stream: ALL_TYPES, order: 'arrival', allowedLatenessMs: 0 }, drawn, [1, 2])
    expect(run.history.rows.map(({ values }) => values)).toEqual([
      [null, null],
      [null, day],
      [1, day],
      [2, day],
      [3, day],
    ])
  })

  test('language 16: EXP_DECAY_SUM halves in a half-life', async () => {
    const day = 86_400_000
    const definition = viewOf("EXP_DECAY_SUM(i, INTERVAL '1' DAY) OVER w AS f0", 'RANGE UNBOUNDED PRECEDING')
    const drawn = events([8, 2, null]).map(({ value }, n) => ({ value: { ...value, ts: START_MS + n * day } }))
    const run = await runView({ definition, stream: ALL_TYPES, order: 'arrival', allowedLatenessMs: 0 }, drawn)
    expect(run.history.rows.map(({ values }) => values[0])).toEqual([8, 6, 3])
  })

  test('ENTROPY is in bits', async () => {
    expect(await lastOf('ENTROPY(i) OVER w AS f0', [1, 2, 3, 4, null])).toEqual([2])
  })
})
