import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import type { ViewDefinition } from '../../definition/model.ts'
import { loadParser, parseViewSync } from '../../definition/parse-sql.ts'
import { arbitraryView } from '../../definition/testing/arbitrary-view.ts'
import { ALL_TYPES, PAY } from '../../definition/testing/streams.ts'
import { restoreFiles } from '../checkpoint/restore.ts'
import type { ResultRow } from '../sink/port.ts'
import { asTestEvents, randomEvents } from '../state/events.fixture.ts'
import { keyGroupOf } from '../state/hash.ts'
import { CollectingSink, runView, type TestEvent, TestRun } from '../task/run-view.fixture.ts'
import { newRun, ThreadedRun } from './threads.fixture.ts'

beforeAll(loadParser)

const view = (columns: string, where = ''): ViewDefinition => {
  const { checked, problems } = parseViewSync(
    `SELECT card, ${columns} FROM pay ${where} WINDOW w AS (PARTITION BY card ORDER BY ts RANGE BETWEEN INTERVAL '10' SECOND PRECEDING AND CURRENT ROW)`,
    [PAY],
  )
  if (!checked) throw new Error(JSON.stringify(problems))
  return checked.definition
}
const payments = view('COUNT(*) OVER w AS n, SUM(amount) OVER w AS total, COUNT(DISTINCT shop) OVER w AS shops, total / (n - 3) AS ratio')

const byKey = (rows: readonly ResultRow[]) => [...Map.groupBy(rows, ({ key }) => key)].sort()

/** Payments of some cards; now and then garbage, or an event that comes too late. */
const events = (count: number, from = 0): TestEvent[] =>
  Array.from({ length: count }, (_, j) => {
    const i = from + j
    if (i % 29 === 17) return { value: `garbage ${i}` }
    const lateMs = i % 13 === 5 ? 4000 : i % 31 === 8 ? 60_000 : 0
    return { value: { card: `c${(i * 7) % 11}`, amount: i % 5 === 0 ? null : i / 8, shop: `ş${i % 4}`, ts: 1_000_000 + i * 400 - lateMs } }
  })
const bounds = { outOfOrdernessMs: 2000, allowedLatenessMs: 3000 }

describe('semantics 24: with keyed subtasks in threads', () => {
  test('whoever goes on when, rows in order per key, newest rows, refusals, late events and counts are those of one thread', async () => {
    await fc.assert(
      fc.asyncProperty(
        arbitraryView(ALL_TYPES, { keys: [['k'], ['n'], ['k', 'n']], hints: false, groups: 'sometimes' }),
        randomEvents(40),
        fc.integer({ min: 2, max: 5 }),
        fc.constantFrom('arrival' as const, 'event_time' as const),
        fc.constantFrom(undefined, 'plain' as const),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 }),
        fc.integer(),
        async (definition, random, parallelism, order, road, batches, seed) => {
          const options = { definition, stream: ALL_TYPES, order, outOfOrdernessMs: 4000, allowedLatenessMs: 1000 }
          const one = new TestRun({ ...options, road: road ?? 'planned' }).open()
          const many = await new ThreadedRun({ ...options, parallelism, seed, ...(road ? { road } : {}) }).open()
          const all = asTestEvents(random)
          for (let at = 0, i = 0; at < all.length; i++) {
            const size = batches[i % batches.length]!
            many.put(all.slice(at, at + size))
            many.pipeline.read(Number.MAX_SAFE_INTEGER, 0) // reads ahead, judges what is there
            at += size
          }
          while (many.pipeline.source.counts.read < all.length) await many.feed([])
          await many.end()
          await one.feed(all)
          await one.end()
          expect(byKey(many.history.rows)).toEqual(byKey(one.history.rows))
          const nowMs = one.pipeline.maxAppliedMs()
          while (!one.pipeline.decay(nowMs)) await one.pipeline.drain()
          await one.pipeline.drain()
          expect(many.pipeline.maxAppliedMs()).toBe(nowMs)
          expect(await many.settled()).toEqual([...one.online.byKey.values()].sort((a, b) => (a.key < b.key ? -1 : 1)))
          expect(many.pipeline.source.snapshot()).toEqual(one.source.snapshot())
        },
      ),
      { numRuns: 80 },
    )
  })

  for (const road of [undefined, 'plain' as const])
    for (const order of ['arrival', 'event_time'] as const)
      test(`real threads: ${road ?? 'compiled'} road, ${order}`, async () => {
        const options = { definition: payments, stream: PAY, order, ...bounds }
        const one = await runView({ ...options, road: road ?? 'planned' }, events(3000))
        const many = await newRun({ ...options, parallelism: 3, ...(road ? { road } : {}) }).open()
        for (let at = 0; at < 3000; at += 250) many.put(events(250, at))
        while (many.pipeline.source.counts.read < 3000) await many.feed([])
        await many.end()
        expect(byKey(many.history.rows)).toEqual(byKey(one.history.rows))
        expect(many.pipeline.source.snapshot()).toEqual(one.source.snapshot())
        expect(many.pipeline.keyed.filter(({ recordsIn }) => recordsIn > 0).length).toBeGreaterThan(1)
        expect(many.pipeline.keyed.reduce((sum, { keys }) => sum + keys, 0)).toBe(11)
      })
})

describe('semantics 1, 9: snapshots over threads', () => {
  test('a barrier between events on their way: what is restored, at another parallelism each time, goes on as if nothing had been', async () => {
    const definition = payments
    const shape = { definition, stream: PAY, order: 'event_time' as const, ...bounds }
    const golden = await runView({ ...shape, road: 'planned' }, events(400))
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 99 }), { minLength: 3, maxLength: 3 }), fc.integer(), async (cuts, seed) => {
        const rows: ResultRow[] = []
        let files: Map<string, Uint8Array> | null = null
        let at = 0
        for (const [i, parallelism] of [1, 2, 3, 1].entries()) {
          const run = new ThreadedRun({ ...shape, parallelism, seed: seed + i })
          await run.open(files && restoreFiles(files, 'memory', run.pipeline.restoreTargets))
          const until = i === 3 ? 400 : at + cuts[i]!
          await run.feed(events(until - at, at))
          at = until
          if (i === 3) await run.end()
          else {
            // More is already on its way when the barrier goes in: it is not in the snapshot.
            run.put(events(20, at))
            run.pipeline.read(0, 0)
            files = await run.snapshot(1)
            expect(run.pipeline.source.snapshot().positions).toEqual({ 0: at })
          }
          rows.push(...run.history.rows)
        }
        expect(byKey(rows)).toEqual(byKey(golden.history.rows))
      }),
      { numRuns: 12 },
    )
  })

  test('real threads hand their snapshots over as bytes; every subtask and the sink acknowledge', async () => {
    const run = await newRun({ definition: payments, stream: PAY, parallelism: 2, ...bounds }).open()
    await run.feed(events(300))
    const files = await run.snapshot(7)
    expect([...files.keys()].sort()).toEqual(['keyed-0.bin', 'keyed-1.bin', 'source-0.json'])
    expect(run.snapshots.map(({ snapshot }) => `${snapshot.operator} ${snapshot.subtask}`).sort()).toEqual([
      'keyed 0',
      'keyed 1',
      'sink 0',
      'source 0',
    ])
    const again = newRun({ definition: payments, stream: PAY, parallelism: 3, ...bounds })
    await again.open(restoreFiles(files, 'memory', again.pipeline.restoreTargets))
    await run.feed(events(200, 300))
    await again.feed(events(200, 300))
    expect(byKey(again.history.rows)).toEqual(byKey(run.history.rows.filter(({ offset }) => offset >= 300)))
    expect(await again.settled()).toEqual(await run.settled())
  })
})

describe('DESIGN §5.9: reads over threads', () => {
  const question = (run: ThreadedRun, keys: readonly string[], atMs: number | null = null) => ({
    keys: keys.map((key) => ({ key, group: keyGroupOf(key) })),
    atMs,
    clockMs: run.pipeline.maxAppliedMs(),
    isEventClock: true,
    decays: atMs === null,
  })

  test('the owner of each key answers; a row that the sinks have not been given is on its way, and no longer when they have', async () => {
    const run = await new ThreadedRun({ definition: payments, stream: PAY, parallelism: 3, seed: 5, ...bounds }).open()
    const keys = Array.from({ length: 11 }, (_, i) => `["c${i}"]`)
    run.put(events(100))
    while (run.pipeline.source.counts.read < 100) {
      run.pipeline.read(100, 0)
      await new Promise(setImmediate)
    }
    while (run.pipeline.keyed.some(({ unfinished }) => unfinished > 0)) await new Promise(setImmediate)
    const before = await run.pipeline.ask(question(run, keys))
    expect(before.map(({ onItsWay }) => onItsWay?.key)).toEqual(keys)
    expect(before.map(({ onItsWay, reading }) => [onItsWay!.version, reading!.status])).toEqual(
      before.map(({ reading }) => [reading!.version, 'PRESENT']),
    )
    await run.settled()
    const after = await run.pipeline.ask(question(run, keys))
    expect(after.map(({ onItsWay }) => onItsWay)).toEqual(keys.map(() => null))
    expect(after.map(({ reading }) => reading)).toEqual(before.map(({ reading }) => reading))
    expect(keys.map((key) => run.online.byKey.get(key)!.version)).toEqual(after.map(({ reading }) => reading!.version))
    const past = await run.pipeline.ask(question(run, ['["c1"]', '["nobody"]'], 1_000_000 - 60_000))
    expect(past.map(({ reading }) => reading?.status ?? null)).toEqual([null, null]) // before what is kept
    expect(past[0]!.readableFromMs).toBeGreaterThan(1_000_000 - 60_000)
  })
})

describe('faults', () => {
  test('a sink that does not go on holds the source back: what is on its way stays bounded', async () => {
    let release = () => {}
    const held = new Promise<void>((resolve) => (release = resolve))
    class SlowSink extends CollectingSink {
      override write(rows: readonly ResultRow[]): void | Promise<void> {
        super.write(rows)
        return held
      }
    }
    const slow = new SlowSink()
    const run = await new ThreadedRun({ definition: payments, stream: PAY, parallelism: 2, seed: 3, sinks: [slow], ...bounds }).open()
    let stepping: Promise<void> | null = null
    for (let at = 0, still = 0; still < 200; still++) {
      run.put(events(1, at))
      const read = run.pipeline.read(1, 0)
      if (read > 0) [at, still] = [at + read, 0]
      stepping ??= run.pipeline.step().then(() => {
        stepping = null
      })
      await new Promise(setImmediate)
    }
    expect(run.pipeline.source.counts.read).toBeLessThan(200)
    expect(run.pipeline.keyed.some(({ unfinished }) => unfinished > 0)).toBe(true)
    release()
    await stepping
    await run.pipeline.drain()
    expect(run.pipeline.keyed.every(({ unfinished }) => unfinished === 0)).toBe(true)
  })

  test('what a subtask throws is the failure of all: reading, stepping, waiting and asking end with it', async () => {
    const run = await newRun({ definition: payments, stream: PAY, parallelism: 2 }).open()
    run.pipeline.restoreTargets[1]!.restoreKeyGroup(100, Buffer.from('this is no key group'))
    const asked = run.pipeline.ask({ keys: [{ key: '["x"]', group: 127 }], atMs: null, clockMs: 0, isEventClock: true, decays: false })
    await expect(asked).rejects.toThrow(/^Keyed subtask 1 failed: /)
    expect(() => run.pipeline.read(1, 0)).toThrow(/Keyed subtask 1 failed/)
    await expect(run.pipeline.step()).rejects.toThrow(/Keyed subtask 1 failed/)
    await expect(run.pipeline.drain()).rejects.toThrow(/Keyed subtask 1 failed/)
  })
})
