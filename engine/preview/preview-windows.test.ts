import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { parseView } from '../../definition/parse-sql.ts'
import { PAY } from '../../definition/testing/streams.ts'
import { openEmbeddedLog } from '../source/embedded-log.ts'
import { columnsOf } from '../source/event-columns.ts'
import { checkAgainstDuckdb } from './duckdb-check.ts'
import { evaluate, previewAnswer } from './evaluate.ts'
import type { PreviewTask } from './preview-task.ts'

const BASE_MS = Date.UTC(2025, 0, 1)
const GROUPS = [
  "TUMBLE(ts, INTERVAL '10' SECOND)",
  "TUMBLE(ts, INTERVAL '1' MONTH)",
  "HOP(ts, INTERVAL '3' SECOND, INTERVAL '10' SECOND)",
  "SESSION(ts, INTERVAL '4' SECOND)",
]
const COLUMNS = `card, window_start, COUNT(*) AS n, SUM(amount) FILTER (WHERE amount > 0) AS s, s / n AS mean, window_end AS until, shop,
  FIRST(amount) AS f, COUNT(DISTINCT shop) AS shops, MEDIAN(amount) AS md, MODE(shop) AS mo, ARG_MAX(shop, amount) AS am,
  EXP_DECAY_SUM(amount, INTERVAL '5' SECOND) AS ed, KURTOSIS(amount) AS ku`

let root: string
let runs = 0
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'evenflow-preview-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

async function taskFor(group: string, lines: string[], last: number): Promise<PreviewTask> {
  const dataDir = join(root, String(runs++))
  const log = openEmbeddedLog({ dataDir, stream: 'pay', partitions: 1 })
  await log.append(0, columnsOf(lines), 1)
  await log.close()
  const { checked, problems } = await parseView(`SELECT ${COLUMNS} FROM pay WHERE amount IS DISTINCT FROM 7 GROUP BY card, ${group}`, [PAY])
  if (!checked) throw new Error(JSON.stringify(problems))
  return {
    dataDir,
    checked,
    streams: [{ name: 'pay', partitions: 1 }],
    last,
    order: 'event_time',
    outOfOrdernessMs: 3000,
    allowedLatenessMs: 6000,
  }
}

const event = fc.record({
  card: fc.constantFrom('a', 'b'),
  amount: fc.option(fc.integer({ min: -20, max: 80 }).map((n) => n / 4)),
  shop: fc.constantFrom('s1', 's2', ''),
  step: fc.integer({ min: 0, max: 9 }),
  back: fc.constantFrom(0, 0, 0, 1000, 4000, 9000, 20_000),
})

test('windows of random events, with ties, corrected and late ones, equal DuckDB', { timeout: 60_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...GROUPS), fc.array(event, { minLength: 1, maxLength: 60 }), async (group, events) => {
      let clockMs = BASE_MS
      const lines = events.map(({ step, back, ...rest }) => {
        clockMs += step * 500
        return JSON.stringify({ ...rest, ts: clockMs - back })
      })
      const task = await taskFor(group, lines, 1000)
      const run = await evaluate(task)
      const check = await checkAgainstDuckdb(task, run, () => 0)
      expect(check.examples).toEqual([])
      expect(check).toMatchObject({ differing: 0, rows: run.rows.length, skippedFeatures: [{ name: 'ku' }] })
      expect(new Set(run.rows.map(({ key, window }) => `${key} ${window?.startMs}`)).size).toBe(run.rows.length)
    }),
    { numRuns: 25 },
  )
})

const everySecond = (count: number) =>
  Array.from({ length: count }, (_, i) => `{"card":"c${i % 2}","amount":${i % 5},"shop":"s","ts":${BASE_MS + i * 1000}}`)

test('the check finds a value that is wrong, and names its window', async () => {
  const task = await taskFor(GROUPS[0]!, everySecond(30), 10)
  const run = await evaluate(task)
  const rows = run.rows.map((row, i) => (i === 0 ? { ...row, values: row.values.map((value, v) => (v === 1 ? 9 : value)) } : row))
  expect(await checkAgainstDuckdb(task, { ...run, rows }, () => 0)).toMatchObject({
    differing: 1,
    examples: [{ position: '2025-01-01T00:00:00.000Z – 2025-01-01T00:00:10.000Z', key: '["c0"]', feature: 'n', ours: 9, duckdb: 5 }],
  })
})

test('only windows that are whole are shown, without reading all; those that are not over are said to be so', async () => {
  for (const group of [GROUPS[0]!, GROUPS[2]!]) {
    const task = await taskFor(group, everySecond(20_000), 10)
    const run = await evaluate(task)
    expect(run.readEvents).toBeLessThan(10_000)
    const all = await evaluate({ ...task, last: 100_000 })
    expect(run.rows).toHaveLength(10)
    expect(run.rows).toEqual(all.rows.slice(-10))
    const whole = await evaluate({ ...task, last: 5000 })
    expect(whole.rows).toEqual(all.rows.slice(-whole.rows.length))
    const answer = previewAnswer(task, run, 1)
    expect(answer.columns.map(({ name, role }) => `${role} ${name}`).slice(0, 4)).toEqual([
      'window window_start',
      'window window_end',
      'key card',
      'feature window_start',
    ])
    expect(answer.rows.at(-1)).toHaveLength(answer.columns.length)
    expect(answer.problems.map(({ code }) => code)).toEqual(['preview_open'])
  }
})
