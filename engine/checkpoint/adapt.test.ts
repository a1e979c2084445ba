import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { archivePartition } from '../../contract/archive.ts'
import type { Expr, ViewDefinition } from '../../definition/model.ts'
import { loadParser } from '../../definition/parse-sql.ts'
import { onlyFeatures } from '../../definition/restrict.ts'
import { AGGREGATE_NAMES } from '../../definition/functions.ts'
import { ALL_FRAMES, arbitraryView } from '../../definition/testing/arbitrary-view.ts'
import { ALL_TYPES } from '../../definition/testing/streams.ts'
import { compileEvaluator } from '../compile/evaluator.ts'
import { needsNothingUpTo } from '../plan/archive-cut.ts'
import { planView } from '../plan/plan.ts'
import { stateChange } from '../plan/state-change.ts'
import { asTestEvents, type RandomEvent, randomEvents, START_MS } from '../state/events.fixture.ts'
import type { ResultRow } from '../sink/port.ts'
import { type TestEvent, TestRun } from '../task/run-view.fixture.ts'
import { adaptSnapshots } from './adapt.ts'
import { MemoryFs } from './memory-fs.fixture.ts'
import { writeTestSavepoint } from './savepoint.fixture.ts'

beforeAll(loadParser)

type Order = 'arrival' | 'event_time'
const at = (definition: ViewDefinition, order: Order, road: 'plain' | 'planned' = 'planned', partitions: readonly number[] = [0]) =>
  new TestRun({ definition, stream: ALL_TYPES, order, road, partitions, outOfOrdernessMs: 3000, allowedLatenessMs: 5000 })

async function fedRun(definition: ViewDefinition, order: Order, events: readonly TestEvent[]): Promise<TestRun> {
  const run = at(definition, order).open()
  for (const event of events) await run.feed([event])
  return run
}

/** Only the windows that its features use. */
function narrowed(definition: ViewDefinition): ViewDefinition {
  const text = JSON.stringify(definition.features)
  const windows = definition.windows.filter(({ name }) => text.includes(`"window":${JSON.stringify(name)}`))
  return { ...definition, windows: windows.length > 0 ? windows : definition.windows.slice(0, 1) }
}

const pick = (definition: ViewDefinition, mask: number): ViewDefinition => {
  const names = definition.features.filter((_, i) => (mask >> i) & 1).map(({ name }) => name)
  return narrowed(onlyFeatures(definition, names.length > 0 ? names : [definition.features[0]!.name]))
}

const minutes = (n: number) => ({ months: 0, days: 0, ms: n * 60_000 })

describe('DESIGN §9: kept features keep the state they have, new ones are built up to the savepoint', () => {
  for (const order of ['arrival', 'event_time'] as const)
    test(`${order}: any change of any view, at any cut, goes on as a job that always had the new version`, async () => {
      const views = arbitraryView(ALL_TYPES, {
        keys: [['k']],
        aggregates: AGGREGATE_NAMES,
        lengths: [0, 1000, 90_000, 3_600_000, 86_400_000].map((ms) => ({ months: 0, days: 0, ms })),
        hints: false,
        ...ALL_FRAMES,
        precision: false,
      })
      let merged = 0
      await fc.assert(
        fc.asyncProperty(views, fc.nat(), fc.nat(), randomEvents(40), fc.nat(), async (whole, mask1, mask2, drawn, cutAt) => {
          const [before, after] = [pick(whole, mask1), pick(whole, mask2)]
          const plans = { kept: planView(before, ALL_TYPES), wanted: planView(after, ALL_TYPES) }
          const change = stateChange(plans.kept, plans.wanted)
          if (change.refusal) return
          const events = asTestEvents(drawn)
          const cut = cutAt % (events.length + 1)
          const fs = new MemoryFs()
          await writeTestSavepoint(fs, '/kept', await fedRun(before, order, events.slice(0, cut)), before, order)
          const known = new Set(before.features.map(({ expr }) => JSON.stringify(expr)))
          const news = after.features.filter(({ expr }) => !known.has(JSON.stringify(expr))).map(({ name }) => name)
          const backfilled = onlyFeatures(after, news)
          if (!change.isCovered)
            await writeTestSavepoint(fs, '/built', await fedRun(backfilled, order, events.slice(0, cut)), backfilled, order)
          const run = at(after, order, mask1 % 2 === 0 ? 'plain' : 'planned')
          const { source } = await adaptSnapshots(
            fs,
            { view: 'v', order },
            compileEvaluator(plans.wanted),
            {
              kept: { directory: '/kept', plan: plans.kept },
              built: change.isCovered ? null : { directory: '/built', plan: planView(backfilled, ALL_TYPES) },
            },
            run.operators,
          )
          run.source.open(source, 0)
          run.continueAt(0, cut)
          for (const event of events.slice(cut)) await run.feed([event])
          await run.end()
          const golden = at(after, order, 'plain').open()
          for (const event of events) await golden.feed([event])
          await golden.end()
          const since = new Set(run.history.rows.map(({ offset }) => offset))
          expect(run.history.rows.map(({ offset, values, version }) => ({ offset, values, version }))).toEqual(
            golden.history.rows
              .filter(({ offset }) => since.has(offset))
              .map(({ offset, values, version }) => ({ offset, values, version })),
          )
          for (const { offset } of golden.history.rows) if (offset >= cut) expect(since.has(offset)).toBe(true)
          if (!change.isCovered) merged++
        }),
        { numRuns: 200 },
      )
      expect(merged).toBeGreaterThan(20)
    })

  for (const order of ['arrival', 'event_time'] as const)
    test(`${order}: new features built from an archive and what the log still has, beside a job that never saw the archive`, async () => {
      const views = arbitraryView(ALL_TYPES, {
        keys: [['k']],
        aggregates: AGGREGATE_NAMES,
        lengths: [0, 1000, 90_000, 86_400_000].map((ms) => ({ months: 0, days: 0, ms })),
        hints: false,
        ...ALL_FRAMES,
        precision: false,
      })
      const ARCHIVE = archivePartition(0)
      let merged = 0
      await fc.assert(
        fc.asyncProperty(views, fc.nat(), fc.nat(), randomEvents(30), randomEvents(30), fc.nat(), fc.nat(), async (...drawn) => {
          const [view, mask1, mask2, old, young, fromAt, cutAt] = drawn
          const short: { name: string; expr: Expr } = {
            name: 'short',
            expr: { kind: 'aggregate', fn: 'count', args: [], star: true, window: 'short' },
          }
          const start = { kind: 'preceding', interval: { months: 0, days: 0, ms: 90_000 } } as const
          const windows = [...view.windows, { name: 'short', mode: 'range', start, end: { kind: 'current' } } as const]
          const whole: ViewDefinition = { ...view, windows, features: [short, ...view.features] }
          const isBrief = (name: string) => needsNothingUpTo(-3_600_000, planView(narrowed(onlyFeatures(whole, [name])), ALL_TYPES), 0)
          const brief = whole.features.filter(({ name }, i) => ((mask1 >> i) & 1) === 1 && isBrief(name)).map(({ name }) => name)
          const before = narrowed(onlyFeatures(whole, brief.length > 0 ? brief : ['short']))
          const after = pick(whole, mask2)
          const plans = { kept: planView(before, ALL_TYPES), wanted: planView(after, ALL_TYPES) }
          const change = stateChange(plans.kept, plans.wanted)
          if (change.refusal || change.isCovered) return
          // What is old lies hours before what is young, so that short windows have let go of it. In order: an archive knows no other.
          const inOrder = (events: RandomEvent[]) => (order === 'arrival' ? events.toSorted((a, b) => a.ts - b.ts) : events)
          const archiveCutMs = Math.max(...old.map(({ ts }) => ts))
          const shiftMs = archiveCutMs - START_MS + 7_200_000
          const all = [...inOrder(old), ...inOrder(young).map((event) => ({ ...event, ts: event.ts + shiftMs }))].map((event, n) => ({
            ...event,
            n,
          }))
          const logFrom = fromAt % (old.length + 1) // what comes before has been lost
          const cut = old.length + (cutAt % (young.length + 1))
          const inLog = async (run: TestRun, from: number, to: number) => {
            run.continueAt(0, from)
            for (const event of asTestEvents(all.slice(from, to))) await run.feed([event])
          }
          const kept = at(before, order).open()
          await inLog(kept, logFrom, cut)
          const momentMs = Math.min(kept.source.watermarks.watermarkMs, kept.operators[0]!.maxEventTimeMs()) - 5000
          if (!needsNothingUpTo(archiveCutMs, plans.kept, momentMs)) return
          const fs = new MemoryFs()
          await writeTestSavepoint(fs, '/kept', kept, before, order)
          const known = new Set(before.features.map(({ expr }) => JSON.stringify(expr)))
          const backfilled = onlyFeatures(
            after,
            after.features.filter(({ expr }) => !known.has(JSON.stringify(expr))).map(({ name }) => name),
          )
          const built = at(backfilled, order, 'planned', [0, ARCHIVE]).open()
          const archived = all.slice(0, old.length).toSorted((a, b) => a.ts - b.ts || a.n - b.n)
          for (const { value } of asTestEvents(archived)) await built.feed([{ partition: ARCHIVE, value }])
          built.source.watermarks.end(ARCHIVE)
          await inLog(built, old.length, cut)
          await writeTestSavepoint(fs, '/built', built, backfilled, order)

          const run = at(after, order, mask1 % 2 === 0 ? 'plain' : 'planned', [0, ARCHIVE])
          const { source } = await adaptSnapshots(
            fs,
            { view: 'v', order, archiveCutMs },
            compileEvaluator(plans.wanted),
            { kept: { directory: '/kept', plan: plans.kept }, built: { directory: '/built', plan: planView(backfilled, ALL_TYPES) } },
            run.operators,
          )
          expect(source.positions).toEqual({ 0: cut, [ARCHIVE]: old.length })
          run.source.open(source, 0)
          await inLog(run, cut, all.length)
          await run.end()
          const golden = at(after, order, 'plain').open()
          await inLog(golden, 0, all.length)
          await golden.end()
          const since = new Set(run.history.rows.map(({ offset }) => offset))
          const values = (rows: readonly ResultRow[]) => rows.map(({ offset, key, values }) => ({ offset, key, values }))
          expect(values(run.history.rows)).toEqual(values(golden.history.rows.filter(({ offset }) => since.has(offset))))
          for (const { offset } of golden.history.rows) if (offset >= cut) expect(since.has(offset)).toBe(true)
          merged++
        }),
        { numRuns: 400 },
      )
      expect(merged).toBeGreaterThan(20)
    })

  test('a backfill that ended at other positions is refused by name, and so is a savepoint of another shape', async () => {
    const sum: Expr = { kind: 'aggregate', fn: 'sum', args: [{ kind: 'field', name: 'i' }], window: 'w' }
    const count: Expr = { kind: 'aggregate', fn: 'count', args: [], star: true, window: 'w' }
    const before: ViewDefinition = {
      stream: 'events',
      key: ['k'],
      windows: [{ name: 'w', mode: 'range', start: { kind: 'preceding', interval: minutes(5) }, end: { kind: 'current' } }],
      features: [{ name: 'n', expr: count }],
      hints: {},
    }
    const after = { ...before, features: [...before.features, { name: 's', expr: sum }] }
    const built = onlyFeatures(after, ['s'])
    const event = (n: number): TestEvent => ({
      value: { k: 'x', ts: 1_000_000_000_000 + n, n, i: n, d: null, m: null, s: null, b: null, t: null },
    })
    const fs = new MemoryFs()
    await writeTestSavepoint(fs, '/kept', await fedRun(before, 'arrival', [event(0), event(1)]), before, 'arrival')
    await writeTestSavepoint(fs, '/built', await fedRun(built, 'arrival', [event(0)]), built, 'arrival')
    const plan = (definition: ViewDefinition) => planView(definition, ALL_TYPES)
    const adapt = (kept: ViewDefinition) =>
      adaptSnapshots(
        fs,
        { view: 'v', order: 'arrival' },
        compileEvaluator(plan(after)),
        { kept: { directory: '/kept', plan: plan(kept) }, built: { directory: '/built', plan: plan(built) } },
        at(after, 'arrival').operators,
      )
    await expect(adapt(before)).rejects.toThrow('The backfill in /built ends at position 1 of partition 0, the savepoint at 2.')
    await expect(adapt(after)).rejects.toThrow('its features, windows, key, order or field types are not those of this version')
  })
})
