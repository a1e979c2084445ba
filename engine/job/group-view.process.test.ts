import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openHistoryReader } from '../sink/history-reader.ts'
import { openOnlineBrowser } from '../sink/online-store.ts'
import { type EmbeddedLog, openEmbeddedLog } from '../source/embedded-log.ts'
import { columnsOf } from '../source/event-columns.ts'
import { RunningJob, startMessage } from './job.fixture.ts'

const T0 = Date.UTC(2025, 0, 1)
const KEYS = 7
let dataDir: string
let log: EmbeddedLog
let jobs: RunningJob[]

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'group-test-'))
  log = openEmbeddedLog({ dataDir, stream: 'pay', partitions: 1 })
  jobs = []
})
afterEach(async () => {
  for (const job of jobs) await job.kill()
  await log.close()
  rmSync(dataDir, { recursive: true, force: true })
})

/** Some come 9 seconds late: later than the watermark waits, earlier than allowedLateness ends. */
const events = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, j) => {
    const i = from + j
    return JSON.stringify({
      card: `c${i % KEYS}`,
      amount: i % 5 === 0 ? null : i / 8,
      shop: `s${i % 11}`,
      ts: T0 + i * 997 - (i % 17 === 3 ? 9000 : 0),
    })
  })
const append = (values: readonly string[]) => log.append(0, columnsOf([...values]), Date.now())
const sqlOf = (group: string) =>
  `SELECT /*+ READ_CLOCK('event') */ card, window_start, COUNT(*) AS n, SUM(amount) AS spent, COUNT(DISTINCT shop) AS shops, shop AS last_shop FROM pay GROUP BY card, ${group}`

async function start(sql: string, options: Parameters<typeof startMessage>[1] = {}): Promise<RunningJob> {
  const parameters = { outOfOrdernessMs: 3000, allowedLatenessMs: 20_000, checkpointIntervalMs: 3_600_000, futureSkewMs: 0 }
  const job = new RunningJob(await startMessage(dataDir, { sql, parameters, ...options }))
  jobs.push(job)
  await job.wait('running')
  return job
}

async function stores() {
  const online = openOnlineBrowser({ dataDir, view: 'card_pay', version: 1, jobId: 1 })!
  const history = openHistoryReader({ dataDir, view: 'card_pay' })!
  const { items } = online.list({ limit: 100 })
  const rows = Array.from({ length: KEYS }, (_, i) => history.list({ version: 1, limit: 10_000, key: `["c${i}"]` }).items).flat()
  const { total } = history.list({ version: 1, limit: 1 })
  history.close()
  await online.close()
  expect(total).toBe(rows.length)
  return {
    online: items.map(({ key, version, window, values }) => ({ key, version, window, values })),
    history: rows
      .map(({ key, window, eventTimeMs, values }) => ({ key, window, eventTimeMs, values }))
      .sort((a, b) => a.window!.startMs - b.window!.startMs || (a.key < b.key ? -1 : 1)),
  }
}

describe('semantics 17, 20: a view with GROUP BY in a real job process', () => {
  for (const [what, group] of [
    ['TUMBLE', "TUMBLE(ts, INTERVAL '1' MINUTE)"],
    ['HOP', "HOP(ts, INTERVAL '20' SECOND, INTERVAL '1' MINUTE)"],
    ['SESSION', "SESSION(ts, INTERVAL '8' SECOND)"],
  ] as const) {
    test(`${what}: killed again and again, its stores end as in a golden run`, { timeout: 120_000 }, async () => {
      const sql = sqlOf(group)
      await append(events(0, 2000))
      const golden = await start(sql)
      await golden.applied(2000)
      await golden.stop()
      const expected = await stores()
      expect(expected.history.length).toBeGreaterThan(100)
      expect(expected.online).toHaveLength(KEYS)
      await log.close()
      rmSync(dataDir, { recursive: true, force: true })

      log = openEmbeddedLog({ dataDir, stream: 'pay', partitions: 1 })
      let restoreFrom: { kind: 'checkpoint'; path: string } | null = null
      for (let run = 1; run <= 4; run++) {
        await append(events((run - 1) * 500, run * 500))
        const job = await start(sql, { run, restoreFrom })
        await job.applied(run * 500 - 300)
        const checkpoints = job.received.flatMap((message) =>
          message.type === 'checkpoint' && message.checkpoint.path ? [message.checkpoint] : [],
        )
        const path = checkpoints.findLast(({ status }) => status === 'COMPLETED')!.path!
        restoreFrom = { kind: 'checkpoint', path }
        if (run < 4) await job.kill()
        else {
          await job.applied(2000)
          await job.stop()
        }
      }
      expect(await stores()).toEqual(expected)
    })
  }

  test('a read has the newest closed window with its edges, and after a restart the same from the store', { timeout: 60_000 }, async () => {
    const sql = sqlOf("TUMBLE(ts, INTERVAL '1' MINUTE)")
    await append(events(0, 200))
    const job = await start(sql)
    await job.applied(200)
    const { rows } = await job.read([{ card: 'c1' }, { card: 'nobody' }])
    const [known, unknown] = rows!
    const window = { startMs: T0 + 120_000, endMs: T0 + 180_000 }
    expect(known).toMatchObject({
      status: 'PRESENT',
      window,
      asOf: '2025-01-01T00:03:00.000Z',
      complete: true,
      features: { window_start: window.startMs },
    })
    expect(unknown).toMatchObject({ status: 'UNKNOWN_KEY', window: null, asOf: null, features: { n: 0, spent: null, window_start: null } })
    const earlier = await job.read([{ card: 'c1' }], T0 + 150_000)
    expect(earlier.rows![0]).toMatchObject({ window: { startMs: T0 + 60_000, endMs: T0 + 120_000 } })
    expect((await job.read([{ card: 'c1' }], T0 + 90_000)).error).toMatchObject({ code: 'gone' })
    const { checkpoint } = await job.wait('checkpoint', (message) => message.checkpoint.status === 'COMPLETED')
    await job.kill()

    const again = await start(sql, { run: 2, restoreFrom: { kind: 'checkpoint', path: checkpoint.path! } })
    const after = await again.read([{ card: 'c1' }])
    expect(after.rows![0]).toMatchObject({ status: 'PRESENT', window, features: known!.features, version: known!.version })
  })
})
