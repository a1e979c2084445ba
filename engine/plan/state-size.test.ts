/** The estimate against what the operators really hold. */
import { beforeAll, describe, expect, test } from 'vitest'
import type { StreamSchema } from '../../definition/model.ts'
import { loadParser, parseViewSync } from '../../definition/parse-sql.ts'
import { TestRun } from '../task/run-view.fixture.ts'
import { planView } from './plan.ts'
import { estimateStateBytes, reckonedBytes, type PlannedState } from './state-size.ts'

beforeAll(loadParser)

const stream: StreamSchema = {
  name: 'pay',
  fields: [
    { name: 'card', type: 'string' },
    { name: 'at', type: 'timestamp' },
    { name: 'amount', type: 'double' },
    { name: 'tip', type: 'double' },
  ],
  eventTime: 'at',
}
const KEYS = 500
const EVENTS = 40_000
const SPAN_MS = 100 * 3_600_000
const log = { events: EVENTS, spanMs: SPAN_MS }
const range = (features: string, back: string, hint = '') =>
  `SELECT ${hint} card, ${features} FROM pay WINDOW w AS (PARTITION BY card ORDER BY at ${back})`

async function hold(sql: string): Promise<PlannedState & { keys: number; stateBytes: number }> {
  const { definition } = parseViewSync(sql, [stream]).checked!
  const run = new TestRun({ definition, stream, road: 'planned' }).open()
  for (let i = 0; i < EVENTS; i += 1000)
    await run.feed(
      Array.from({ length: 1000 }, (_, j) => {
        const n = i + j
        return { value: { card: `c${(n * 7919) % KEYS}`, at: 1e12 + (n * SPAN_MS) / EVENTS, amount: n, tip: n % 9 } }
      }),
    )
  const operator = run.operators[0]!
  return { plan: planView(definition, stream), road: run.road, keys: operator.keys(), stateBytes: operator.stateBytes() }
}

const SUM = 'SUM(amount) OVER w AS s'
const BOTH = `${SUM}, SUM(tip) OVER w AS t, MAX(amount) OVER w AS m`
const DAY = "RANGE INTERVAL '1' DAY PRECEDING"
const TWO_DAYS = "RANGE INTERVAL '2' DAY PRECEDING"

describe('the estimate stays within a factor of two of what is held', () => {
  test.each([
    ['rows, compiled', range(SUM, DAY)],
    ['rows of several columns, compiled', range(BOTH, TWO_DAYS)],
    ['panes', range(BOTH, TWO_DAYS, "/*+ PRECISION(w, '1 hour') */")],
    ['rows with what is distinct in them, compiled', range('COUNT(DISTINCT amount) OVER w AS s', DAY)],
    ['the newest rows by count, plain', range(SUM, 'ROWS 9 PRECEDING')],
    ['over all time', range(SUM, 'RANGE UNBOUNDED PRECEDING')],
  ])(
    '%s',
    async (_what, sql) => {
      const held = await hold(sql)
      const bare = reckonedBytes(held, log, held.keys)
      expect(bare / held.stateBytes).toBeGreaterThan(0.5)
      expect(bare / held.stateBytes).toBeLessThan(2)
    },
    30_000,
  )
})

test('from what a job holds, another version of it comes closer', async () => {
  const before = await hold(range(SUM, DAY))
  const after = await hold(range(BOTH, TWO_DAYS))
  const estimate = estimateStateBytes(after, log, before)!
  expect(estimate.isLeast).toBe(false)
  expect(estimate.bytes / after.stateBytes).toBeGreaterThan(0.6)
  expect(estimate.bytes / after.stateBytes).toBeLessThan(1.7)
  expect(estimateStateBytes(before, log, before)!.bytes).toBeCloseTo(before.stateBytes, 0)
}, 30_000)

test('without a job the keys are not known: rows are the least, and what depends on keys alone is not known', async () => {
  const rows = await hold(range(SUM, DAY))
  expect(estimateStateBytes(rows, log, null)).toMatchObject({ isLeast: true })
  const panes = await hold(range(SUM, DAY, "/*+ PRECISION(w, '1 hour') */"))
  expect(estimateStateBytes(panes, log, null)).toBeNull()
  expect(estimateStateBytes(await hold(range(SUM, 'RANGE UNBOUNDED PRECEDING')), log, null)).toBeNull()
}, 30_000)
