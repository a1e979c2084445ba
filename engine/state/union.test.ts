import type { DuckDBConnection } from '@duckdb/node-api'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { AGGREGATE_NAMES } from '../../definition/functions.ts'
import { loadParser, parseViewSync } from '../../definition/parse-sql.ts'
import { ALL_FRAMES } from '../../definition/testing/arbitrary-view.ts'
import { unionPartition } from '../../definition/union-partitions.ts'
import { ThreadedRun } from '../exchange/threads.fixture.ts'
import { runView, TestRun, valuesByOffset } from '../task/run-view.fixture.ts'
import { duckdbRows, fillTable, openDuckdb, sameValue } from './duckdb.fixture.ts'
import { randomEvents } from './events.fixture.ts'
import { naiveRows } from './naive.fixture.ts'
import { asNaiveUnion, asUnionEvents, numberedUnion, rowNumber, rowsOf, STREAMS } from './union.fixture.ts'

let duckdb: DuckDBConnection
beforeAll(async () => {
  await loadParser()
  duckdb = await openDuckdb()
})

const AMPLE_MS = 1e12
const LENGTHS = [0, 1, 999, 1000, 90_000, 3_600_000, 86_400_000].map((ms) => ({ months: 0, days: 0, ms }))
const EXACT = AGGREGATE_NAMES.filter((fn) => !/^(stddev|var_|skewness|kurtosis|entropy|exp_decay|approx)/.test(fn))
const PARTITIONS = [0, 1, 2, 3].map((branch) => unionPartition(branch, 0))
const ofTwo = fc.tuple(randomEvents(25), randomEvents(25))

describe('language 7: a union of streams is what SQL says it is', () => {
  test('DuckDB, a naive scan, the plain road, the compiled one and threads agree on random unions and events', async () => {
    const views = numberedUnion({
      aggregates: ['count', 'count_if', 'sum', 'avg', 'min', 'max'],
      lengths: LENGTHS,
      nulls: false,
      latestEvent: false,
    })
    let compiled = 0
    await fc.assert(
      fc.asyncProperty(views, ofTwo, fc.integer(), async (view, events, seed) => {
        const { definition, stream, featureTypes } = view
        const options = { definition, stream, order: 'event_time' as const, outOfOrdernessMs: AMPLE_MS, partitions: PARTITIONS }
        const put = asUnionEvents(view, events)
        const fast = await runView({ ...options, road: 'planned' }, put, [7])
        const plain = await runView({ ...options, road: 'plain' }, put, [5])
        if (fast.road === 'compiled') compiled++
        const threads = await new ThreadedRun({ ...options, parallelism: 2, seed }).open()
        await threads.feed(put)
        await threads.end()
        for (const [s, rows] of events.entries()) await fillTable(duckdb, STREAMS[s]!, rowsOf(s, rows))
        const types = featureTypes.map(({ type }) => type)
        const batch = await duckdbRows(duckdb, definition, types)
        const seen = asNaiveUnion(view, events)
        const scanned = naiveRows(definition, stream, seen, 'event_time')
        const [byFast, byPlain, byThreads] = [fast, plain, threads].map(({ history }) => valuesByOffset(history.rows))
        for (const [i, { partition, offset }] of seen.entries())
          for (const [way, values] of Object.entries({
            compiled: byFast!.get(`${partition}/${offset}`),
            plain: byPlain!.get(`${partition}/${offset}`),
            threads: byThreads!.get(`${partition}/${offset}`),
            duckdb: batch.get(rowNumber(PARTITIONS.indexOf(partition), offset)),
          }))
            for (const [f, value] of (scanned[i] ?? []).entries())
              if (!values || !sameValue(values[f]!, value))
                expect({ way, partition, offset, f, value: values?.[f] }).toEqual({ way, partition, offset, f, value })
        expect([byFast!.size, byPlain!.size, byThreads!.size]).toEqual([batch.size, batch.size, batch.size])
        await threads.pipeline.close()
      }),
      { numRuns: 120 },
    )
    expect(compiled).toBeGreaterThan(25)
  })

  for (const order of ['arrival', 'event_time'] as const)
    test(`${order}: every window and aggregate over a union equals a naive scan; ties go by branch, partition and offset`, async () => {
      const views = numberedUnion({ aggregates: EXACT, lengths: LENGTHS, ...ALL_FRAMES, collections: true })
      await fc.assert(
        fc.asyncProperty(views, ofTwo, async (view, events) => {
          const { definition, stream } = view
          const lateness = order === 'arrival' ? { allowedLatenessMs: AMPLE_MS } : { outOfOrdernessMs: AMPLE_MS }
          const put = asUnionEvents(view, events)
          const run = await runView({ definition, stream, order, partitions: PARTITIONS, ...lateness }, put, [3])
          const place = (partition: number, n: unknown) =>
            put.findIndex((one) => one.partition === partition && (one.value as { n: number }).n === n)
          const seen = asNaiveUnion(view, events).sort((a, b) => place(a.partition, a.offset) - place(b.partition, b.offset))
          const found = valuesByOffset(run.history.rows)
          for (const [i, values] of naiveRows(definition, stream, seen, order).entries())
            expect(found.get(`${seen[i]!.partition}/${seen[i]!.offset}`) ?? null, `row ${i}`).toEqual(values)
        }),
        { numRuns: 100 },
      )
    })
})

test('what is wrong with an event, and what its branch counts, is the same in one thread and in several', async () => {
  const { checked, problems } = parseViewSync(
    `SELECT k, COUNT(*) OVER w AS events, SUM(i) OVER w AS total
     FROM (SELECT s AS k, CAST(k AS timestamp) AS event_time, i FROM events
           UNION ALL SELECT k, at, n * 9007199254740991 FROM more WHERE 10 / i > 0) AS u
     WINDOW w AS (PARTITION BY k ORDER BY event_time RANGE BETWEEN INTERVAL '1' HOUR PRECEDING AND CURRENT ROW)`,
    STREAMS,
  )
  if (!checked) throw new Error(JSON.stringify(problems))
  const { definition, stream } = checked
  const [first, second] = PARTITIONS as [number, number]
  const events = [
    { partition: first, value: { ts: 0, k: '2001-01-01 00:00:00', n: 0, s: 'a', i: 1 } },
    { partition: first, value: { ts: 0, k: 'no time', n: 1, s: 'a', i: 1 } },
    { partition: first, value: { ts: 0, k: '1801-01-01 00:00:00', n: 2, s: 'a', i: 1 } },
    { partition: first, value: { ts: 0, k: '2001-01-01 00:00:01', n: 3, s: null, i: 1 } },
    { partition: first, value: 'no event' },
    { partition: second, value: { at: 978307201000, k: 'a', n: 1, i: 2 } },
    { partition: second, value: { at: 978307202000, k: 'a', n: 3, i: 2 } },
    { partition: second, value: { at: 978307203000, k: 'a', n: 1, i: 0 } },
    { partition: second, value: { at: 978307203000, k: 'a', n: 1, i: -3 } },
    { partition: second, value: { at: 978300000000, k: 'a', n: 1, i: 1 } },
  ]
  const options = { definition, stream, order: 'event_time' as const, partitions: [first, second] }
  const one = await runView(options, events)
  expect(one.source.deadLetters.map(({ partition, offset, code, message }) => [partition, offset, code, message])).toEqual([
    [first, 1, 'missing_field', 'the field `event_time` is null'],
    [first, 2, 'event_time_out_of_range', 'the event time `event_time` is -5333126400000; it must lie between 1900-01-01 and 2200-01-01'],
    [first, 3, 'missing_key', 'the key `s` is null'],
    [first, 4, 'not_json', expect.stringContaining('not JSON')],
  ])
  expect(one.source.late.map(({ partition, offset }) => [partition, offset])).toEqual([[second, 4]])
  expect(one.source.evaluator.counters).toMatchObject({ badCast: 1, overflow: 1, divisionByZero: 1 })
  expect([...one.online.byKey.values()].map(({ values }) => values)).toEqual([[3, 9007199254740992]])
  for (const road of [undefined, 'planned'] as const) {
    const compiled = new TestRun({ ...options, ...(road && { road }) }).open()
    await compiled.feed(events)
    await compiled.end()
    const threads = await new ThreadedRun({ ...options, parallelism: 3, seed: 7, ...(road ? {} : { road: 'plain' }) }).open()
    await threads.feed(events)
    await threads.end()
    for (const run of [compiled.pipeline, threads.pipeline]) {
      expect(run.source.snapshot()).toEqual(one.source.snapshot())
      await run.close()
    }
  }
})
