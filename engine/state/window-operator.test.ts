import type { DuckDBConnection } from '@duckdb/node-api'
import fc from 'fast-check'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { checkDefinition } from '../../definition/check-view.ts'
import { AGGREGATE_NAMES } from '../../definition/functions.ts'
import type { GroupWindow, ViewDefinition } from '../../definition/model.ts'
import { loadParser, parseViewSync } from '../../definition/parse-sql.ts'
import { arbitraryView } from '../../definition/testing/arbitrary-view.ts'
import { ALL_TYPES, PAY } from '../../definition/testing/streams.ts'
import type { ResultRow } from '../sink/port.ts'
import { runView, type RunOptions, type TestEvent, TestRun } from '../task/run-view.fixture.ts'
import { fillTable, openDuckdb, sameValue } from './duckdb.fixture.ts'
import { asNaive, asTestEvents, randomEvents } from './events.fixture.ts'
import { duckdbWindows, finalRows, naiveWindows } from './windows.fixture.ts'

vi.setConfig({ testTimeout: 300_000 })

let duckdb: DuckDBConnection
beforeAll(async () => {
  await loadParser()
  duckdb = await openDuckdb()
})

const LENGTHS = [1, 999, 1000, 3000, 90_000, 3_600_000, 86_400_000].map((ms) => ({ months: 0, days: 0, ms }))
const MONTH = { months: 1, days: 0, ms: 0 }
const EXACT = AGGREGATE_NAMES.filter((fn) => !/^(stddev|var_|skewness|kurtosis|entropy|exp_decay|approx)/.test(fn))
const isSession = ({ group }: ViewDefinition) => group?.kind === 'session'

function disorderOf(times: readonly number[]): number {
  let newest = Number.NEGATIVE_INFINITY
  return times.reduce((disorder, time) => {
    newest = Math.max(newest, time)
    return Math.max(disorder, newest - time)
  }, 0)
}

describe('language 6: one row per key and window, at its close', () => {
  test('any group view equals DuckDB: GROUP BY time_bucket, and gaps and islands', async () => {
    const views = arbitraryView(ALL_TYPES, {
      keys: [['k'], ['b'], ['k', 'b']],
      aggregates: ['count', 'count_if', 'sum', 'avg', 'min', 'max', 'bool_and', 'bool_or', 'quantile_disc'],
      lengths: [...LENGTHS, MONTH],
      groups: 'always',
      latestEvent: false,
      nulls: false,
    })
    await fc.assert(
      fc.asyncProperty(views, randomEvents(40), fc.constantFrom(0, -Date.UTC(2001, 1, 27)), async (definition, drawn, shiftMs) => {
        // shifted, they lie around the epoch: negative timestamps too
        const events = drawn.map((event) => ({ ...event, ts: event.ts + shiftMs, b: event.b ?? false }))
        const delay = { outOfOrdernessMs: disorderOf(events.map(({ ts }) => ts)) }
        const run = await runView({ definition, stream: ALL_TYPES, ...delay }, asTestEvents(events))
        await fillTable(duckdb, ALL_TYPES, events)
        const types = checkDefinition(definition, [ALL_TYPES]).checked!.featureTypes.map(({ type }) => type)
        const expected = await duckdbWindows(duckdb, definition, 'ts', types)
        const found = finalRows(run.history.rows)
        expect([...found.keys()].sort()).toEqual([...expected.keys()].sort())
        expect(run.history.rows.length).toBe(expected.size)
        for (const [window, values] of found)
          values.forEach((value, i) => {
            if (!sameValue(value, expected.get(window)![i]!))
              expect({ window, i, value }).toEqual({ window, i, value: expected.get(window)![i] })
          })
      }),
      { numRuns: 150 },
    )
  })

  test('any group view with every aggregate equals a naive scan, whatever the batches and the parallelism', async () => {
    const views = arbitraryView(ALL_TYPES, {
      keys: [['k']],
      aggregates: EXACT,
      lengths: [...LENGTHS, MONTH],
      groups: 'always',
      collections: true,
    })
    await fc.assert(
      fc.asyncProperty(views, randomEvents(30), fc.integer({ min: 1, max: 5 }), async (definition, events, size) => {
        const delay = { outOfOrdernessMs: disorderOf(events.map(({ ts }) => ts)) }
        const expected = naiveWindows(definition, ALL_TYPES, asNaive(events))
        for (const parallelism of [1, 2, 3]) {
          const run = await runView({ definition, stream: ALL_TYPES, parallelism, ...delay }, asTestEvents(events), [size])
          expect(new Map([...finalRows(run.history.rows)].sort()), `${parallelism}`).toEqual(new Map([...expected].sort()))
          expect(run.history.rows.length).toBe(expected.size)
          expect(run.source.counts.late).toBe(0)
        }
      }),
      { numRuns: 120 },
    )
  })
})

const MINUTE_MS = 60_000

function view(group: string, columns = 'COUNT(*) AS n, SUM(amount) AS spent'): ViewDefinition {
  const { checked, problems } = parseViewSync(`SELECT card, ${columns} FROM pay GROUP BY card, ${group}`, [PAY])
  if (!checked) throw new Error(JSON.stringify(problems))
  return checked.definition
}

const pay = (minute: number, amount = 1, card = 'a'): TestEvent => ({ value: { card, amount, shop: 'x', ts: minute * MINUTE_MS } })
const TUMBLE = "TUMBLE(ts, INTERVAL '10' MINUTE)"
const SESSION = "SESSION(ts, INTERVAL '10' MINUTE)"
const open = (definition: ViewDefinition, options: Partial<RunOptions> = {}) => new TestRun({ definition, stream: PAY, ...options }).open()
/** `start–end: first value`, in minutes. */
const inMinutes = ({ key, window, values }: ResultRow) =>
  `${JSON.parse(key)[0]} ${window!.startMs / MINUTE_MS}–${window!.endMs / MINUTE_MS}: ${values[0]}`
const shown = (run: TestRun) => run.history.rows.map(inMinutes)

describe('semantics 3, 4, 6: when windows close, and what comes late', () => {
  test('a window closes when the watermark reaches its end: no row before, one row then', async () => {
    const run = open(view(TUMBLE), { outOfOrdernessMs: MINUTE_MS })
    await run.feed([pay(0), pay(9), pay(10.999)])
    expect(shown(run)).toEqual([])
    await run.feed([pay(11)])
    expect(shown(run)).toEqual(['a 0–10: 2'])
    await run.end()
    expect(shown(run)).toEqual(['a 0–10: 2', 'a 10–20: 2'])
  })

  test('[start, end): an event at the end is in the next window; windows are aligned to the epoch before it too', async () => {
    const run = await runView({ definition: view(TUMBLE), stream: PAY }, [pay(-10), pay(-0.001), pay(0), pay(10)])
    expect(shown(run)).toEqual(['a -10–0: 2', 'a 0–10: 1', 'a 10–20: 1'])
  })

  test('a session ends a gap after its last event: one that comes exactly then begins another', async () => {
    const run = await runView({ definition: view(SESSION), stream: PAY }, [pay(0), pay(9), pay(18), pay(28), pay(45)])
    expect(shown(run)).toEqual(['a 0–28: 3', 'a 28–38: 1', 'a 45–55: 1'])
  })

  test('rows of one close come in order of end and key, however the keys came', async () => {
    const events = [pay(1, 1, 'c'), pay(2, 1, 'a'), pay(3, 1, 'b'), pay(30, 1, 'c')]
    const run = await runView({ definition: view(TUMBLE), stream: PAY }, events)
    expect(shown(run)).toEqual(['a 0–10: 1', 'b 0–10: 1', 'c 0–10: 1', 'c 30–40: 1'])
  })

  test('an event that is late within allowedLateness corrects each closed window it is in, with a higher version', async () => {
    const run = open(view("HOP(ts, INTERVAL '5' MINUTE, INTERVAL '10' MINUTE)"), { allowedLatenessMs: 20 * MINUTE_MS })
    await run.feed([pay(6), pay(12), pay(27), pay(7, 5)])
    expect(shown(run)).toEqual(['a 0–10: 1', 'a 5–15: 2', 'a 10–20: 1', 'a 0–10: 2', 'a 5–15: 3'])
    const [first, , , corrected] = run.history.rows
    expect([first!.version, corrected!.version]).toEqual([
      [10 * MINUTE_MS, 1, 0],
      [10 * MINUTE_MS, 2, 0],
    ])
    expect(run.online.byKey.get('["a"]')).toMatchObject({ window: { startMs: 10 * MINUTE_MS, endMs: 20 * MINUTE_MS } })
    await run.feed([pay(6.9)]) // 20 minutes and more behind the watermark
    expect(run.source.counts.late).toBe(1)
    expect(run.source.late).toMatchObject([{ code: 'late' }])
    expect(run.history.rows.length).toBe(5)
  })

  test('a late event bridges sessions: the joined one takes the place of both', async () => {
    const run = open(view(SESSION), { allowedLatenessMs: 60 * MINUTE_MS })
    await run.feed([pay(0), pay(16), pay(40)])
    expect(shown(run)).toEqual(['a 0–10: 1', 'a 16–26: 1'])
    await run.feed([pay(8, 1)])
    expect(shown(run).slice(2)).toEqual(['a 0–26: 3'])
    expect([...finalRows(run.history.rows, true).keys()]).toEqual([`["a"]/0/${26 * MINUTE_MS}`])
    expect(run.operators[0]!.read('["a"]', 50 * MINUTE_MS, groupOf(run))).toMatchObject({
      values: [3, 3],
      window: { startMs: 0, endMs: 26 * MINUTE_MS },
      version: [26 * MINUTE_MS, 3, 0],
    })
    await run.feed([pay(33, 1)]) // bridges a closed one and an open one: nothing closes yet
    await run.feed([pay(32, 1), pay(25, 1)])
    expect(run.history.rows.length).toBe(3)
    await run.end()
    expect(shown(run).at(-1)).toBe('a 0–50: 7')
  })

  test('permuting events within the bound, and lateness, give the same final rows', async () => {
    const group: fc.Arbitrary<GroupWindow> = fc.constantFrom(
      view(TUMBLE).group!,
      view(SESSION).group!,
      view("HOP(ts, INTERVAL '3' MINUTE, INTERVAL '10' MINUTE)").group!,
    )
    const times = fc.array(fc.record({ minute: fc.integer({ min: -30, max: 90 }), card: fc.constantFrom('a', 'b') }), {
      minLength: 1,
      maxLength: 25,
    })
    await fc.assert(
      fc.asyncProperty(group, times, fc.integer({ min: 0, max: 120 }), async (group, drawn, boundMinutes) => {
        const definition = { ...view(TUMBLE), group }
        const events = drawn.map(({ minute, card }, i) => pay(minute, i, card))
        const inOrder = [...events].sort((a, b) => timeOf(a) - timeOf(b))
        const expected = finalRows((await runView({ definition, stream: PAY }, inOrder)).history.rows)
        const late = { outOfOrdernessMs: boundMinutes * MINUTE_MS, allowedLatenessMs: (121 - boundMinutes) * MINUTE_MS }
        for (const parallelism of [1, 2]) {
          const run = await runView({ definition, stream: PAY, parallelism, ...late }, events, [3])
          expect(run.source.counts.late).toBe(0)
          expect(new Map([...finalRows(run.history.rows, isSession(definition))].sort())).toEqual(new Map([...expected].sort()))
        }
      }),
      { numRuns: 150 },
    )
  })

  test('semantics 3: an idle partition does not hold windows open', async () => {
    const run = open(view(TUMBLE), { partitions: 2, idleTimeoutMs: 1000 })
    await run.feed([pay(0), { ...pay(1), partition: 1 }, pay(20)])
    expect(shown(run)).toEqual([])
    run.nowMs = 2000
    await run.feed([pay(21)])
    await run.feed([])
    expect(shown(run)).toEqual(['a 0–10: 2'])
  })
})

const timeOf = ({ value }: TestEvent) => (value as { ts: number }).ts
const groupOf = (run: TestRun) => Number(run.operators[0]!.keys() > 0 && findGroup(run))
function findGroup(run: TestRun): number {
  for (let group = 0; group < 128; group++) if (run.operators[0]!.snapshotKeyGroup(group)) return group
  throw new Error('no key')
}

describe('promise 3, semantics 5: pending closes, corrections and the last closed window survive a restore at another parallelism', () => {
  test('as if it had not been interrupted', async () => {
    const views = arbitraryView(ALL_TYPES, {
      keys: [['k']],
      aggregates: EXACT,
      lengths: LENGTHS,
      groups: 'always',
      maxFeatures: 3,
      collections: true,
    })
    const parallelisms = fc.tuple(fc.constantFrom(1, 2, 3), fc.constantFrom(1, 2, 3))
    await fc.assert(
      fc.asyncProperty(
        views,
        randomEvents(30),
        parallelisms,
        fc.nat(30),
        fc.boolean(),
        async (definition, events, [from, to], cut, late) => {
          const disorder = disorderOf(events.map(({ ts }) => ts))
          const options = {
            definition,
            stream: ALL_TYPES,
            ...(late ? { allowedLatenessMs: disorder } : { outOfOrdernessMs: disorder }),
          }
          const inputs = asTestEvents(events)
          const whole = await runView(options, inputs)
          const first = new TestRun({ ...options, parallelism: from }).open()
          await first.feed(inputs.slice(0, cut))
          const second = new TestRun({ ...options, parallelism: to })
          copyState(first, second)
          second.continueAt(0, Math.min(cut, inputs.length))
          await second.feed(inputs.slice(cut))
          await second.end()
          const rows = [...first.history.rows, ...second.history.rows]
          const key = (row: ResultRow) => JSON.stringify(row)
          expect(rows.map(key).sort()).toEqual(whole.history.rows.map(key).sort())
          for (const [name, row] of whole.online.byKey)
            expect((second.online.byKey.get(name) ?? first.online.byKey.get(name))!).toEqual(row)
        },
      ),
      { numRuns: 150 },
    )
  })
})

function copyState(from: TestRun, to: TestRun): void {
  for (let group = 0; group < 128; group++)
    for (const operator of from.operators) {
      const bytes = operator.snapshotKeyGroup(group)
      if (bytes) to.pipeline.operatorOf(group).restoreKeyGroup(group, bytes)
    }
  const state = from.operators[0]!.snapshotOperator()
  for (const operator of to.operators) operator.restoreOperator(JSON.parse(JSON.stringify(state)))
  to.source.open(JSON.parse(JSON.stringify(from.source.snapshot())), 0)
}

test('what a key group had closed is not closed again by a subtask whose watermark was behind', async () => {
  const options = { definition: view(TUMBLE), stream: PAY, allowedLatenessMs: 60 * MINUTE_MS }
  const first = new TestRun(options).open()
  await first.feed([pay(1), pay(25)])
  expect(shown(first)).toEqual(['a 0–10: 1'])
  const second = new TestRun(options)
  copyState(first, second)
  second.operators[0]!.restoreOperator({ ...first.operators[0]!.snapshotOperator(), watermarkMs: 5 * MINUTE_MS })
  second.continueAt(0, 2)
  await second.feed([pay(26)])
  expect(shown(second)).toEqual([])
  await second.feed([pay(2)])
  expect(shown(second)).toEqual(['a 0–10: 2'])
})

describe('reads, memory and ttl', () => {
  test('a read has the newest window closed at its instant; what is open is not shown', async () => {
    const run = open(view(TUMBLE), { allowedLatenessMs: 30 * MINUTE_MS })
    await run.feed([pay(1), pay(12, 5)])
    const [operator] = run.operators
    const read = (minute: number, key = '["a"]') => operator!.read(key, minute * MINUTE_MS, findGroup(run))
    expect(read(12)).toEqual({
      status: 'PRESENT',
      values: [1, 1],
      asOfMs: 10 * MINUTE_MS,
      version: [10 * MINUTE_MS, 1, 0],
      window: { startMs: 0, endMs: 10 * MINUTE_MS },
    })
    expect(read(9)).toMatchObject({ status: 'EMPTY', values: [0, null], asOfMs: null, version: null, window: null })
    expect(read(12, '["b"]')).toMatchObject({ status: 'UNKNOWN_KEY', values: [0, null], window: null })
    await run.feed([pay(25)])
    expect([read(19), read(20)].map(({ values }) => values)).toEqual([
      [1, 1],
      [1, 5],
    ])
    expect(operator!.readableFromMs()).toBe(Number.NEGATIVE_INFINITY)
    await run.feed([pay(100), pay(111)])
    expect(operator!.readableFromMs()).toBe(40 * MINUTE_MS - 10 * MINUTE_MS)
  })

  test('rows go when nothing can correct their windows; the last closed window stays', async () => {
    const run = open(view("HOP(ts, INTERVAL '5' MINUTE, INTERVAL '10' MINUTE)"))
    for (let minute = 0; minute < 10_000; minute += 1) await run.feed([pay(minute)])
    const [operator] = run.operators
    expect(operator!.waitingRows()).toBeLessThanOrEqual(11)
    expect(operator!.stateBytes()).toBeLessThan(3000)
    const before = operator!.waitingRows()
    await run.feed([pay(20_000, 1, 'b')])
    operator!.expire(1000)
    expect(operator!.waitingRows()).toBeLessThan(before)
    expect(operator!.keys()).toBe(2)
  })

  test('ttl: so long after its newest window a key is forgotten, in reads, in its stored row and in memory', async () => {
    const run = open(view(TUMBLE), { ttlMs: 60 * MINUTE_MS } as Partial<RunOptions>)
    await run.feed([pay(1), pay(12)])
    expect(run.online.byKey.get('["a"]')).toMatchObject({ validUntilMs: 70 * MINUTE_MS + 1, values: [1, 1] })
    const [operator] = run.operators
    const group = findGroup(run)
    const read = (minute: number) => operator!.read('["a"]', minute * MINUTE_MS, group)
    expect([read(70), read(71)].map(({ status }) => status)).toEqual(['PRESENT', 'EMPTY']) // a window is open
    await run.feed([pay(200, 1, 'b')])
    expect([read(80), read(81)].map(({ status }) => status)).toEqual(['PRESENT', 'UNKNOWN_KEY'])
    expect(run.pipeline.decay(200 * MINUTE_MS)).toBe(true)
    await run.pipeline.drain()
    expect(run.online.byKey.get('["a"]')).toMatchObject({ version: [20 * MINUTE_MS, 1, 1], values: [0, null], validUntilMs: null })
    expect(run.online.byKey.get('["a"]')!.window).toBeUndefined()
    operator!.expire(1000)
    expect(operator!.keys()).toBe(1)
    await run.feed([pay(205), pay(220)])
    expect(run.online.byKey.get('["a"]')).toMatchObject({ window: { endMs: 210 * MINUTE_MS }, values: [1, 1] })
  })
})
