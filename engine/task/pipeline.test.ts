import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import type { ViewDefinition } from '../../definition/model.ts'
import { loadParser, parseViewSync } from '../../definition/parse-sql.ts'
import { ALL_FRAMES, arbitraryView } from '../../definition/testing/arbitrary-view.ts'
import { ALL_TYPES, PAY } from '../../definition/testing/streams.ts'
import { asTestEvents, randomEvents } from '../state/events.fixture.ts'
import type { Barrier } from './channel.ts'
import { runView, type TestEvent, TestRun, valuesByOffset } from './run-view.fixture.ts'

beforeAll(loadParser)

const view = (columns: string, frame = "RANGE BETWEEN INTERVAL '10' SECOND PRECEDING AND CURRENT ROW", more = ''): ViewDefinition => {
  const { checked, problems } = parseViewSync(
    `SELECT card, ${columns} FROM pay WINDOW w AS (PARTITION BY card ORDER BY ts ${frame})${more}`,
    [PAY],
  )
  if (!checked) throw new Error(JSON.stringify(problems))
  return checked.definition
}
const count = view('COUNT(*) OVER w AS n')
const at = (ts: number, amount: number | null = null, card = 'a', partition = 0): TestEvent => ({
  partition,
  value: { card, amount, shop: 's', ts: Math.round(ts * 1000) },
})
const numbers = (run: TestRun) => run.history.rows.map(({ offset, values }) => [offset, values[0]])
const splits = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 8 })
/** What the online store comes to hold once time has been looked at. */
async function online(run: TestRun) {
  const nowMs = run.pipeline.maxAppliedMs()
  while (!run.pipeline.decay(nowMs)) await run.pipeline.drain()
  await run.pipeline.drain()
  return [...run.online.byKey.values()].sort((a, b) => (a.key < b.key ? -1 : 1))
}

describe('language 1: order', () => {
  test('arrival: a row sees only ties that came before it; event_time: all ties see each other', async () => {
    const events = [at(1), at(1), at(1)]
    expect(numbers(await runView({ definition: count, stream: PAY, order: 'arrival' }, events))).toEqual([
      [0, 1],
      [1, 2],
      [2, 3],
    ])
    expect(numbers(await runView({ definition: count, stream: PAY, order: 'event_time' }, events))).toEqual([
      [0, 3],
      [1, 3],
      [2, 3],
    ])
  })

  test('event_time: rows wait for the watermark and come in order of (event time, partition, offset)', async () => {
    const run = new TestRun({ definition: count, stream: PAY, order: 'event_time', outOfOrdernessMs: 5000, partitions: 2 }).open()
    await run.feed([at(10, 1, 'a', 1), at(9, 1, 'a', 1), at(10, 1, 'a', 0)])
    expect(run.history.rows).toEqual([])
    await run.feed([at(15, 1, 'a', 0), at(16, 1, 'a', 1)])
    expect(run.history.rows.map(({ partition, offset }) => [partition, offset])).toEqual([[1, 1]]) // watermark 10 s: what lies before it
    await run.end()
    expect(run.history.rows.map(({ eventTimeMs, partition, offset }) => [eventTimeMs / 1000, partition, offset])).toEqual([
      [9, 1, 1],
      [10, 0, 0],
      [10, 1, 0],
      [15, 0, 1],
      [16, 1, 2],
    ])
  })

  test('FIRST and LAST order ties by partition and offset, not by arrival', async () => {
    const definition = view('FIRST(amount) OVER w AS f, LAST(amount) OVER w AS l')
    const run = await runView({ definition, stream: PAY, order: 'event_time', partitions: 2 }, [
      at(1, 10, 'a', 1),
      at(1, 20, 'a', 0),
      at(1, 30, 'a', 0),
    ])
    expect(run.history.rows.map(({ values }) => values)).toEqual([
      [20, 10],
      [20, 10],
      [20, 10],
    ])
  })
})

describe('semantics 24: determinism', () => {
  for (const order of ['arrival', 'event_time'] as const) {
    test(`${order}: the result does not depend on batch boundaries (random splits give equal rows)`, async () => {
      await fc.assert(
        fc.asyncProperty(
          arbitraryView(ALL_TYPES, { ...ALL_FRAMES, keys: [['k'], ['b']], hints: false }),
          randomEvents(40),
          splits,
          fc.nat(6000),
          fc.nat(3000),
          fc.constantFrom(null, null, 2000, 20_000),
          async (definition, events, batches, outOfOrdernessMs, allowedLatenessMs, ttlMs) => {
            const options = { definition, stream: ALL_TYPES, order, outOfOrdernessMs, allowedLatenessMs, ttlMs }
            const whole = await runView(options, asTestEvents(events))
            const split = await runView(options, asTestEvents(events), batches)
            expect(split.history.rows).toEqual(whole.history.rows)
            expect(await online(split)).toEqual(await online(whole))
            expect(split.source.counts).toEqual(whole.source.counts)
            expect(split.source.late).toEqual(whole.source.late)
          },
        ),
        { numRuns: 60 },
      )
    })
  }

  test('the result does not depend on parallelism: same rows, in the same order per key', async () => {
    await fc.assert(
      fc.asyncProperty(
        arbitraryView(ALL_TYPES, { ...ALL_FRAMES, keys: [['k'], ['n'], ['k', 'n']], hints: false }),
        randomEvents(40),
        fc.integer({ min: 2, max: 9 }),
        fc.constantFrom('arrival' as const, 'event_time' as const),
        fc.constantFrom(null, null, 2000, 20_000),
        async (definition, events, parallelism, order, ttlMs) => {
          const options = { definition, stream: ALL_TYPES, order, outOfOrdernessMs: 5000, ttlMs }
          const byKey = (run: TestRun) => [...Map.groupBy(run.history.rows, ({ key }) => key)].sort()
          const one = await runView(options, asTestEvents(events), [5])
          const many = await runView({ ...options, parallelism }, asTestEvents(events), [7])
          expect(byKey(many)).toEqual(byKey(one))
          expect(await online(many)).toEqual(await online(one))
        },
      ),
      { numRuns: 40 },
    )
  })
})

describe('semantics 4: late events', () => {
  test('permuting within the bound gives the same final values', async () => {
    const definition = view('COUNT(*) OVER w AS n, SUM(amount) OVER w AS total, LAST(amount) OVER w AS newest')
    const arbitrary = fc.array(fc.record({ gap: fc.nat(4), amount: fc.integer({ min: -50, max: 50 }), jump: fc.nat(2000) }), {
      minLength: 1,
      maxLength: 40,
    })
    await fc.assert(
      fc.asyncProperty(arbitrary, async (drawn) => {
        let now = 100
        const inOrder = drawn.map(({ gap, amount, jump }) => ({ event: at((now += gap), amount), sortBy: now * 1000 + jump * 2 }))
        const shuffled = inOrder.toSorted((a, b) => a.sortBy - b.sortBy)
        const run = (events: typeof inOrder, order: 'arrival' | 'event_time') =>
          runView(
            {
              definition,
              stream: PAY,
              order,
              outOfOrdernessMs: order === 'arrival' ? 0 : 4000,
              allowedLatenessMs: order === 'arrival' ? 4000 : 0,
            },
            events.map(({ event }) => event),
          )
        const final = (result: TestRun) => result.online.byKey.get('["a"]')!.values.slice(0, 2) // offsets, and so the order of ties, differ
        const expected = final(await run(inOrder, 'event_time'))
        expect(final(await run(shuffled, 'event_time'))).toEqual(expected)
        expect(final(await run(shuffled, 'arrival'))).toEqual(expected)
      }),
      { numRuns: 60 },
    )
  })

  test('an allowed late event gets its own value and corrects the current one with a higher version', async () => {
    const run = new TestRun({ definition: count, stream: PAY, allowedLatenessMs: 20_000 }).open()
    await run.feed([at(100), at(105), at(98)])
    expect(numbers(run)).toEqual([
      [0, 1],
      [1, 2],
      [2, 1],
    ])
    expect(run.online.byKey.get('["a"]')).toMatchObject({ version: [105_000, 3, 0], values: [3], eventTimeMs: 105_000 })
  })

  test('event_time order with allowedLateness above 0: the value is corrected and emitted with a higher version', async () => {
    const run = new TestRun({ definition: count, stream: PAY, order: 'event_time', allowedLatenessMs: 20_000 }).open()
    await run.feed([at(100), at(105), at(110)])
    expect(run.online.byKey.get('["a"]')).toMatchObject({ version: [105_000, 2, 0], values: [2] })
    await run.feed([at(98)])
    expect(run.history.rows.at(-1)).toMatchObject({ offset: 3, values: [1] })
    expect(run.online.byKey.get('["a"]')).toMatchObject({ version: [105_000, 3, 0], values: [3] })
  })

  test('later ones go to a side list with a counter; nothing is dropped in silence', async () => {
    const run = new TestRun({ definition: count, stream: PAY, outOfOrdernessMs: 1000, allowedLatenessMs: 4000 }).open()
    await run.feed([at(100), at(95), at(94.999)])
    expect(run.source.counts).toMatchObject({ read: 3, good: 2, late: 1 })
    expect(run.source.late).toMatchObject([{ offset: 2, code: 'late', partition: 0 }])
  })

  test('lateness is judged per partition in offset order: the same however partitions are interleaved', async () => {
    const a = [at(100, 1, 'a', 0), at(50, 1, 'a', 0), at(200, 1, 'a', 0)]
    const b = [at(10, 1, 'b', 1), at(5, 1, 'b', 1), at(11, 1, 'b', 1)]
    for (const events of [
      [...a, ...b],
      [...b, ...a],
      [a[0]!, b[0]!, a[1]!, b[1]!, b[2]!, a[2]!],
    ]) {
      const run = await runView({ definition: count, stream: PAY, partitions: 2, allowedLatenessMs: 10_000 }, events, [2])
      expect(run.source.late.map(({ partition, offset }) => [partition, offset])).toEqual([[0, 1]])
    }
  })
})

describe('semantics 3: watermarks', () => {
  const options = { definition: count, stream: PAY, order: 'event_time' as const, partitions: 2, idleTimeoutMs: 30_000 }

  test('min over inputs; an idle one stops holding it back, and comes back (FLINK-32496)', async () => {
    const run = new TestRun(options).open()
    await run.feed([at(10, 1, 'a', 0), at(20, 1, 'a', 0)])
    expect(run.source.watermarks.watermarkMs).toBe(Number.NEGATIVE_INFINITY) // FLINK-31632: nothing is known of partition 1
    run.nowMs = 29_999
    await run.feed([])
    expect(run.history.rows.length).toBe(0)
    run.nowMs = 30_000 // both have been silent; the last one standing keeps what it has
    await run.feed([at(21, 1, 'a', 0)])
    expect(run.source.watermarks.watermarkMs).toBe(21_000)
    expect(run.history.rows.length).toBe(2)
    await run.feed([at(25, 1, 'b', 1), at(22, 1, 'b', 1), at(15, 1, 'b', 1)])
    expect(run.source.watermarks.of(1)).toMatchObject({ idle: false, floorMs: 21_000 })
    expect(run.source.late.map(({ partition, offset }) => [partition, offset])).toEqual([
      [1, 1],
      [1, 2],
    ]) // 22 s is behind its own 25 s, 15 s behind what was passed
    await run.feed([at(40, 1, 'a', 0)])
    expect(run.source.watermarks.watermarkMs).toBe(25_000) // partition 1 counts again
  })

  test('partitions that fall silent at once hold nothing back, as if one had before the other', async () => {
    const run = new TestRun(options).open()
    await run.feed([at(10, 1, 'a', 0), at(60, 1, 'a', 1)])
    run.nowMs = 40_000
    await run.feed([])
    expect(run.source.watermarks.of(0).idle && run.source.watermarks.of(1).idle).toBe(true)
    expect(run.source.watermarks.watermarkMs).toBe(60_000)
    expect(run.history.rows).toHaveLength(1)
  })

  test('what came to a silent partition is not late because another one is read first', async () => {
    const run = new TestRun(options).open()
    await run.feed([at(10, 1, 'a', 0), at(10, 1, 'a', 1)])
    run.nowMs = 40_000
    await run.feed([])
    await run.feed([at(90, 1, 'a', 0), at(20, 1, 'a', 1), at(100, 1, 'a', 0)])
    expect(run.source.late).toEqual([])
    expect(run.source.watermarks.watermarkMs).toBe(20_000)
  })

  test('what an idle partition brings back is not late only because it was idle', async () => {
    const run = new TestRun({ ...options, outOfOrdernessMs: 10_000 }).open()
    await run.feed([at(100, 1, 'a', 0)])
    run.nowMs = 40_000
    await run.feed([at(101, 1, 'a', 0)])
    await run.feed([at(95, 1, 'b', 1)])
    expect(run.source.counts.late).toBe(0)
  })

  test('idleness must not fire while behind (FLINK-35886): only a partition read to its end is silent', async () => {
    const run = new TestRun(options).open()
    await run.feed([at(10, 1, 'a', 0), at(10, 1, 'a', 1)])
    run.put([at(20, 1, 'a', 0)])
    run.nowMs = 1_000_000 // a long pause of the job, not of the log
    run.source.poll(0, run.nowMs)
    expect(run.source.watermarks.of(0).idle).toBe(false)
  })

  test('one event in the year 2100 does not move it: future skew is judged against the time at which the log took the event', async () => {
    const run = new TestRun({ ...options, partitions: 1, futureSkewMs: 300_000 }).open()
    await run.feed([at(200), at(4_102_444_800), at(300), at(300.001)]) // the test's log takes all at 0
    expect(run.source.deadLetters.map(({ offset, code }) => [offset, code])).toEqual([
      [1, 'event_time_in_future'],
      [3, 'event_time_in_future'],
    ])
    expect(run.source.watermarks.watermarkMs).toBe(300_000)
  })

  test('idleness and watermarks are in the snapshot', async () => {
    const run = new TestRun({ ...options, outOfOrdernessMs: 1000 }).open()
    await run.feed([at(100, 1, 'a', 0)])
    run.nowMs = 40_000
    await run.feed([at(120, 1, 'a', 0)])
    expect(run.source.snapshot().watermarks).toEqual({
      watermarkMs: 119_000,
      partitions: {
        0: { maxEventTimeMs: 120_000, idle: false, ended: false, floorMs: null },
        1: { maxEventTimeMs: null, idle: true, ended: false, floorMs: null },
      },
    })
  })
})

describe('semantics 6: RANGE is closed at both ends, bounds to the millisecond', () => {
  const value = async (frame: string, times: number[]) => {
    const run = await runView(
      { definition: view('COUNT(*) OVER w AS n', frame), stream: PAY, order: 'event_time' },
      times.map((ms) => at(ms / 1000)),
    )
    return run.history.rows.at(-1)!.values[0]
  }
  test('both ends included', async () => {
    expect(await value("RANGE BETWEEN INTERVAL '10' SECOND PRECEDING AND CURRENT ROW", [0, 1, 10_000])).toBe(3)
    expect(await value("RANGE BETWEEN INTERVAL '10' SECOND PRECEDING AND CURRENT ROW", [0, 1, 10_001])).toBe(2)
    expect(await value("RANGE BETWEEN INTERVAL '10' SECOND PRECEDING AND INTERVAL '1' SECOND PRECEDING", [0, 1, 9000, 9001, 10_000])).toBe(
      3,
    )
  })
  test('months by calendar, clamped to the end of the month', async () => {
    const day = (text: string) => Date.parse(`${text}T00:00:00Z`)
    const month = "RANGE BETWEEN INTERVAL '1' MONTH PRECEDING AND CURRENT ROW"
    expect(await value(month, [day('2023-02-27'), day('2023-02-28'), day('2023-03-31')])).toBe(2)
    expect(await value(month, [day('2024-02-28'), day('2024-02-29'), day('2024-03-30')])).toBe(2)
  })
  test('times before 1970', async () =>
    expect(await value("RANGE BETWEEN INTERVAL '10' SECOND PRECEDING AND CURRENT ROW", [-20_000, -10_000, -5000, 0])).toBe(3))
})

describe('rows are kept no longer than a window can ask for them', () => {
  test('old rows go, quiet keys too; a lifetime window goes on over what is gone', async () => {
    const definition = view(
      'COUNT(*) OVER w AS n, SUM(amount) OVER w AS total, FIRST(amount) OVER w AS oldest, COUNT(DISTINCT amount) OVER w AS kinds',
      'RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW',
    )
    const run = new TestRun({ definition, stream: PAY }).open()
    await run.feed([at(0, 5, 'quiet')])
    for (let i = 0; i < 500; i++) await run.feed([at(i, i % 3)])
    expect(run.operators[0]!.stateBytes()).toBeLessThan(5000)
    expect(run.history.rows.at(-1)!.values).toEqual([500, 499, 0, 3])
    await run.feed([at(500, 7, 'quiet')])
    expect(run.history.rows.at(-1)!.values).toEqual([2, 12, 5, 2])
  })

  test('a read of a moment whose rows are gone is refused with the bound, later ones are right', async () => {
    const run = new TestRun({ definition: count, stream: PAY }).open()
    for (let i = 0; i < 100; i++) await run.feed([at(i)])
    const operator = run.operators[0]!
    const fromMs = operator.readableFromMs()
    expect(fromMs).toBeGreaterThan(0)
    const group = run.operators.length && (await import('../state/hash.ts')).keyGroupOf('["a"]')
    for (let ms = fromMs; ms < 99_000; ms += 500)
      expect(operator.read('["a"]', ms, group).values, `${ms}`).toEqual([
        Math.min(99, Math.floor(ms / 1000)) - Math.ceil((ms - 10_000) / 1000) + 1,
      ])
  })
})

describe('DESIGN §5.8: values decay without events', () => {
  test('a stored row carries validUntil and is rewritten with a higher step; equal to a read at that moment', async () => {
    const lag = "lag AS (PARTITION BY card ORDER BY ts RANGE BETWEEN INTERVAL '20' SECOND PRECEDING AND INTERVAL '5' SECOND PRECEDING)"
    const definition = view('COUNT(*) OVER w AS n, COUNT(*) OVER lag AS old, 2 * n AS twice', undefined, `, ${lag}`)
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(30_000), { minLength: 1, maxLength: 12 }),
        fc.array(fc.nat(9000), { minLength: 1, maxLength: 6 }),
        async (times, pauses) => {
          const run = new TestRun({ definition, stream: PAY, allowedLatenessMs: 100_000 }).open()
          await run.feed(times.map((ms) => at(ms / 1000)))
          const { keyGroupOf } = await import('../state/hash.ts')
          let now = Math.max(...times)
          for (const pause of pauses) {
            now += pause
            while (!run.pipeline.decay(now)) await run.pipeline.drain()
            await run.pipeline.drain()
            const row = run.online.byKey.get('["a"]')!
            const reading = run.operators[0]!.read('["a"]', now, keyGroupOf('["a"]'))
            expect(row.values).toEqual(reading.values)
            expect(row.version).toEqual(reading.version)
            if (row.validUntilMs !== null) expect(row.validUntilMs).toBeGreaterThan(now)
            if (row.validUntilMs !== null)
              expect(run.operators[0]!.read('["a"]', row.validUntilMs - 1, keyGroupOf('["a"]')).values).toEqual(row.values)
            else expect(run.operators[0]!.read('["a"]', now + 1e9, keyGroupOf('["a"]')).values).toEqual(row.values)
          }
        },
      ),
      { numRuns: 60 },
    )
  })

  test('the final rows do not depend on how often time was looked at', async () => {
    const definition = view('COUNT(*) OVER w AS n')
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.nat(4000)), { minLength: 1, maxLength: 30 }),
        fc.array(fc.boolean(), { minLength: 30, maxLength: 30 }),
        async (steps, looks) => {
          let now = 0
          const events = steps.map(([card, step]) => at((now += step) / 1000, 1, card))
          const run = async (looking: readonly boolean[]) => {
            const test = new TestRun({ definition, stream: PAY }).open()
            for (let i = 0; i < events.length; i++) {
              await test.feed([events[i]!])
              if (looking[i]) test.pipeline.decay(test.pipeline.maxAppliedMs())
              await test.pipeline.drain()
            }
            return online(test)
          }
          expect(await run(looks)).toEqual(await run([]))
        },
      ),
      { numRuns: 60 },
    )
  })
})

describe('semantics 22: poison', () => {
  test('above the limit the job stops with a clear reason; below 100 events it does not judge', async () => {
    const bad: TestEvent = { value: 'garbage' }
    const run = new TestRun({ definition: count, stream: PAY, deadLetterRateLimit: 0.5 }).open()
    await run.feed(Array.from({ length: 99 }, () => bad))
    expect(run.source.counts.refused).toBe(99)
    await expect(run.feed([bad])).rejects.toThrow(/100 % of the last 100 events were refused.*deadLetterRateLimit/)
  })

  test('exactly at the limit it goes on', async () => {
    const run = new TestRun({ definition: count, stream: PAY, deadLetterRateLimit: 0.5 }).open()
    await run.feed(Array.from({ length: 400 }, (_, i) => (i % 2 === 0 ? at(i) : { value: '[]' })))
    expect(run.source.counts).toMatchObject({ good: 200, refused: 200 })
  })
})

describe('semantics 1: barriers', () => {
  test('a snapshot holds exactly the effects of positions before the cut, at any parallelism and skew', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 5 }),
        fc.nat(60),
        fc.array(fc.nat(3), { maxLength: 40 }),
        async (parallelism, cut, order) => {
          const seen: { operator: string; subtask: number; rows: number }[] = []
          let run!: TestRun
          const barrier: Barrier = { id: 1, triggeredAtMs: 0 }
          run = new TestRun({
            definition: count,
            stream: PAY,
            parallelism,
            acknowledge: (_barrier, { operator, subtask }) =>
              seen.push({
                operator,
                subtask,
                rows: operator === 'keyed' ? run.pipeline.keyed[subtask]!.recordsIn : run.history.rows.length,
              }),
          }).open()
          const events = Array.from({ length: 80 }, (_, i) => at(i, 1, `c${i % 13}`))
          for (let i = 0; i < cut; i++) {
            run.put([events[i]!])
            while (run.pipeline.keyed.some(({ input }) => input.full)) await run.pipeline.step(() => false)
            run.pipeline.read(1, 0)
          }
          run.pipeline.inject(barrier)
          for (let i = cut; i < events.length; i++) {
            run.put([events[i]!])
            const hurried = run.pipeline.keyed[(order[i % Math.max(1, order.length)] ?? 0) % parallelism]!
            hurried.run(() => false) // one subtask runs ahead of the others
            if (i % 5 === 0) await run.pipeline.sink.run()
            if (!run.pipeline.keyed.some(({ input }) => input.full)) run.pipeline.read(1000, 0)
          }
          for (run.pipeline.read(1000, 0); run.pipeline.waiting; ) await run.pipeline.step(() => false)
          const keyed = seen.filter(({ operator }) => operator === 'keyed')
          expect(keyed.reduce((sum, { rows }) => sum + rows, 0)).toBe(cut)
          expect(seen.find(({ operator }) => operator === 'sink')?.rows).toBe(cut)
          expect(run.history.flushes).toBe(1)
        },
      ),
      { numRuns: 80 },
    )
  })
})

test('language 7: WHERE, like historyEventTime, drops events before any window: what is left out gives no row and is no late event', async () => {
  const definition = view('COUNT(*) OVER w AS n')
  definition.where = { kind: 'binary', op: '>', left: { kind: 'field', name: 'amount' }, right: { kind: 'literal', type: 'int', value: 0 } }
  const run = await runView({ definition, stream: PAY, historyEventTimeMs: 5000 }, [
    at(4, 1),
    at(5, 1),
    at(6, -1),
    at(7, null),
    at(8, 1),
    at(1, 0),
  ])
  expect(valuesByOffset(run.history.rows)).toEqual(
    new Map([
      ['0/1', [1]],
      ['0/4', [2]],
    ]),
  )
  expect(run.source.counts).toEqual({ read: 6, good: 2, refused: 0, late: 0, skipped: 4, refusedByMaxEventTime: 0 })
})
