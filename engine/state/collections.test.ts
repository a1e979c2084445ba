/** Lists, maps and sketches as features: equal to DuckDB where it says the same, to a naive scan everywhere, sketches within their error. */
import type { DuckDBConnection } from '@duckdb/node-api'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { checkDefinition } from '../../definition/check-view.ts'
import type { ViewDefinition } from '../../definition/model.ts'
import { loadParser, parseViewSync } from '../../definition/parse-sql.ts'
import { ALL_TYPES } from '../../definition/testing/streams.ts'
import { compileEvaluator } from '../compile/evaluator.ts'
import { planView } from '../plan/plan.ts'
import type { Value } from '../sink/port.ts'
import { runView, valuesByOffset } from '../task/run-view.fixture.ts'
import { decodeGroup, encodeGroup } from './codec.ts'
import { duckdbRows, fillTable, openDuckdb, sameValue } from './duckdb.fixture.ts'
import { asNaive, asTestEvents, type RandomEvent, randomEvents, START_MS } from './events.fixture.ts'
import { KeyRows } from './key-rows.ts'
import { naiveRows } from './naive.fixture.ts'

let duckdb: DuckDBConnection
beforeAll(async () => {
  await loadParser()
  duckdb = await openDuckdb()
})

const AMPLE_MS = 1e12
const ANYTHING = ['i', 'd', 'm', 'n', 's', 'b', 't'] as const
const NUMBERS = ['i', 'd', 'm', 'n'] as const

function viewOf(columns: readonly string[], frame: string): ViewDefinition {
  const { checked, problems } = parseViewSync(
    `SELECT ${columns.map((column, i) => `${column} OVER w AS f${i}`).join(', ')} FROM events WINDOW w AS (PARTITION BY k ORDER BY ts ${frame})`,
    [ALL_TYPES],
  )
  if (!checked) throw new Error(JSON.stringify(problems))
  return checked.definition
}

const calls = (forms: readonly ((x: string, number: string, k: number) => string)[]) =>
  fc
    .record({
      form: fc.constantFrom(...forms),
      x: fc.constantFrom(...ANYTHING),
      number: fc.constantFrom(...NUMBERS),
      k: fc.integer({ min: 1, max: 4 }),
      filter: fc.constantFrom('', '', ' FILTER (WHERE i > 0)', " FILTER (WHERE s <> 'a')"),
    })
    .map(({ form, x, number, k, filter }) => form(x, number, k) + filter)

const framesOf = (bounded: boolean) =>
  fc
    .record({
      far: fc.constantFrom(...(bounded ? [] : ['UNBOUNDED']), "INTERVAL '1' SECOND", "INTERVAL '90 seconds'", "INTERVAL '2' DAY"),
      near: fc.constantFrom('CURRENT ROW', 'CURRENT ROW', "INTERVAL '1' SECOND PRECEDING"),
    })
    .map(({ far, near }) => `RANGE BETWEEN ${far} PRECEDING AND ${near}`)

const viewsOf = (forms: Parameters<typeof calls>[0], bounded = false) =>
  fc.tuple(fc.array(calls(forms), { minLength: 1, maxLength: 5 }), framesOf(bounded)).map(([columns, frame]) => viewOf(columns, frame))

/** Those that say the same in DuckDB when no two events of a key share their millisecond. */
const IN_DUCKDB: Parameters<typeof calls>[0] = [
  (x) => `LIST(${x})`,
  (x, _number, k) => `MAX(${x}, ${k})`,
  (x, _number, k) => `MIN(${x}, ${k})`,
  (x, _number, k) => `MAX(DISTINCT ${x}, ${k})`,
  (x, _number, k) => `ARG_MAX(${x}, ts, ${k})`,
  (x, _number, k) => `ARG_MIN(${x}, n, ${k})`,
  (x) => `HISTOGRAM(${x})`,
  (_x, number) => `SUM(DISTINCT ${number})`,
  (_x, number) => `AVG(DISTINCT ${number})`,
  (_x, number) => `MEDIAN(DISTINCT ${number})`,
  (_x, number) => `STDDEV(DISTINCT ${number})`,
]
const OPEN: Parameters<typeof calls>[0] = [
  ...IN_DUCKDB.slice(1),
  (x) => `LIST(DISTINCT ${x})`,
  (x, number, k) => `ARG_MAX(${x}, ${number}, ${k})`,
  (x, number, k) => `ARG_MIN(${x}, ${number}, ${k})`,
  (x) => `APPROX_COUNT_DISTINCT(${x})`,
]

/** Without ties, and numbered anew. */
const untied = (events: readonly RandomEvent[]): RandomEvent[] => {
  const times = new Set<number>()
  return events.filter(({ ts }) => !times.has(ts) && times.add(ts)).map((event, n) => ({ ...event, n }))
}

test('event_time order equals DuckDB: lists, the k largest and smallest, histograms, aggregates of distinct values', async () => {
  await fc.assert(
    fc.asyncProperty(viewsOf(IN_DUCKDB, true), randomEvents(40).map(untied), async (definition, events) => {
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

describe('a naive scan', () => {
  for (const order of ['arrival', 'event_time'] as const) {
    test(`${order}: with ties and open windows, rows dropped as early as they may be`, async () => {
      await fc.assert(
        fc.asyncProperty(fc.oneof(viewsOf(OPEN), viewsOf([...OPEN, IN_DUCKDB[0]!], true)), randomEvents(40), async (definition, events) => {
          const lateness = order === 'arrival' ? { allowedLatenessMs: 4000 } : { outOfOrdernessMs: 4000 }
          const run = await runView({ definition, stream: ALL_TYPES, order, ...lateness }, asTestEvents(events), [3])
          const expected = naiveRows(definition, ALL_TYPES, asNaive(events), order)
          const found = valuesByOffset(run.history.rows)
          expect(run.source.counts.late).toBe(0)
          expected.forEach((values, offset) => compare(found.get(`0/${offset}`)!, values!, offset))
        }),
        { numRuns: 120 },
      )
    })
  }

  test('16: APPROX_QUANTILE is within 1 % of QUANTILE_DISC, in open windows too', async () => {
    const quantiles = fc
      .tuple(fc.constantFrom(...NUMBERS), fc.constantFrom('0', '0.05', '0.5', '0.9', '1.0'), framesOf(false))
      .map(([x, q, frame]) => viewOf([`APPROX_QUANTILE(${x}, ${q})`, `QUANTILE_DISC(${x}, ${q})`], frame))
    await fc.assert(
      fc.asyncProperty(quantiles, randomEvents(40), async (definition, events) => {
        const run = await runView({ definition, stream: ALL_TYPES, order: 'arrival', allowedLatenessMs: 4000 }, asTestEvents(events), [3])
        for (const { values } of run.history.rows) {
          const [about, exact] = values as [number | null, number | null]
          if (about === null || exact === null) expect(about).toBe(exact)
          else expect(Math.abs(about - exact)).toBeLessThanOrEqual(Math.abs(exact) * 0.01 * (1 + 1e-9))
        }
      }),
      { numRuns: 80 },
    )
  })

  test('APPROX_COUNT_DISTINCT of 50,000 values in an open window is within 20 %', async () => {
    const definition = viewOf(['APPROX_COUNT_DISTINCT(n)', 'APPROX_COUNT_DISTINCT(i)', 'COUNT(*)'], 'RANGE UNBOUNDED PRECEDING')
    const { plan, aggregates } = compileEvaluator(planView(definition, ALL_TYPES))
    const base = aggregates[0]!.newBase()
    for (let n = 0; n < 50_000; n++) aggregates[0]!.absorb(base, n, null, true)
    expect(plan.aggregates[0]!.expr.fn).toBe('approx_count_distinct')
    const value = Number(aggregates[0]!.evaluate([50_001, 50_002, 3], undefined, 0, 3, base))
    expect(Math.abs(value / 50_002 - 1)).toBeLessThan(0.2)
    expect(base.sketch!.length).toBeLessThanOrEqual(258)
  })
})

test('what dropped rows contributed survives a snapshot, and is not changed by being asked', () => {
  const columns = OPEN.map((form) => form('d', 'd', 2)).concat('APPROX_QUANTILE(d, 0.5)')
  const { plan, aggregates } = compileEvaluator(planView(viewOf(columns, 'RANGE UNBOUNDED PRECEDING'), ALL_TYPES))
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.option(fc.double({ noNaN: true, noDefaultInfinity: true })), fc.integer()), { maxLength: 20 }),
      (drawn) => {
        const rows = new KeyRows('x', 0, plan.columns.length)
        rows.bases = aggregates.map((aggregate) => aggregate.newBase())
        for (const [d, by] of drawn)
          for (const [a, aggregate] of aggregates.entries()) aggregate.absorb(rows.bases[a]!, d === null ? null : d + 0, by, true)
        const { keys } = decodeGroup(0, encodeGroup([rows], []))
        const answers = (bases: (typeof rows)['bases']) =>
          aggregates.map((aggregate, a) => aggregate.evaluate([1.5], undefined, 0, 1, bases?.[a] ?? null, [7]))
        expect(answers(keys[0]!.bases)).toEqual(answers(rows.bases))
        expect(answers(rows.bases)).toEqual(answers(rows.bases))
      },
    ),
  )
})

const compare = (values: readonly Value[], expected: readonly Value[], offset: number): void =>
  values.forEach((value, i) => {
    if (!sameValue(value, expected[i]!)) expect({ offset, i, value }).toEqual({ offset, i, value: expected[i] })
  })

describe('language.md 14, 16: decided meanings', () => {
  async function lastOf(columns: readonly string[], drawn: readonly object[], frame = "RANGE INTERVAL '1' HOUR PRECEDING") {
    const events = drawn.map((event, n) => ({
      value: { ts: START_MS + n, k: 'x', n, i: null, d: null, m: null, s: null, b: null, t: null, ...event },
    }))
    const run = await runView({ definition: viewOf(columns, frame), stream: ALL_TYPES, order: 'event_time', outOfOrdernessMs: 0 }, events)
    return run.history.rows.at(-1)!.values
  }

  test('14: of nothing, APPROX_COUNT_DISTINCT is 0, lists, maps and APPROX_QUANTILE are NULL', async () => {
    const none = ' FILTER (WHERE n < 0)'
    const columns = [
      'LIST(i)',
      'LIST(DISTINCT i)',
      'MAX(i, 2)',
      'ARG_MIN(i, n, 2)',
      'HISTOGRAM(i)',
      'APPROX_QUANTILE(i, 0.5)',
      'APPROX_COUNT_DISTINCT(i)',
    ]
    expect(
      await lastOf(
        columns.map((call) => call + none),
        [{ i: 1 }],
      ),
    ).toEqual([null, null, null, null, null, null, 0])
  })

  test('14: LIST keeps NULL, a list of distinct values once; the others do not count it', async () => {
    const columns = ['LIST(i)', 'LIST(DISTINCT i)', 'MAX(i, 9)', 'ARG_MAX(i, n, 9)', 'HISTOGRAM(i)', 'APPROX_COUNT_DISTINCT(i)']
    expect(await lastOf(columns, [{ i: 2 }, {}, { i: 1 }, { i: 2 }, {}])).toEqual([
      [2, null, 1, 2, null],
      [2, null, 1],
      [2, 2, 1],
      [2, 1, 2],
      { 1: 1, 2: 2 },
      2,
    ])
  })

  test('16: ARG_MAX(x, event_time, k) is the list of the last k, newest first; of equals the first row, as ARG_MAX has it', async () => {
    const events = [
      { s: 'a', i: 1 },
      { s: 'b', i: 5 },
      { s: 'c', i: 5 },
      { s: 'd', i: 2 },
    ]
    expect(await lastOf(['ARG_MAX(s, ts, 3)', 'ARG_MAX(s, i, 3)', 'ARG_MAX(s, i)'], events)).toEqual([
      ['d', 'c', 'b'],
      ['b', 'c', 'd'],
      'b',
    ])
  })

  test('decimals, timestamps and odd texts leave the engine as they do alone; a map is keyed by the text that JSON has', async () => {
    const events = [
      { m: 1.5, t: START_MS, s: '__proto__', b: true },
      { m: 0.25, t: START_MS + 1, s: '', b: false },
    ]
    expect(await lastOf(['LIST(m)', 'LIST(t)', 'HISTOGRAM(m)', 'HISTOGRAM(b)'], events)).toEqual([
      [1.5, 0.25],
      [START_MS, START_MS + 1],
      { '0.25': 1, '1.5': 1 },
      { false: 1, true: 1 },
    ])
    const [map] = await lastOf(['HISTOGRAM(s)'], events)
    expect(JSON.stringify(map)).toBe('{"":1,"__proto__":1}')
  })

  test('12: SUM(DISTINCT) of an int beyond 2^53 is NULL, of a decimal whole to its last digit', async () => {
    const events = [
      { i: 2 ** 53, m: 0.1 },
      { i: 2 ** 53, m: 0.1 },
      { i: 1, m: 0.2 },
    ]
    expect(await lastOf(['SUM(DISTINCT i)', 'SUM(DISTINCT m)', 'AVG(DISTINCT m)'], events)).toEqual([null, 0.3, 0.15])
  })
})
