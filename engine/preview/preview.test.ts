import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { StreamSchema } from '../../definition/model.ts'
import { parseView } from '../../definition/parse-sql.ts'
import { openEmbeddedLog } from '../source/embedded-log.ts'
import { columnsOf } from '../source/event-columns.ts'
import { checkAgainstDuckdb } from './duckdb-check.ts'
import { evaluate, previewAnswer } from './evaluate.ts'
import type { PreviewTask } from './preview-task.ts'

const schema: StreamSchema = {
  name: 'pay',
  eventTime: 'ts',
  fields: [
    { name: 'card', type: 'string' },
    { name: 'amount', type: 'double', nullable: true },
    { name: 'n', type: 'int', nullable: true },
    { name: 'shop', type: 'string', nullable: true },
    { name: 'ts', type: 'timestamp' },
  ],
}
const sql = (
  order: string,
) => `SELECT /*+ ORDER('${order}') MAX_ROWS(capped, 3) PRECISION(panes, '7 seconds') */ card, COUNT(*) OVER w AS c, SUM(amount) OVER w AS s, AVG(n) FILTER (WHERE amount > 5) OVER w AS a, MIN(shop) OVER before AS m, MAX(n) OVER before AS x,
  FIRST(amount) FILTER (WHERE n > 3) OVER w AS f, LAST(shop) OVER w AS l, COUNT(DISTINCT shop) OVER w AS d, COUNT_IF(n > 2) OVER ever AS ci, s / NULLIF(c, 0) AS mean, CASE WHEN d > 1 THEN coalesce(m, 'none') END AS t,
  MODE(shop) OVER w AS mo, ARG_MAX(shop, n) OVER ever AS am, ARG_MIN(n, amount) OVER w AS an, MEDIAN(n) OVER w AS md, QUANTILE(amount, 0.9) OVER ever AS q,
  STDDEV(amount) OVER w AS sd, ENTROPY(shop) OVER before AS e, BOOL_OR(n > 8) OVER w AS bo, KURTOSIS(n) OVER ever AS ku, ku + 1 AS more,
  EXP_DECAY_SUM(amount, INTERVAL '10' SECOND) OVER w AS ed, LAG(shop) OVER w AS la,
  SUM(n) OVER five AS s5, FIRST(shop) OVER five AS f5, COUNT(*) OVER early AS ce, LAST(amount) OVER early AS le, SUM(amount) OVER others AS so, COUNT(*) OVER notie AS nt,
  SUM(n) OVER capped AS sc, FIRST(n) FILTER (WHERE amount > 0) OVER capped AS fc, COUNT(*) OVER panes AS cp, SUM(n) OVER panes AS sp,
  LIST(n) OVER w AS li, LIST(DISTINCT shop) OVER before AS ld, MAX(amount, 3) OVER w AS top, ARG_MAX(shop, n, 3) OVER w AS lk, ARG_MIN(n, ts, 2) OVER capped AS fk,
  HISTOGRAM(shop) OVER w AS hi, SUM(DISTINCT n) OVER w AS sn, APPROX_COUNT_DISTINCT(shop) OVER w AS ac, CASE WHEN c > 2 THEN li END AS lc,
  SQRT(amount) AS root, DIV(c, 2) AS half, CONCAT(l, '-', DATE_TRUNC('minute', ts)::varchar) AS tx, HOUR(ts) + DATE_DIFF('second', TIMESTAMP '2025-01-01', ts) AS dd
FROM pay WHERE n IS DISTINCT FROM 7
WINDOW w AS (PARTITION BY card ORDER BY ts RANGE BETWEEN INTERVAL '20' SECOND PRECEDING AND CURRENT ROW),
       before AS (PARTITION BY card ORDER BY ts RANGE BETWEEN INTERVAL '60' SECOND PRECEDING AND INTERVAL '5' SECOND PRECEDING),
       ever AS (PARTITION BY card ORDER BY ts RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW),
       five AS (PARTITION BY card ORDER BY ts ROWS BETWEEN 4 PRECEDING AND CURRENT ROW),
       early AS (PARTITION BY card ORDER BY ts ROWS BETWEEN UNBOUNDED PRECEDING AND 2 PRECEDING EXCLUDE GROUP),
       others AS (PARTITION BY card ORDER BY ts RANGE BETWEEN INTERVAL '20' SECOND PRECEDING AND CURRENT ROW EXCLUDE CURRENT ROW),
       notie AS (PARTITION BY card ORDER BY ts RANGE BETWEEN INTERVAL '20' SECOND PRECEDING AND CURRENT ROW EXCLUDE TIES),
       capped AS (PARTITION BY card ORDER BY ts RANGE BETWEEN INTERVAL '20' SECOND PRECEDING AND CURRENT ROW EXCLUDE CURRENT ROW),
       panes AS (PARTITION BY card ORDER BY ts RANGE BETWEEN INTERVAL '20' SECOND PRECEDING AND INTERVAL '3' SECOND PRECEDING)`
const BASE_MS = Date.UTC(2025, 0, 1)

let root: string
let runs = 0
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'evenflow-preview-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

async function taskFor(lines: string[], order: 'arrival' | 'event_time', last: number): Promise<PreviewTask> {
  const dataDir = join(root, String(runs++))
  const log = openEmbeddedLog({ dataDir, stream: 'pay', partitions: 1 })
  await log.append(0, columnsOf(lines), 1)
  await log.close()
  const { checked, problems } = await parseView(sql(order), [schema])
  if (!checked) throw new Error(JSON.stringify(problems))
  return {
    dataDir,
    checked,
    streams: [{ name: 'pay', partitions: 1 }],
    last,
    order,
    outOfOrdernessMs: 5000,
    allowedLatenessMs: order === 'arrival' ? 3_600_000 : 0,
  }
}

const event = fc.record({
  card: fc.constantFrom('a', 'b'),
  amount: fc.option(fc.integer({ min: -20, max: 80 }).map((n) => n / 4)),
  n: fc.option(fc.integer({ min: 0, max: 9 })),
  shop: fc.option(fc.constantFrom('s1', 's2', '')),
  step: fc.integer({ min: 0, max: 9 }),
  back: fc.constantFrom(0, 0, 0, 1000, 4000, 20_000),
})

test('values on random events, with ties, late and null ones, equal DuckDB in both orders', { timeout: 60_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(event, { minLength: 1, maxLength: 80 }),
      fc.constantFrom('arrival' as const, 'event_time' as const),
      async (events, order) => {
        let clockMs = BASE_MS
        const lines = events.map(({ step, back, ...rest }) => {
          clockMs += step * 500
          return JSON.stringify({ ...rest, ts: clockMs - back })
        })
        lines.splice(events.length >> 1, 0, 'no event')
        const task = await taskFor(lines, order, 1000)
        const run = await evaluate(task)
        expect(run.refusedEvents).toBe(1)
        const check = await checkAgainstDuckdb(task, run, () => 0)
        expect(check.examples).toEqual([])
        expect(check).toMatchObject({
          differing: 0,
          rows: run.rows.length,
          skippedFeatures: [{ name: 'ku' }, { name: 'more' }, { name: 'la' }, { name: 'ac' }],
        })
      },
    ),
    { numRuns: 12 },
  )
})

test('the check finds a value that is wrong', async () => {
  const task = await taskFor(
    Array.from({ length: 10 }, (_, i) => `{"card":"a","amount":${i},"n":1,"shop":null,"ts":${BASE_MS + i * 1000}}`),
    'event_time',
    10,
  )
  const run = await evaluate(task)
  const rows = run.rows.map((row, i) =>
    i === 4 ? { ...row, values: row.values.map((value, v) => (v === 1 ? Number(value) + 1e-6 : value)) } : row,
  )
  const check = await checkAgainstDuckdb(task, { ...run, rows }, () => 0)
  expect(check).toMatchObject({ differing: 1, examples: [{ position: '0:4', feature: 's', duckdb: 10 }] })
})

test('the last rows are warm: equal to those of a run from the beginning, without reading it all', async () => {
  const lines = Array.from(
    { length: 20_000 },
    (_, i) => `{"card":"c${i % 5}","amount":${i % 13},"n":${i % 6},"shop":"s${i % 3}","ts":${BASE_MS + i * 250}}`,
  )
  const whole = await taskFor(lines, 'event_time', 100_000)
  const unbounded = await evaluate({ ...whole, last: 20 })
  expect(unbounded.readEvents).toBe(20_000) // a window without a start needs all
  const { definition } = whole.checked
  const inWindow = ({ name }: { name: string }) => !['ci', 'am', 'q', 'ku', 'more', 'la', 's5', 'f5', 'ce', 'le'].includes(name)
  const bounded = {
    ...definition,
    features: definition.features.filter(inWindow),
    windows: definition.windows.filter(({ name }) => !['ever', 'five', 'early'].includes(name)),
  }
  const task = {
    ...whole,
    last: 20,
    checked: { ...whole.checked, definition: bounded, featureTypes: whole.checked.featureTypes.filter(inWindow) },
  }
  const run = await evaluate(task)
  expect(run.readEvents).toBeLessThan(10_000)
  const all = await evaluate({ ...task, last: 100_000 })
  expect(run.rows).toHaveLength(20)
  expect(run.rows.map((row) => [row.offset, ...row.values])).toEqual(all.rows.slice(-20).map((row) => [row.offset, ...row.values]))
  const answer = previewAnswer(task, run, 1)
  expect(answer.columns.map((column) => column.role).slice(0, 6)).toEqual(['position', 'event_time', 'key', 'field', 'field', 'field'])
  expect(answer.rows.at(-1)).toHaveLength(answer.columns.length)
})
