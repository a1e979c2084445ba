/** Lines of the semantics checklist (docs/explanation/semantics.md) that one small pipeline shows, on both roads. */
import { beforeAll, describe, expect, test } from 'vitest'
import type { ViewDefinition } from '../../definition/model.ts'
import { loadParser, parseViewSync } from '../../definition/parse-sql.ts'
import { PAY } from '../../definition/testing/streams.ts'
import { encodeKeyedFile } from '../checkpoint/keyed-file.ts'
import { restoreFiles } from '../checkpoint/restore.ts'
import type { Sink } from '../sink/port.ts'
import { keyGroupOf, keyGroupRange } from '../state/hash.ts'
import type { OperatorSnapshot } from '../state/operator.ts'
import { keyedFileName } from './keyed-snapshots.ts'
import { SOURCE_FILE } from './pipeline.ts'
import { type RunOptions, type TestEvent, TestRun } from './run-view.fixture.ts'

beforeAll(loadParser)

const view = (columns: string, frame = "RANGE BETWEEN INTERVAL '10' SECOND PRECEDING AND CURRENT ROW"): ViewDefinition => {
  const { checked, problems } = parseViewSync(`SELECT card, ${columns} FROM pay WINDOW w AS (PARTITION BY card ORDER BY ts ${frame})`, [
    PAY,
  ])
  if (!checked) throw new Error(JSON.stringify(problems))
  return checked.definition
}
const at = (ts: number, amount: number | null = null, card = 'a', partition = 0): TestEvent => ({
  partition,
  value: { card, amount, shop: 's', ts: Math.round(ts * 1000) },
})
const ROADS = ['plain', 'planned'] as const

/** What a checkpoint at this moment would hold, restored into another run. */
function moved(from: TestRun, options: RunOptions): TestRun {
  const files = new Map<string, Uint8Array>([[SOURCE_FILE, Buffer.from(JSON.stringify(from.source.snapshot()))]])
  from.operators.forEach((operator, i) => {
    const { from: first, to } = keyGroupRange(i, from.operators.length)
    const snapshot: Pick<OperatorSnapshot, 'operator' | 'partsOf'> = {
      operator: operator.snapshotOperator(),
      partsOf: (group) => {
        const bytes = operator.snapshotKeyGroup(group)
        return bytes && [bytes]
      },
    }
    files.set(keyedFileName(i), Buffer.concat(encodeKeyedFile(snapshot, first, to)))
  })
  const run = new TestRun(options)
  const source = restoreFiles(files, 'the snapshot', run.operators)
  run.source.open(source, 0)
  for (const [partition, position] of Object.entries(source.positions)) run.continueAt(Number(partition), position)
  return run
}

const total = (run: TestRun, keys: readonly string[], atMs: number) =>
  keys.reduce((sum, key) => {
    const text = JSON.stringify([key])
    return sum + Number(run.pipeline.operatorOf(keyGroupOf(text)).read(text, atMs, keyGroupOf(text)).values[0])
  }, 0)

for (const road of ROADS) {
  const options = (definition: ViewDefinition, more: Partial<RunOptions> = {}): RunOptions => ({ definition, stream: PAY, road, ...more })

  describe(`${road} road`, () => {
    test('semantics 2, 21: positions are exclusive: each event is on exactly one side of any cut, late ones around it too', async () => {
      const definition = view('COUNT(*) OVER w AS n', 'RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW')
      const cards = ['a', 'b', 'c', 'd']
      const events = Array.from({ length: 24 }, (_, i) => at(100 + i - (i % 5 === 2 ? 6 : 0), i, cards[i % 4]))
      for (let cut = 0; cut <= events.length; cut++) {
        const first = new TestRun(options(definition, { allowedLatenessMs: 60_000 })).open()
        await first.feed(events.slice(0, cut))
        expect(first.source.snapshot().positions).toEqual({ 0: cut })
        const second = moved(first, options(definition, { allowedLatenessMs: 60_000 }))
        expect(total(second, cards, 200_000)).toBe(cut)
        await second.feed(events.slice(second.source.positions()['0']))
        expect(total(second, cards, 200_000), `cut at ${cut}`).toBe(events.length)
        expect(second.source.counts).toMatchObject({ read: events.length, good: events.length, late: 0 })
      }
    })

    test('semantics 5: pending timers survive a rescale, fire in time order, each once', async () => {
      const definition = view('COUNT(*) OVER w AS n')
      const cards = Array.from({ length: 20 }, (_, i) => `card ${i}`)
      const first = new TestRun(options(definition, { allowedLatenessMs: 60_000 })).open()
      await first.feed(cards.map((card, i) => at(100 + ((i * 7) % 20), 1, card)).sort((a, b) => tsOf(a) - tsOf(b)))
      for (const parallelism of [3, 2, 1]) {
        const second = moved(first, options(definition, { parallelism, allowedLatenessMs: 60_000 }))
        const due = second.operators.map((operator) => operator.nextDecayMs()).filter((ms) => ms !== null)
        expect(Math.min(...due)).toBe(110_001)
        const fired: number[] = []
        for (let nowMs = 110_001; nowMs <= 129_001; nowMs += 1000) {
          const before = new Map([...second.online.byKey].map(([key, row]) => [key, row.values[0]]))
          while (!second.pipeline.decay(nowMs)) await second.pipeline.drain()
          await second.pipeline.drain()
          for (const [key, row] of second.online.byKey)
            if (row.values[0] === 0 && before.get(key) !== 0) fired.push(row.eventTimeMs + row.version[2])
        }
        expect(fired, `at parallelism ${parallelism}`).toEqual(Array.from({ length: 20 }, (_, i) => 110_001 + i * 1000))
        expect(second.operators.map((operator) => operator.nextDecayMs())).toEqual(second.operators.map(() => null))
      }
    })

    test('semantics 6: RANGE is closed at both ends, to the millisecond, before 1970 too', async () => {
      for (const startMs of [0, -86_400_000]) {
        const times = [0, 1, 10_000, 10_001, 20_001, 20_002].map((ms) => at((startMs + ms) / 1000, 1))
        const run = new TestRun(options(view('COUNT(*) OVER w AS n, SUM(amount) OVER w AS total'))).open()
        await run.feed(times)
        expect(run.history.rows.map(({ values }) => values)).toEqual([1, 2, 3, 3, 2, 2].map((n) => [n, n]))
      }
    })

    test('semantics 7: an extreme that leaves its window is not subtracted: 4 is right, not 109', async () => {
      const run = new TestRun(options(view('MAX(amount) OVER w AS most, MIN(amount) OVER w AS least'))).open()
      await run.feed([at(0, 109), at(1, -109), at(5, 4), at(9, 3), at(12, 2)])
      expect(run.history.rows.map(({ values }) => values)).toEqual([
        [109, 109],
        [109, -109],
        [109, -109],
        [109, -109],
        [4, 2],
      ])
    })

    test('semantics 8: SUM of nothing is NULL, COUNT is 0; NULL is not counted', async () => {
      const definition = view(
        'COUNT(*) OVER w AS n, COUNT(amount) OVER w AS present, COUNT(DISTINCT amount) OVER w AS kinds, SUM(amount) OVER w AS sum, MAX(amount) OVER w AS most',
      )
      const run = new TestRun(options(definition)).open()
      await run.feed([at(1), at(2), at(3, 5), at(4, 5), at(5)])
      expect(run.history.rows.map(({ values }) => values)).toEqual([
        [1, 0, 0, null, null],
        [2, 0, 0, null, null],
        [3, 1, 1, 5, 5],
        [4, 2, 1, 10, 5],
        [5, 2, 1, 10, 5],
      ])
      expect(run.operators[0]!.read('["nobody"]', 5000, keyGroupOf('["nobody"]')).values).toEqual([0, 0, 0, null, null])
    })

    test('language 12, 13: an overflow and a division by zero are NULL, counted for events, and said in a read, which counts nothing', async () => {
      const run = new TestRun(options(view('COUNT(*) OVER w * 9007199254740992 AS much, 1 / COUNT(amount) OVER w AS share'))).open()
      await run.feed([at(1), at(2)])
      expect(run.history.rows.map(({ values }) => values)).toEqual([
        [2 ** 53, null],
        [null, null],
      ])
      const before = { ...run.evaluators[0]!.counters }
      expect(before).toMatchObject({ overflow: 1, divisionByZero: 2 })
      expect(reading(run, 2000)).toMatchObject({ values: [null, null], problems: ['overflow', 'divisionByZero'] })
      expect(reading(run, 1000)).toMatchObject({ values: [2 ** 53, null], problems: ['divisionByZero'] })
      expect(reading(run, 2000, '["nobody"]')).toMatchObject({ status: 'UNKNOWN_KEY', problems: ['divisionByZero'] })
      expect(run.evaluators[0]!.counters).toEqual(before)
    })

    test('language 1: rows of one millisecond are fired together: the later ties belong to the frame', async () => {
      const run = new TestRun(options(view('COUNT(*) OVER w AS n'), { order: 'event_time' })).open()
      await run.feed([at(1), at(2), at(2), at(2), at(3)])
      await run.end()
      expect(run.history.rows.map(({ values }) => values[0])).toEqual([1, 4, 4, 4, 5])
    })

    const reading = (run: TestRun, atMs: number, key = '["a"]') => run.pipeline.operatorOf(keyGroupOf(key)).read(key, atMs, keyGroupOf(key))
    const whole = view('COUNT(*) OVER w AS n, LAST(amount) OVER w AS newest', "RANGE BETWEEN INTERVAL '1' HOUR PRECEDING AND CURRENT ROW")

    test('semantics 13: ttl, by event time: at read, in the stored row, and on the sweep', async () => {
      const run = new TestRun(options(whole, { ttlMs: 10_000 })).open()
      await run.feed([at(100, 7), at(105, 8)])
      expect(reading(run, 115_000)).toMatchObject({ status: 'PRESENT', values: [2, 8], asOfMs: 105_000 })
      expect(reading(run, 115_001)).toMatchObject({ status: 'UNKNOWN_KEY', values: [0, null], asOfMs: null, version: null })
      expect(run.online.byKey.get('["a"]')).toMatchObject({ values: [2, 8], validUntilMs: 115_001 })
      while (!run.pipeline.decay(200_000)) await run.pipeline.drain()
      await run.pipeline.drain()
      expect(run.online.byKey.get('["a"]')).toMatchObject({ values: [0, null], validUntilMs: null, version: [105_000, 2, 10_001] })
      expect(run.operators[0]!.keys()).toBe(1) // time alone may be ahead of the events
      expect(reading(run, 115_000)).toMatchObject({ status: 'PRESENT', values: [2, 8] })
      for (let i = 0; i < 30; i++) await run.feed([at(116 + i, 1, 'b')]) // event time goes on, and the sweep comes by
      expect(run.operators[0]!.keys()).toBe(1)
      expect(run.operators[0]!.readableFromMs()).toBeGreaterThanOrEqual(115_001)
      expect(reading(run, 145_000)).toMatchObject({ status: 'UNKNOWN_KEY' })
    })

    test('semantics 13: after ttl an event begins anew, whenever the sweep came by', async () => {
      const times = [0, 9, 19, 29.001, 30, 55, 65, 75.002]
      const expected = [1, 2, 3, 1, 2, 1, 2, 1]
      for (const others of [0, 1, 40]) {
        const run = new TestRun(options(whole, { ttlMs: 10_000 })).open()
        const versions: number[][] = []
        for (const time of times) {
          for (let i = 0; i < others; i++) await run.feed([at(time - 0.001, 1, `other ${i}`)])
          await run.feed([at(time, time)])
          versions.push([...run.online.byKey.get('["a"]')!.version])
        }
        const rows = run.history.rows.filter(({ key }) => key === '["a"]')
        expect(
          rows.map(({ values }) => values[0]),
          `${others} others`,
        ).toEqual(expected)
        expect(rows.map(({ version }) => version[1])).toEqual(expected)
        expect(versions).toEqual(versions.toSorted((a, b) => a[0]! - b[0]!)) // every one was taken by the store
      }
    })

    test('semantics 13: ttl is not reset by a restore', async () => {
      const first = new TestRun(options(whole, { ttlMs: 10_000 })).open()
      await first.feed([at(100, 7), at(104, 1, 'b')])
      const second = moved(first, options(whole, { ttlMs: 10_000, parallelism: 2 }))
      expect(reading(second, 110_000)).toMatchObject({ status: 'PRESENT', values: [1, 7] })
      expect(reading(second, 110_001)).toMatchObject({ status: 'UNKNOWN_KEY' })
      await second.feed([at(110.001, 3)])
      expect(second.history.rows.at(-1)).toMatchObject({ values: [1, 3], version: [110_001, 1, 0] })
      expect(reading(second, 114_001, '["b"]')).toMatchObject({ status: 'UNKNOWN_KEY' })
    })

    test('semantics 13: an event that is later than ttl is too late, whatever allowedLateness is; ttl may change while the job runs', async () => {
      const run = new TestRun(options(whole, { ttlMs: 10_000, allowedLatenessMs: 60_000 })).open()
      await run.feed([at(100), at(90), at(89.999)])
      expect(run.source.counts).toMatchObject({ good: 2, late: 1 })
      expect(run.source.late[0]!.message).toMatch(/ttl/)
      run.pipeline.configure({ futureSkewMs: 1e9, idleTimeoutMs: 1e9, deadLetterRateLimit: 1, ttlMs: null })
      await run.feed([at(120), at(60)])
      expect(run.source.counts).toMatchObject({ good: 4, late: 1 })
      expect(run.history.rows.at(-2)!.values[0]).toBe(3)
    })

    test('semantics 10: what belongs to a subtask and not to a key: the least watermark and the sum of the counters, at any parallelism', async () => {
      const definition = view('SUM(amount) OVER w / 0 AS broken')
      const cards = Array.from({ length: 9 }, (_, i) => `card ${i}`)
      let run = new TestRun(options(definition, { parallelism: 3 })).open()
      await run.feed(cards.map((card, i) => at(i, 1, card)))
      const counted = (test: TestRun) => test.operators.reduce((sum, one) => sum + one.snapshotOperator().counters.divisionByZero!, 0)
      const before = counted(run)
      expect(before).toBeGreaterThanOrEqual(9)
      for (const parallelism of [2, 5, 1]) {
        run = moved(run, options(definition, { parallelism }))
        expect(counted(run)).toBe(before)
        expect(run.operators.map((one) => one.snapshotOperator().watermarkMs)).toEqual(Array.from({ length: parallelism }, () => 8000))
      }
    })
  })
}

const tsOf = ({ value }: TestEvent) => (value as { ts: number }).ts

describe('semantics 17: sinks', () => {
  test('the sink flushes before it acknowledges a barrier (FLINK-33545)', async () => {
    const told: string[] = []
    let flushed: () => void = () => {}
    const slow: Sink = {
      name: 'slow',
      write: (rows) => void told.push(`write ${rows.length}`),
      flush: () => {
        told.push('flush')
        return new Promise((resolve) => (flushed = resolve))
      },
      close: async () => {},
    }
    const run = new TestRun({
      definition: view('COUNT(*) OVER w AS n'),
      stream: PAY,
      sinks: [slow],
      acknowledge: (_barrier, { operator }) => void (operator === 'sink' && told.push('acknowledged')),
    }).open()
    await run.feed([at(1), at(2)])
    run.pipeline.inject({ id: 1, triggeredAtMs: 0 })
    const drained = run.pipeline.drain()
    for (let i = 0; i < 20; i++) await Promise.resolve()
    expect(told).toEqual(['write 2', 'flush'])
    flushed()
    await drained
    expect(told).toEqual(['write 2', 'flush', 'acknowledged'])
  })
})

describe('semantics 23: assignment', () => {
  test('the engine assigns partitions itself: one that the snapshot does not know is read from its start, the others go on', async () => {
    const definition = view('COUNT(*) OVER w AS n')
    const first = new TestRun({ definition, stream: PAY, partitions: 1 }).open()
    await first.feed([at(1), at(2)])
    const second = moved(first, { definition, stream: PAY, partitions: 2 })
    expect(second.source.positions()).toEqual({ 0: 2, 1: 0 })
    await second.feed([at(3, 1, 'a', 0), at(3, 1, 'a', 1)])
    expect(second.history.rows.map(({ partition, offset, values }) => [partition, offset, values[0]])).toEqual([
      [0, 2, 3],
      [1, 0, 4],
    ])
  })
})
