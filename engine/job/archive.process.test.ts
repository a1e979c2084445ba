import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { archivePartition, type JobArchive } from '../../contract/archive.ts'
import { writeArchive } from '../archive/archive.fixture.ts'
import { inspectArchive } from '../archive/inspect-archive.ts'
import { openHistoryReader } from '../sink/history-reader.ts'
import { openOnlineBrowser } from '../sink/online-store.ts'
import { type EmbeddedLog, openEmbeddedLog } from '../source/embedded-log.ts'
import { columnsOf } from '../source/event-columns.ts'
import { payStream, RunningJob, startMessage } from './job.fixture.ts'

const T0 = Date.UTC(2025, 0, 1)
const TOTAL = 3000
const LOG_FROM = 1500
const CUT_MS = T0 + 1800 * 997
let dataDir: string
let log: EmbeddedLog
let job: RunningJob | undefined

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'job-archive-'))
  log = openEmbeddedLog({ dataDir, stream: 'pay', partitions: 2 })
})
afterEach(async () => {
  await job?.kill()
  job = undefined
  await log.close()
  rmSync(dataDir, { recursive: true, force: true })
})

/** No two at one instant: what ties would be ordered by position, which an archive's rows have others of. */
const event = (i: number, isOrdered: boolean) => ({
  card: `c${i % 7}`,
  amount: i % 5 === 0 ? null : i / 8,
  shop: `s${i % 11}`,
  ts: T0 + i * 997 - (!isOrdered && i % 17 === 3 ? 2500 : 0),
})

/** Two partitions, or one where their order is that of arrival; those before `from` have been lost to retention. */
async function fillLog(isOrdered: boolean, from: number): Promise<void> {
  const partitionOf = (i: number) => (isOrdered ? 0 : i % 2)
  const of = (numbers: number[], partition: number, atMs: number) =>
    log.append(
      partition,
      columnsOf(numbers.filter((i) => partitionOf(i) === partition).map((i) => JSON.stringify(event(i, isOrdered)))),
      atMs,
    )
  const numbers = Array.from({ length: TOTAL }, (_, i) => i)
  for (const partition of [0, 1]) {
    await of(numbers.slice(0, from), partition, 1000)
    await of(numbers.slice(from), partition, Date.now())
  }
  if (from > 0) expect(await log.truncateBefore(2000)).toBeGreaterThan(0)
}

/** What the stores hold, by event rather than by position. */
async function contents() {
  const online = openOnlineBrowser({ dataDir, view: 'card_pay', version: 1, jobId: 1 })!
  const history = openHistoryReader({ dataDir, view: 'card_pay' })!
  const { items } = online.list({ limit: 1000 })
  const page = history.list({ version: 1, limit: 10_000 })
  history.close()
  await online.close()
  return {
    partitions: new Set(page.items.map(({ partition }) => partition)),
    total: page.total,
    online: items.map(({ key, version, values, validUntilMs }) => ({ key, version, values, validUntilMs })),
    history: page.items.map(({ key, eventTimeMs, values }) => ({ key, eventTimeMs, values })).sort((a, b) => a.eventTimeMs - b.eventTimeMs),
  }
}

async function start(hints: string, options: { run: number; restoreFrom?: string; archive?: JobArchive; parallelism?: number }) {
  const { restoreFrom, ...more } = options
  job = new RunningJob(
    await startMessage(dataDir, {
      hints,
      partitions: 2,
      ...more,
      ...(restoreFrom !== undefined && { restoreFrom: { kind: 'checkpoint', path: restoreFrom } }),
      parameters: { checkpointIntervalMs: 15, checkpointMinPauseMs: 0, deadLetterRateLimit: 1, futureSkewMs: 4e12 },
    }),
  )
  await job.wait('running')
  return job
}

/** Everything applied: both partitions read to their ends, and asked until a checkpoint says so. */
async function finish(running: RunningJob): Promise<void> {
  await running.wait('metrics', ({ metrics }) => metrics.lagRecords === 0)
  await running.stop()
  job = undefined
}

for (const [order, parallelism] of [
  ['event_time', 1],
  ['event_time', 2],
  ['arrival', 1],
] as const)
  test(`${order}, parallelism ${parallelism}: a log that was cut short with an archive, killed in the middle, ends as the whole log does`, async () => {
    const hints = `ORDER('${order}') READ_CLOCK('event')`
    const isOrdered = order === 'arrival'
    await fillLog(isOrdered, 0)
    await finish(await start(hints, { run: 1 }))
    const golden = await contents()
    expect(golden.total).toBeGreaterThan(TOTAL - 20) // the last ones wait for a watermark
    await log.close()
    rmSync(dataDir, { recursive: true, force: true })

    log = openEmbeddedLog({ dataDir, stream: 'pay', partitions: 2 })
    await fillLog(isOrdered, LOG_FROM)
    const all = Array.from({ length: TOTAL }, (_, i) => event(i, isOrdered))
    await writeArchive(dataDir, 'pay.parquet', all.toReversed(), 'card, amount, shop, make_timestamp(ts * 1000) AS ts')
    const source = { kind: 'parquet', path: 'pay.parquet' } as const
    const { stamp } = await inspectArchive(dataDir, payStream, { source })
    const archive: JobArchive = { source, stamp, number: 2, maxEventTimeMs: CUT_MS, fromMs: null }
    const inArchive = all.filter(({ ts }) => ts <= CUT_MS).length

    const first = await start(hints, { run: 1, archive, parallelism })
    const inTheMiddle = await first.wait(
      'checkpoint',
      ({ checkpoint }) => checkpoint.status === 'COMPLETED' && (checkpoint.positions[String(archivePartition(2))] ?? 0) > 0,
    )
    await first.kill()
    const second = await start(hints, { run: 2, archive, parallelism, restoreFrom: inTheMiddle.checkpoint.path! })
    const { metrics } = await second.wait('metrics', (message) => message.metrics.lagRecords === 0)
    expect(metrics.refusedByMaxEventTime).toBe(all.slice(LOG_FROM).filter(({ ts }) => ts <= CUT_MS).length)
    expect(metrics.partitions.find(({ partition }) => partition === archivePartition(2))).toMatchObject({ position: inArchive })
    await finish(second)
    const found = await contents()
    expect(found.partitions).toEqual(new Set([...golden.partitions, archivePartition(2)]))
    expect({ ...found, partitions: golden.partitions }).toEqual(golden)
  })
