import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import type { ViewDefinition } from '../../definition/model.ts'
import { loadParser, parseViewSync } from '../../definition/parse-sql.ts'
import { arbitraryView } from '../../definition/testing/arbitrary-view.ts'
import { ALL_TYPES, PAY } from '../../definition/testing/streams.ts'
import { restoreFiles } from '../checkpoint/restore.ts'
import { relatedFeatures, splitRefusal } from '../plan/feature-parts.ts'
import { planView } from '../plan/plan.ts'
import type { ResultRow } from '../sink/port.ts'
import { asTestEvents, randomEvents } from '../state/events.fixture.ts'
import { keyGroupOf } from '../state/hash.ts'
import { CollectingSink, runView, type TestEvent, TestRun } from '../task/run-view.fixture.ts'
import { byKey, type Layout } from './layout.ts'
import { newRun, ThreadedRun } from './threads.fixture.ts'

beforeAll(loadParser)

const sorted = (rows: Iterable<ResultRow>) => [...rows].sort((a, b) => (a.key < b.key ? -1 : 1))
const byKeyOf = (rows: readonly ResultRow[]) => [...Map.groupBy(rows, ({ key }) => key)].sort()
const SQL = `SELECT card, COUNT(*) OVER w AS n, SUM(amount) OVER w AS total, MAX(amount) OVER long AS most,
    COUNT(DISTINCT shop) OVER w AS shops, LAST(shop) OVER long AS shop_last, total / (n - 3) AS ratio,
    SUM(amount) OVER ever AS ever_total, MEDIAN(amount) OVER w AS middle
  FROM pay WINDOW w AS (PARTITION BY card ORDER BY ts RANGE BETWEEN INTERVAL '10' SECOND PRECEDING AND CURRENT ROW),
    long AS (PARTITION BY card ORDER BY ts RANGE BETWEEN INTERVAL '40' SECOND PRECEDING AND INTERVAL '2' SECOND PRECEDING),
    ever AS (PARTITION BY card ORDER BY ts RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)`
/** with a window over all time, for the plain road; and without, for the compiled one */
let payments: ViewDefinition
let bounded: ViewDefinition
beforeAll(() => {
  const parsed = (sql: string) => {
    const { checked, problems } = parseViewSync(sql, [PAY])
    if (!checked) throw new Error(JSON.stringify(problems))
    return checked.definition
  }
  payments = parsed(SQL)
  bounded = parsed(SQL.replace('RANGE BETWEEN UNBOUNDED PRECEDING', "RANGE BETWEEN INTERVAL '25' SECOND PRECEDING"))
})

/** Payments of some cards; one of them has most. */
const events = (count: number, from = 0): TestEvent[] =>
  Array.from({ length: count }, (_, j) => {
    const i = from + j
    if (i % 29 === 17) return { value: `garbage ${i}` }
    const lateMs = i % 13 === 5 ? 4000 : i % 31 === 8 ? 60_000 : 0
    const card = i % 3 === 0 ? `c${(i * 7) % 11}` : 'hot'
    return { value: { card, amount: i % 5 === 0 ? null : i / 8, shop: `ş${i % 4}`, ts: 1_000_000 + i * 400 - lateMs } }
  })
const bounds = { outOfOrdernessMs: 2000, allowedLatenessMs: 3000 }

/** Related features dealt out to so many parts, as `numbers` say. */
function dealt(definition: ViewDefinition, stream: typeof PAY, parts: number, numbers: readonly number[]): string[][] {
  const dealtTo: string[][] = Array.from({ length: parts }, () => [])
  relatedFeatures(planView(definition, stream)).forEach((names, i) => dealtTo[numbers[i % numbers.length]! % parts]!.push(...names))
  return dealtTo.filter((names) => names.length > 0)
}

describe('parallel by feature (DESIGN §7): semantics 24 with the features of a key in several threads', () => {
  test('whoever goes on when, rows, newest rows, readings and refusals are those of one thread', async () => {
    await fc.assert(
      fc.asyncProperty(
        arbitraryView(ALL_TYPES, { keys: [['k'], ['n'], ['k', 'n']], hints: false, rows: true, exclude: true, maxRows: true }),
        randomEvents(40),
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 2, max: 4 }),
        fc.array(fc.nat(), { minLength: 3, maxLength: 6 }),
        fc.constantFrom('arrival' as const, 'event_time' as const),
        fc.constantFrom(undefined, 'plain' as const),
        fc.constantFrom(null, 3000, 3_600_000),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 }),
        fc.integer(),
        async (definition, random, ranges, count, numbers, order, road, ttlMs, batches, seed) => {
          fc.pre(splitRefusal(planView(definition, ALL_TYPES)) === null)
          const parts = dealt(definition, ALL_TYPES, count, numbers)
          const options = { definition, stream: ALL_TYPES, order, outOfOrdernessMs: 4000, allowedLatenessMs: 1000, ttlMs }
          const one = new TestRun({ ...options, road: road ?? 'planned' }).open()
          const layout = { ranges, parts }
          const many = await new ThreadedRun({ ...options, parallelism: 1, layout, seed, ...(road ? { road } : {}) }).open()
          const all = asTestEvents(random)
          for (let at = 0, i = 0; at < all.length; i++) {
            const size = batches[i % batches.length]!
            many.put(all.slice(at, at + size))
            many.pipeline.read(Number.MAX_SAFE_INTEGER, 0)
            at += size
          }
          while (many.pipeline.source.counts.read < all.length) await many.feed([])
          await many.end()
          await one.feed(all)
          await one.end()
          expect(byKeyOf(many.history.rows)).toEqual(byKeyOf(one.history.rows))
          const nowMs = one.pipeline.maxAppliedMs()
          while (!one.pipeline.decay(nowMs)) await one.pipeline.drain()
          await one.pipeline.drain()
          expect(many.pipeline.maxAppliedMs()).toBe(nowMs)
          expect(await many.settled()).toEqual(sorted(one.online.byKey.values()))
          expect(many.pipeline.source.snapshot()).toEqual(one.source.snapshot())
          expect(many.pipeline.applied).toBe(one.pipeline.applied)
          const keys = [...one.online.byKey.keys(), '["nobody"]'].map((key) => ({ key, group: keyGroupOf(key) }))
          const question = { keys, atMs: null, clockMs: nowMs + 5000, isEventClock: false, decays: false }
          const readings = async (run: { pipeline: { ask: TestRun['pipeline']['ask'] | ThreadedRun['pipeline']['ask'] } }) =>
            (await run.pipeline.ask(question)).map(({ reading, evaluatedAtMs }) => ({ reading, evaluatedAtMs }))
          expect(await readings(many)).toEqual(await readings(one))
        },
      ),
      { numRuns: 80 },
    )
  })

  for (const road of [undefined, 'plain' as const])
    test(`real threads: ${road ?? 'compiled'} road`, async () => {
      const options = { definition: road ? payments : bounded, stream: PAY, order: 'arrival' as const, ...bounds }
      const parts = dealt(options.definition, PAY, 3, [0, 1, 2])
      const one = await runView({ ...options, road: road ?? 'planned' }, events(3000))
      const many = await newRun({ ...options, parallelism: 3, layout: { ranges: 1, parts }, ...(road ? { road } : {}) }).open()
      for (let at = 0; at < 3000; at += 250) many.put(events(250, at))
      while (many.pipeline.source.counts.read < 3000) await many.feed([])
      await many.end()
      expect(many.history.rows).toEqual(one.history.rows) // one range of keys: even between keys the order is that of one thread
      expect(many.pipeline.keyed.map(({ recordsIn }) => recordsIn)).toEqual(parts.map(() => one.pipeline.applied))
      expect(many.pipeline.keyed.map(({ features }) => features)).toEqual(parts)
      expect(many.pipeline.counted.reduce((sum, { keys }) => sum + keys, 0)).toBe(one.pipeline.keyed[0]!.keys)
    })
})

test('many keys are looked through, again and again, while events flow: what is over goes in all parts at once', async () => {
  const many: TestEvent[] = Array.from({ length: 6000 }, (_, i) => ({
    value: { card: `k${i % 1300}`, amount: i / 8, shop: `s${i % 5}`, ts: 1_000_000 + i * 20 },
  }))
  const layout = { ranges: 2, parts: dealt(bounded, PAY, 3, [0, 1, 2]) }
  for (const road of [undefined, 'plain' as const]) {
    const shape = { definition: bounded, stream: PAY, outOfOrdernessMs: 0, allowedLatenessMs: 0, ttlMs: 30_000, ...(road ? { road } : {}) }
    const one = new TestRun({ ...shape, road: road ?? 'planned' }).open()
    const split = await new ThreadedRun({ ...shape, parallelism: 1, layout, seed: 11 }).open()
    for (let at = 0; at < many.length; at += 500) {
      await one.feed(many.slice(at, at + 500))
      await split.feed(many.slice(at, at + 500))
    }
    await one.end()
    await split.end()
    expect(byKeyOf(split.history.rows)).toEqual(byKeyOf(one.history.rows))
    while (!one.pipeline.decay(one.pipeline.maxAppliedMs())) await one.pipeline.drain()
    await one.pipeline.drain()
    expect(await split.settled()).toEqual(sorted(one.online.byKey.values()))
    const rows = split.pipeline.keyed.map(({ facts }) => facts.keys)
    expect(new Set(layout.parts.map((_, p) => rows[p])).size).toBe(1)
  }
})

describe('semantics 1, 9: snapshots of a job that is split by feature', () => {
  const anyLayout = (definition: () => ViewDefinition) =>
    fc
      .record({
        ranges: fc.integer({ min: 1, max: 3 }),
        parts: fc.integer({ min: 1, max: 4 }),
        numbers: fc.array(fc.nat(), { minLength: 5, maxLength: 5 }),
      })
      .map(
        ({ ranges, parts, numbers }) =>
          (): Layout =>
            parts === 1 ? byKey(planView(definition(), PAY), ranges) : { ranges, parts: dealt(definition(), PAY, parts, numbers) },
      )

  for (const road of [undefined, 'plain' as const])
    test(`whatever layout writes one, any other goes on from it as if nothing had been: ${road ?? 'compiled'} road`, async () => {
      const definition = road ? payments : bounded
      const shape = { definition, stream: PAY, order: 'event_time' as const, ...bounds, ...(road ? { road } : {}) }
      const golden = new TestRun({ ...shape, road: road ?? 'planned' }).open()
      await golden.feed(events(400))
      await golden.end()
      while (!golden.pipeline.decay(golden.pipeline.maxAppliedMs())) await golden.pipeline.drain()
      await golden.pipeline.drain()
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.integer({ min: 1, max: 99 }), { minLength: 3, maxLength: 3 }),
          fc.array(
            anyLayout(() => definition),
            { minLength: 4, maxLength: 4 },
          ),
          fc.boolean(),
          fc.integer(),
          async (cuts, layouts, sameAgain, seed) => {
            const rows: ResultRow[] = []
            const newest = new Map<string, ResultRow>()
            let files: Map<string, Uint8Array> | null = null
            let at = 0
            for (const [i, layoutOf] of layouts.entries()) {
              const layout = sameAgain ? layouts[0]!() : layoutOf()
              const run = new ThreadedRun({ ...shape, parallelism: 1, layout, seed: seed + i })
              await run.open(files && restoreFiles(files, 'memory', run.pipeline.restoreTargets))
              // Rows of all keys once more, as a job does where no store has them.
              if (i % 2 === 1) while (!run.pipeline.rewrite()) await run.pipeline.drain()
              const until = i === 3 ? 400 : at + cuts[i]!
              await run.feed(events(until - at, at))
              at = until
              if (i === 3) {
                await run.end()
                await run.settled()
              } else {
                run.put(events(20, at))
                run.pipeline.read(0, 0)
                files = await run.snapshot(1)
              }
              rows.push(...run.history.rows)
              for (const [key, row] of run.online.byKey) newest.set(key, row)
            }
            expect(byKeyOf(rows)).toEqual(byKeyOf(golden.history.rows))
            expect(sorted(newest.values())).toEqual(sorted(golden.online.byKey.values()))
          },
        ),
        { numRuns: 20 },
      )
    })

  test('parts that do not belong together are refused, with their files', async () => {
    const layout = { ranges: 1, parts: dealt(bounded, PAY, 2, [0, 1]) }
    const run = await new ThreadedRun({ definition: bounded, stream: PAY, parallelism: 1, layout, seed: 1, ...bounds }).open()
    await run.feed(events(100))
    const early = await run.snapshot(1)
    await run.feed(events(100, 100))
    const late = await run.snapshot(2)
    const mixed = new Map([...late, ['keyed-1.bin', early.get('keyed-1.bin')!]])
    const other = new ThreadedRun({ definition: bounded, stream: PAY, parallelism: 2, seed: 1, ...bounds })
    expect(() => restoreFiles(mixed, 'memory', other.pipeline.restoreTargets)).toThrow(
      /keyed-0\.bin, keyed-1\.bin.*its parts do not hold the same rows/,
    )
  })
})

describe('DESIGN §5.9: reads of a view that is split by feature', () => {
  test('while events flow, every reading is of one moment: its values are those of the row with its version', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), fc.integer({ min: 1, max: 2 }), async (seed, ranges) => {
        const layout = { ranges, parts: dealt(bounded, PAY, 3, [0, 1, 2]) }
        const run = await new ThreadedRun({
          definition: bounded,
          stream: PAY,
          parallelism: 1,
          layout,
          seed,
          ...bounds,
          allowedLatenessMs: 100_000,
        }).open()
        const key = '["hot"]'
        const question = () => ({
          keys: [{ key, group: keyGroupOf(key) }],
          atMs: null,
          clockMs: Number.NEGATIVE_INFINITY,
          isEventClock: true,
          decays: true,
        })
        const asking: Promise<unknown>[] = []
        for (let at = 0; at < 60; at += 6) {
          run.put(events(6, at))
          run.pipeline.read(Number.MAX_SAFE_INTEGER, 0)
          asking.push(run.pipeline.ask(question()).then(([answer]) => answer))
          for (let turn = 0; turn < 8; turn++) {
            await run.pipeline.step()
            await new Promise(setImmediate)
          }
        }
        while (run.pipeline.source.counts.read < 60) await run.feed([])
        await run.pipeline.drain()
        asking.push(run.pipeline.ask(question()).then(([answer]) => answer))
        const readings = (await Promise.all(asking)) as Awaited<ReturnType<typeof run.pipeline.ask>>
        const known = readings.filter(({ reading }) => reading?.status === 'PRESENT')
        expect(known.length).toBeGreaterThan(0)
        const one = new TestRun({ definition: bounded, stream: PAY, ...bounds, allowedLatenessMs: 100_000, road: 'planned' }).open()
        const expected = new Map<string, unknown>()
        for (let at = 0; at < 60; at++) {
          await one.feed(events(1, at))
          for (const { evaluatedAtMs, reading } of known) {
            const same = one.pipeline.ask({ ...question(), atMs: evaluatedAtMs })[0]!.reading
            if (same && JSON.stringify(same.version) === JSON.stringify(reading!.version)) expected.set(JSON.stringify(reading), same)
          }
        }
        for (const { reading } of known) expect(reading).toEqual(expected.get(JSON.stringify(reading)))
      }),
      { numRuns: 8 },
    )
  })

  test('a sink that does not go on holds no read back', async () => {
    let release = () => {}
    const held = new Promise<void>((resolve) => (release = resolve))
    class SlowSink extends CollectingSink {
      override write(rows: readonly ResultRow[]): void | Promise<void> {
        super.write(rows)
        return held
      }
    }
    const layout = { ranges: 1, parts: dealt(bounded, PAY, 2, [0, 1]) }
    const run = await new ThreadedRun({
      definition: bounded,
      stream: PAY,
      parallelism: 1,
      layout,
      seed: 9,
      sinks: [new SlowSink()],
      ...bounds,
    }).open()
    let stepping: Promise<void> | null = null
    for (let at = 0, still = 0; still < 300; still++) {
      run.put(events(1, at))
      const read = run.pipeline.read(1, 0)
      if (read > 0) [at, still] = [at + read, 0]
      stepping ??= run.pipeline.step().then(() => {
        stepping = null
      })
      await new Promise(setImmediate)
    }
    const key = '["hot"]'
    const [answer] = await run.pipeline.ask({
      keys: [{ key, group: keyGroupOf(key) }],
      atMs: null,
      clockMs: run.pipeline.maxAppliedMs(),
      isEventClock: true,
      decays: true,
    })
    expect(answer!.reading!.status).toBe('PRESENT')
    release()
    await stepping
    await run.pipeline.drain()
  })
})
