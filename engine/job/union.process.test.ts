/** A view over two streams in a real job process: killed at any point and gone on from its checkpoint, its stores are those of a golden run. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { StreamSchema } from '../../definition/model.ts'
import { openHistoryReader } from '../sink/history-reader.ts'
import { openOnlineBrowser } from '../sink/online-store.ts'
import { type EmbeddedLog, openEmbeddedLog } from '../source/embedded-log.ts'
import { columnsOf } from '../source/event-columns.ts'
import { payStream, RunningJob, startMessage } from './job.fixture.ts'

const REFUNDS: StreamSchema = {
  name: 'refunds',
  eventTime: 'at',
  fields: [
    { name: 'card_no', type: 'string' },
    { name: 'cents', type: 'int' },
    { name: 'at', type: 'timestamp' },
  ],
}
const BRANCHES = [
  { ...payStream, partitions: 1 },
  { ...REFUNDS, partitions: 2 },
]
const SQL = `SELECT /*+ READ_CLOCK('event') */ card, SUM(amount) OVER w AS net, COUNT(*) OVER w AS n, COUNT(*) FILTER (WHERE shop IS NULL) OVER w AS refunds
  FROM (SELECT card, ts AS event_time, amount, shop FROM pay UNION ALL SELECT card_no, at, -cents / 100, NULL FROM refunds WHERE cents <> 13) AS money
  WINDOW w AS (PARTITION BY card ORDER BY event_time RANGE BETWEEN INTERVAL '3' MINUTE PRECEDING AND CURRENT ROW)`
const T0 = Date.UTC(2025, 0, 1)
const KEYS = 7
const REFUND_PARTITIONS = [256, 257]

let dataDir: string
let logs: EmbeddedLog[] = []
let jobs: RunningJob[]
const openLogs = () => {
  logs = BRANCHES.map(({ name, partitions }) => openEmbeddedLog({ dataDir, stream: name, partitions }))
}
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'union-test-'))
  openLogs()
  jobs = []
})
afterEach(async () => {
  for (const job of jobs) await job.kill()
  for (const log of logs) await log.close()
  rmSync(dataDir, { recursive: true, force: true })
})

/** Events i of each partition, in step by event time; some bad, some too late, some that no branch lets through. */
async function append(from: number, to: number): Promise<void> {
  const values = (of: (i: number) => string) => columnsOf(Array.from({ length: to - from }, (_, j) => of(from + j)))
  const late = (i: number) => (i % 17 === 3 ? 60_000 : i % 7 === 2 ? 1500 : 0)
  const pay = (i: number) =>
    i % 29 === 9 ? `garbage ${i}` : JSON.stringify({ card: `c${i % KEYS}`, amount: i / 8, shop: `s${i % 3}`, ts: T0 + i * 900 - late(i) })
  const refund = (p: number) => (i: number) =>
    JSON.stringify({ card_no: `c${(i * 3 + p) % KEYS}`, cents: i % 20, at: i % 31 === 5 ? 'never' : T0 + i * 900 + p - late(i) })
  await logs[0]!.append(0, values(pay), Date.now())
  for (const p of [0, 1]) await logs[1]!.append(p, values(refund(p)), Date.now())
}

async function start(options: Partial<Parameters<typeof startMessage>[1]> = {}): Promise<RunningJob> {
  const parameters = {
    outOfOrdernessMs: 3000,
    allowedLatenessMs: 0,
    checkpointIntervalMs: 3_600_000,
    futureSkewMs: 0,
    deadLetterRateLimit: 1,
  }
  const job = new RunningJob(await startMessage(dataDir, { sql: SQL, branches: BRANCHES, parameters, ...options }))
  jobs.push(job)
  await job.wait('running')
  return job
}

async function applied(job: RunningJob, position: number): Promise<void> {
  for (const partition of [0, ...REFUND_PARTITIONS]) await job.applied(position, partition)
}

async function stores() {
  const online = openOnlineBrowser({ dataDir, view: 'card_pay', version: 1, jobId: 1 })!
  const history = openHistoryReader({ dataDir, view: 'card_pay' })!
  const { items } = online.list({ limit: 100 })
  const { items: rows } = history.list({ version: 1, limit: 100_000 })
  history.close()
  await online.close()
  return {
    online: items.map(({ key, version, values }) => ({ key, version, values })),
    history: rows
      .map(({ key, partition, offset, eventTimeMs, values }) => ({ key, partition, offset, eventTimeMs, values }))
      .sort((a, b) => a.partition - b.partition || a.offset - b.offset),
  }
}

const lettersOf = (received: RunningJob['received']) => {
  const all = received.flatMap((message) =>
    message.type === 'deadLetters' ? message.items.map((item) => ({ ...item, late: message.late })) : [],
  )
  return new Map(all.map(({ partition, offset, code }) => [`${partition}/${offset}`, code]))
}

test('DESIGN §5.1: killed again and again, at any parallelism, its stores and its dead letters end as in a golden run', {
  timeout: 120_000,
}, async () => {
  await append(0, 1200)
  const golden = await start()
  await applied(golden, 1200)
  const metrics = await golden.wait('metrics', (message) => message.metrics.partitions.every(({ lagRecords }) => lagRecords === 0))
  expect(metrics.metrics.partitions.map(({ partition, of, position }) => [partition, of, position])).toEqual([
    [0, { stream: 'pay', partition: 0 }, 1200],
    [256, { stream: 'refunds', partition: 0 }, 1200],
    [257, { stream: 'refunds', partition: 1 }, 1200],
  ])
  await golden.stop()
  const expected = await stores()
  const letters = lettersOf(golden.received)
  expect(expected.history.length).toBeGreaterThan(2000)
  expect(new Set(expected.history.map(({ partition }) => partition))).toEqual(new Set([0, ...REFUND_PARTITIONS]))
  expect(expected.online).toHaveLength(KEYS)
  expect(new Set(letters.values())).toEqual(new Set(['not_json', 'bad_timestamp', 'late']))
  for (const log of logs) await log.close()
  rmSync(dataDir, { recursive: true, force: true })

  openLogs()
  let restoreFrom: { kind: 'checkpoint'; path: string } | null = null
  const told = new Map<string, string>()
  for (let run = 1; run <= 4; run++) {
    await append((run - 1) * 300, run * 300)
    const job = await start({ run, restoreFrom, parallelism: run === 2 ? 3 : 1 })
    await applied(job, run * 300 - 200)
    const checkpoints = job.received.flatMap((message) =>
      message.type === 'checkpoint' && message.checkpoint.path ? [message.checkpoint] : [],
    )
    restoreFrom = { kind: 'checkpoint', path: checkpoints.findLast(({ status }) => status === 'COMPLETED')!.path! }
    if (run < 4) await job.kill()
    else {
      await applied(job, 1200)
      await job.stop()
    }
    for (const [place, code] of lettersOf(job.received)) told.set(place, code)
  }
  expect(await stores()).toEqual(expected)
  expect(told).toEqual(letters)
})
