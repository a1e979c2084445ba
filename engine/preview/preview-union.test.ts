/** The preview of a view over several streams, and the check against DuckDB, on the same logs that a job reads. */
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

const PAY: StreamSchema = {
  name: 'pay',
  eventTime: 'ts',
  fields: [
    { name: 'card', type: 'string' },
    { name: 'ts', type: 'timestamp' },
    { name: 'amount', type: 'decimal(10,2)', nullable: true },
    { name: 'note', type: 'int', nullable: true },
  ],
}
const BACK: StreamSchema = {
  name: 'back',
  eventTime: 'at',
  fields: [
    { name: 'card_no', type: 'string' },
    { name: 'at', type: 'timestamp' },
    { name: 'cents', type: 'int' },
  ],
}
const STREAMS = [
  { ...PAY, partitions: 1 },
  { ...BACK, partitions: 2 },
]
const sql = (
  order: string,
) => `SELECT /*+ ORDER('${order}') */ card, COUNT(*) OVER w AS n, SUM(amount) OVER w AS net, LAST(kind) OVER rows AS last_kind,
    LIST(amount) OVER rows AS amounts, MIN(amount) FILTER (WHERE kind = 'back') OVER w AS most_back, net / n AS mean
  FROM (SELECT card, ts AS event_time, amount, 'paid' AS kind, note FROM pay WHERE amount IS DISTINCT FROM 7
        UNION ALL SELECT upper(card_no), at, -cents / 100::decimal(10,2), 'back', NULL FROM back) AS money
  WINDOW w AS (PARTITION BY card ORDER BY event_time RANGE BETWEEN INTERVAL '20' SECOND PRECEDING AND CURRENT ROW),
         rows AS (PARTITION BY card ORDER BY event_time ROWS BETWEEN 3 PRECEDING AND CURRENT ROW)`
const BASE_MS = Date.UTC(2025, 0, 1)

let root: string
let runs = 0
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'evenflow-preview-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

/** `lines`: by stream and partition. */
async function taskFor(lines: [string, number, string[]][], order: 'arrival' | 'event_time', last: number): Promise<PreviewTask> {
  const dataDir = join(root, String(runs++))
  for (const { name, partitions } of STREAMS) {
    const log = openEmbeddedLog({ dataDir, stream: name, partitions })
    for (const [stream, partition, values] of lines)
      if (stream === name && values.length > 0) await log.append(partition, columnsOf(values), 1)
    await log.close()
  }
  const { checked, problems } = await parseView(sql(order), STREAMS)
  if (!checked) throw new Error(JSON.stringify(problems))
  return { dataDir, checked, streams: STREAMS, last, order, outOfOrdernessMs: 5000, allowedLatenessMs: order === 'arrival' ? 3_600_000 : 0 }
}

const step = fc.integer({ min: 0, max: 3000 })
const payLines = fc.array(
  fc.record({ step, card: fc.constantFrom('A', 'B'), amount: fc.option(fc.integer({ min: 0, max: 9 })), note: fc.constantFrom(1, 'bad') }),
  { maxLength: 30 },
)
const backLines = fc.array(fc.record({ step, card: fc.constantFrom('a', 'b'), cents: fc.integer({ min: 0, max: 900 }) }), { maxLength: 20 })
const timed = <T extends { step: number }>(events: readonly T[], line: (event: T, timeMs: number) => object): string[] => {
  let now = BASE_MS
  return events.map((event) => JSON.stringify(line(event, (now += event.step))))
}

test('values over random events of two streams equal DuckDB in both orders; a field that the view does not read may be bad', async () => {
  await fc.assert(
    fc.asyncProperty(
      payLines,
      backLines,
      backLines,
      fc.constantFrom('arrival' as const, 'event_time' as const),
      async (pay, back0, back1, order) => {
        const back = (events: typeof back0) => timed(events, ({ card, cents }, at) => ({ card_no: card, at, cents }))
        const task = await taskFor(
          [
            ['pay', 0, timed(pay, ({ card, amount, note }, ts) => ({ card, ts, amount, note }))],
            ['back', 0, back(back0)],
            ['back', 1, back(back1)],
          ],
          order,
          1000,
        )
        const run = await evaluate(task)
        expect(run.rows.length).toBe(pay.filter(({ amount }) => amount !== 7).length + back0.length + back1.length)
        const answer = await checkAgainstDuckdb(task, run, () => 0)
        expect(answer).toMatchObject({ differing: 0, examples: [], skippedFeatures: [] })
      },
    ),
    { numRuns: 40 },
  )
})

test('a row is named by its stream, partition and offset, and shows what its stream has of each column', async () => {
  const task = await taskFor(
    [
      ['pay', 0, [JSON.stringify({ card: 'A', ts: BASE_MS, amount: 5, note: 1 })]],
      ['back', 1, ['no event', JSON.stringify({ card_no: 'a', at: BASE_MS + 1000, cents: 150 })]],
    ],
    'event_time',
    10,
  )
  const { columns, rows, refusedEvents } = previewAnswer(task, await evaluate(task), 0)
  const names = columns.map(({ name }) => name)
  expect(rows.map((row) => Object.fromEntries(row.map((value, i) => [names[i], value])))).toEqual([
    expect.objectContaining({ position: 'pay 0:0', card: 'A', kind: 'paid', note: 1, n: 1, net: 5 }),
    expect.objectContaining({ position: 'back 1:1', card: 'A', kind: 'back', note: null, n: 2, net: 3.5, amounts: [5, -1.5] }),
  ])
  expect(refusedEvents).toBe(1)
})
