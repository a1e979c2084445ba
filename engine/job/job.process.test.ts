import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { FromJob } from '../../contract/job-ipc.ts'
import { forwardedRows } from '../forward/forwarded-rows.fixture.ts'
import { openHistoryReader } from '../sink/history-reader.ts'
import { openOnlineBrowser } from '../sink/online-store.ts'
import { type EmbeddedLog, openEmbeddedLog } from '../source/embedded-log.ts'
import { columnsOf } from '../source/event-columns.ts'
import { RunningJob, startMessage } from './job.fixture.ts'

const T0 = Date.UTC(2025, 0, 1)
let dataDir: string
let log: EmbeddedLog
let jobs: RunningJob[]

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'job-test-'))
  log = openEmbeddedLog({ dataDir, stream: 'pay', partitions: 1 })
  jobs = []
})
afterEach(async () => {
  for (const job of jobs) await job.kill()
  await log.close()
  rmSync(dataDir, { recursive: true, force: true })
})

const event = (i: number) =>
  JSON.stringify({
    card: `c${i % 7}`,
    amount: i % 5 === 0 ? null : i / 8,
    shop: `s${i % 11}`,
    ts: T0 + i * 997 - (i % 17 === 3 ? 9000 : 0),
  })
const events = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => ((from + i) % 50 === 49 ? `garbage ${from + i}` : event(from + i)))
const append = (values: readonly string[], atMs = Date.now()) => log.append(0, columnsOf([...values]), atMs)

async function start(options: Parameters<typeof startMessage>[1] = {}): Promise<RunningJob> {
  const job = new RunningJob(await startMessage(dataDir, options))
  jobs.push(job)
  await job.wait('running')
  return job
}
type Completed = Extract<FromJob, { type: 'checkpoint' }>
const completed =
  (kind: 'checkpoint' | 'savepoint' = 'checkpoint') =>
  ({ checkpoint }: Completed) =>
    checkpoint.status === 'COMPLETED' && checkpoint.kind === kind
const completedOf = (job: RunningJob) =>
  job.received.flatMap((message) => (message.type === 'checkpoint' && completed()(message) ? [message.checkpoint] : []))
const newest = (job: RunningJob) => completedOf(job).at(-1)!

/** What the stores hold, without what may differ between runs. */
function stores() {
  const online = openOnlineBrowser({ dataDir, view: 'card_pay', version: 1, jobId: 1 })!
  const history = openHistoryReader({ dataDir, view: 'card_pay' })!
  const { items } = online.list({ limit: 1000 })
  const rows = Array.from({ length: 7 }, (_, i) => history.list({ version: 1, limit: 1000, key: `["c${i}"]` }).items)
  history.close()
  return {
    closing: online.close(),
    online: items.map(({ key, version, values, validUntilMs }) => ({ key, version, values, validUntilMs })),
    history: rows
      .flat()
      .map(({ offset, values }) => ({ offset, values }))
      .sort((a, b) => a.offset - b.offset),
  }
}

async function finish(job: RunningJob, total: number) {
  await job.applied(total)
  await job.stop()
  const { closing, ...contents } = stores()
  await closing
  return { ...contents, forwarded: Map.groupBy(await forwardedRows(dataDir, 'out'), ({ card }) => card) }
}

describe('semantics 17, 20: kill -9 of a real job process', () => {
  for (const [order, parallelisms, by] of [
    ['arrival', [1, 1, 1, 1], 'key'],
    ['event_time', [1, 1, 1, 1], 'key'],
    ['arrival', [2, 2, 2, 2], 'key'],
    ['event_time', [2, 3, 1, 2], 'key'],
    ['arrival', [3, 2, 2, 3], 'feature'],
  ] as const) {
    test(`${order}, parallelism ${parallelisms} by ${by}: killed again and again between and during checkpoints, the stores and what was forwarded end as in a golden run`, async () => {
      const hints = `ORDER('${order}') READ_CLOCK('event')`
      await append(events(0, 3000))
      const forward = { target: 'out', authority: 1 }
      const golden = await finish(await start({ hints, forward }), 3000)
      expect(golden.history.length).toBeGreaterThan(2500)
      const forwarded = [...golden.forwarded.values()].flat()
      expect(forwarded.length).toBe(golden.history.length)
      const text = (rows: readonly unknown[]) => rows.map((row) => JSON.stringify(row)).sort()
      expect(text(forwarded.map((row) => [row.payments, row.spent, row.shops, row.mean, row.last_shop]))).toEqual(
        text(golden.history.map(({ values }) => values)),
      )
      await log.close()
      rmSync(dataDir, { recursive: true, force: true })

      log = openEmbeddedLog({ dataDir, stream: 'pay', partitions: 1 })
      let restoreFrom: { kind: 'checkpoint'; path: string } | null = null
      for (let run = 1, written = 0; run <= 4; run++) {
        const parallelism = parallelisms[run - 1]!
        const job = await start({
          hints,
          run,
          restoreFrom,
          parallelism,
          parallelBy: run === 2 ? 'key' : by, // the second one goes on by key whatever wrote its checkpoint
          forward,
          parameters: { checkpointIntervalMs: 15, checkpointMinPauseMs: 0 },
        })
        const restored = job.received.find((message) => message.type === 'running')
        expect(restored).toMatchObject({ restoredFrom: restoreFrom?.path ?? null })
        await append(events(written, written + 750))
        written += 750
        job.send({ type: 'appended', stream: 'pay' })
        if (run === 4) {
          expect(await finish(job, 3000)).toEqual(golden)
          const refused = new Set(
            job.received.flatMap((message) =>
              message.type === 'deadLetters' && !message.late ? message.items.map(({ offset }) => offset) : [],
            ),
          )
          expect(refused.size).toBeGreaterThan(0)
          break
        }
        // Killed at another stage each time: at once, when a checkpoint began, when one was complete.
        if (run === 2) await job.wait('checkpoint')
        if (run === 3)
          await job.wait(
            'checkpoint',
            ({ checkpoint }) => completed()({ type: 'checkpoint', checkpoint }) && checkpoint.positions['0']! > written - 750,
          )
        await job.kill()
        const path = completedOf(job).at(-1)?.path
        if (path) restoreFrom = { kind: 'checkpoint', path }
      }
    })
  }
})

describe.each([
  [1, 'key'],
  [2, 'key'],
  [2, 'feature'],
] as const)('DESIGN §5.9: reads, parallelism %i by %s', (parallelism, parallelBy) => {
  test('values, status, asOf, version; wrong keys are refused with a hint; reads of the past are answered or refused with the bound', async () => {
    await append(events(0, 500))
    const job = await start({ parallelism, parallelBy })
    await job.applied(500)
    const { rows } = await job.read([{ card: 'c1' }, { card: 'nobody' }])
    expect(rows).toMatchObject([
      { key: { card: 'c1' }, status: 'PRESENT', complete: true, evaluatedAt: new Date(T0 + 498 * 997).toISOString() },
      { key: { card: 'nobody' }, status: 'UNKNOWN_KEY', asOf: null, version: null, features: { payments: 0, spent: null } },
    ])
    expect(rows![0]!.features.mean).toBe(Number(rows![0]!.features.spent) / Number(rows![0]!.features.payments))
    expect((await job.read([{ card: 7 }])).error).toMatchObject({ code: 'bad_request', hint: 'The key of this view is card.' })
    expect((await job.read([{ shop: 'c1' }])).error?.message).toContain('no field `shop`')
    expect((await job.read([{ card: 'c1' }], T0 + 10_000)).rows).toMatchObject([{ status: 'PRESENT', version: null }])
    expect((await job.read([{ card: 'c1' }], T0 - 1)).rows).toMatchObject([{ status: 'EMPTY', asOf: null }])
    await append([JSON.stringify({ card: 'c1', amount: 1, shop: 's', ts: T0 + 30 * 86_400_000 })])
    await job.applied(501)
    expect((await job.read([{ card: 'c1' }])).rows).toMatchObject([{ features: { payments: 1, shops: 1 } }])
    let past = await job.read([{ card: 'c1' }], T0)
    while (!past.error) past = await job.read([{ card: 'c1' }], T0) // rows go in slices
    expect(past.error).toMatchObject({ code: 'gone', hint: expect.stringMatching(/^Ask for 20.* or later/) })
  })

  test('after a restart, until what was stored is reached again, the store answers, marked catchingUp: never a step back', async () => {
    await append(events(0, 400))
    const first = await start({ parallelism, parallelBy, parameters: { checkpointIntervalMs: 1e9, checkpointRetention: 1000 } })
    await first.applied(400)
    first.send({ type: 'checkpoint', requestId: 'early' })
    await first.wait('checkpoint', ({ checkpoint }) => checkpoint.requestId === 'early' && checkpoint.status === 'COMPLETED')
    await append(events(400, 20_000))
    await first.applied(20_000)
    const before = (await first.read([{ card: 'c1' }])).rows![0]!
    await first.kill()

    const path = completedOf(first).find(({ requestId }) => requestId === 'early')!.path!
    const second = await start({ parallelism, parallelBy, run: 2, restoreFrom: { kind: 'checkpoint', path } })
    let marked = 0
    for (;;) {
      const row = (await second.read([{ card: 'c1' }])).rows![0]!
      expect(row.version![0]! > before.version![0]! || row.version![1]! >= before.version![1]!).toBe(true)
      expect({ status: row.status, features: row.features }).toEqual({ status: before.status, features: before.features })
      if (!row.catchingUp) break
      marked++
    }
    expect(marked).toBeGreaterThan(0)
  })

  for (const order of ['arrival', 'event_time'] as const)
    test(`${order}: what a read has shown stands in the store, so that a crash right after it is no step back`, async () => {
      await append(events(0, 50))
      const job = await start({ parallelism, parallelBy, parameters: { order, checkpointIntervalMs: 1e9 } })
      await job.applied(50)
      const online = openOnlineBrowser({ dataDir, view: 'card_pay', version: 1, jobId: 1 })!
      let newer = 0 // reads that met values on their way
      for (let from = 50, last = 0; newer < 10; from += 25) {
        await append(events(from, from + 25))
        for (let i = 0; i < 4; i++) {
          const { version } = (await job.read([{ card: 'c1' }])).rows![0]!
          const stored = online.get('["c1"]')!.version
          expect(stored[0] - version![0]! || stored[1] - version![1]! || stored[2] - version![2]!).toBeGreaterThanOrEqual(0)
          if (version![1]! > last) newer++
          last = version![1]!
        }
      }
      await online.close()
    })

  test('wall clock: a stored value that time has made wrong is rewritten; completeness is said', async () => {
    const start0 = Date.now()
    await append([JSON.stringify({ card: 'c1', amount: 5, shop: 's', ts: start0 - 600_000 + 1500 })])
    const job = await start({
      parallelism,
      parallelBy,
      hints: "READ_CLOCK('wall')",
      parameters: { historyEventTimeMs: start0 - 3_600_000 },
    })
    await job.applied(1)
    const online = openOnlineBrowser({ dataDir, view: 'card_pay', version: 1, jobId: 1 })!
    for (;;) {
      const row = online.get('["c1"]')
      const reading = (await job.read([{ card: 'c1' }])).rows![0]!
      if (reading.features.payments === 1 || row?.values[0] !== 0) continue
      expect(row).toMatchObject({ values: [0, null, 1, null, 's'], version: [start0 - 600_000 + 1500, 1, 600_001] })
      expect(reading).toMatchObject({
        status: 'PRESENT',
        features: { payments: 0, spent: null, shops: 1, last_shop: 's' },
        complete: false,
        warmingUntil: new Date(start0 - 3_600_000 + 86_400_000).toISOString(),
      })
      break
    }
    await online.close()
  })
})

describe('the job and its supervisor', () => {
  test('semantics 15: a savepoint on command; stop takes a final checkpoint and ends with 0; a job restarted from the savepoint', async () => {
    await append(events(0, 300))
    const job = await start()
    await job.applied(300)
    const path = join(dataDir, 'savepoints', 'mine')
    job.send({ type: 'savepoint', requestId: 'r', path })
    expect((await job.wait('checkpoint', completed('savepoint'))).checkpoint).toMatchObject({ requestId: 'r', path, positions: { 0: 300 } })
    const before = await job.read([{ card: 'c2' }])
    await append(events(300, 320))
    await job.applied(320)
    await job.stop()
    expect(newest(job)).toMatchObject({ positions: { 0: 320 }, requestId: null })
    expect(job.received.at(-1)).toEqual({ type: 'stopped' })
    await log.close()
    rmSync(join(dataDir, 'streams'), { recursive: true })
    log = openEmbeddedLog({ dataDir, stream: 'pay', partitions: 1 })
    await append(events(0, 300))
    const again = await start({ run: 2, restoreFrom: { kind: 'savepoint', path } })
    expect(again.received[0]).toMatchObject({ type: 'running', restoredFrom: path, positions: { 0: 300 } })
    expect((await again.read([{ card: 'c2' }])).rows).toEqual(before.rows)
  })

  test('parallelism 2: the keyed subtasks report side by side, and acknowledge checkpoints each for itself', async () => {
    await append(events(0, 2000))
    const job = await start({ parallelism: 2, parallelBy: 'key' })
    await job.applied(2000)
    const { metrics } = await job.wait('metrics', ({ metrics: { subtasks } }) => subtasks!.reduce((sum, { keys }) => sum + keys, 0) === 7)
    expect(metrics.subtasks!.map(({ subtask, recordsIn, stateBytes }) => [subtask, recordsIn > 0, stateBytes > 0])).toEqual([
      [0, true, true],
      [1, true, true],
    ])
    expect(metrics.stateBytes).toBe(metrics.subtasks!.reduce((sum, { stateBytes }) => sum + stateBytes, 0))
    expect(newest(job).subtasks.map(({ operator, subtask }) => `${operator} ${subtask}`)).toEqual([
      'source 0',
      'keyed 0',
      'keyed 1',
      'sink 0',
    ])
    expect(newest(job).subtasks.every(({ acknowledgedAtMs }) => acknowledgedAtMs !== null)).toBe(true)
    job.send({ type: 'hold', requestId: 'held' })
    expect(await job.wait('applied', ({ requestId }) => requestId === 'held')).toMatchObject({ positions: { 0: 2000 } })
    await append(events(2000, 2100))
    job.send({ type: 'reach', requestId: 'reached', positions: { 0: 2100 } })
    job.send({ type: 'resume' })
    expect(await job.wait('applied', ({ requestId }) => requestId === 'reached')).toMatchObject({ positions: { 0: 2100 } })
    await job.stop()
    expect(newest(job).positions).toEqual({ 0: 2100 })
  })

  test('split by feature, each subtask has all keys and says which features it computes; a savepoint of it starts a job of one thread', async () => {
    await append(events(0, 2000))
    const job = await start({ parallelism: 2, parallelBy: 'feature' })
    await job.applied(2000)
    const { metrics } = await job.wait(
      'metrics',
      ({ metrics: { subtasks, keys } }) => keys === 7 && subtasks!.every(({ keys }) => keys === 7),
    )
    expect(metrics.split).toEqual({ by: 'feature', why: 'asked' })
    // mean reads the other two; where the rest goes, what it cost a moment ago decides
    const split = metrics.subtasks!.map(({ features }) => features!)
    expect(split.flat().toSorted()).toEqual(['last_shop', 'mean', 'payments', 'shops', 'spent'])
    expect(split.find((part) => part.includes('mean'))).toEqual(expect.arrayContaining(['payments', 'spent']))
    expect(split.every((part) => part.length > 0)).toBe(true)
    expect(metrics.operators[1]).toMatchObject({ operator: 'keyed', recordsIn: metrics.subtasks![0]!.recordsIn })
    const before = await job.read([{ card: 'c2' }, { card: 'nobody' }])
    job.send({ type: 'savepoint', requestId: 'mine', path: 'savepoints/split' })
    await job.wait('checkpoint', completed('savepoint'))
    await job.kill()
    const again = await start({ run: 2, restoreFrom: { kind: 'savepoint', path: 'savepoints/split' } })
    expect((await again.read([{ card: 'c2' }, { card: 'nobody' }])).rows).toEqual(before.rows)
    expect((await again.wait('metrics')).metrics.split).toBe(undefined)
  })

  test('semantics 14: a corrupt newest checkpoint stops with a clear error that names the file; nothing is served', async () => {
    await append(events(0, 100))
    const job = await start()
    await job.applied(100)
    await job.stop()
    const { path } = newest(job)
    const keyed = join(dataDir, path!, 'keyed-0.bin')
    writeFileSync(keyed, 'x')
    const next = new RunningJob(await startMessage(dataDir, { run: 2, restoreFrom: { kind: 'checkpoint', path: path! } }))
    jobs.push(next)
    expect(await next.wait('failed')).toMatchObject({ code: 'snapshot_corrupt', fatal: true, message: expect.stringContaining(keyed) })
    expect((await next.exited).code).toBe(3)
    expect(readdirSync(join(dataDir, path!))).toContain('manifest.json')
  })

  test('semantics 2: a position that the log no longer has is an error with choices, never a silent jump', async () => {
    await append(events(0, 100))
    const job = await start()
    await job.applied(100)
    await job.stop()
    await log.close()
    rmSync(join(dataDir, 'streams'), { recursive: true })
    log = openEmbeddedLog({ dataDir, stream: 'pay', partitions: 1 })
    await append(events(0, 10))
    const next = new RunningJob(await startMessage(dataDir, { run: 2, restoreFrom: { kind: 'checkpoint', path: newest(job).path! } }))
    jobs.push(next)
    expect(await next.wait('failed')).toMatchObject({
      code: 'position_out_of_range',
      fatal: true,
      message: expect.stringContaining('Position 100 of partition 0'),
    })
    for (const [run, outOfRange, to, payments] of [
      [3, 'newest', 10, 0],
      [4, 'oldest', 0, 2],
    ] as const) {
      const chosen = await start({ run, restoreFrom: { kind: 'checkpoint', path: newest(job).path!, outOfRange } })
      expect(chosen.received.find((message) => message.type === 'running')).toMatchObject({
        positions: { 0: to },
        moved: [{ partition: 0, from: 100, to }],
      })
      await chosen.applied(10)
      const row = (await chosen.read([{ card: 'c1' }])).rows![0]!
      expect(row).toMatchObject({ status: 'PRESENT', complete: false })
      expect(row.version![1]).toBe(14 + payments) // what c1 had in the snapshot is there still
      await chosen.kill()
    }
  })

  test('semantics 18, promise 11: stopped while another run takes the stores over, and awake again: its rows are refused, counted, and in no store', async () => {
    await append(events(0, 400))
    const zombie = await start()
    await zombie.applied(400)
    zombie.child.kill('SIGSTOP')
    const successor = new RunningJob({ ...(await startMessage(dataDir, { run: 2 })), epoch: 2 })
    jobs.push(successor)
    await successor.wait('running')
    await append(events(400, 800))
    zombie.child.kill('SIGCONT')
    zombie.send({ type: 'appended', stream: 'pay' })
    const { code, fatal, message } = await zombie.wait('failed')
    expect([code, fatal]).toEqual(['fenced', true])
    expect(Number(/Rows refused: (\d+)/.exec(message)?.[1])).toBeGreaterThan(0)
    expect((await zombie.exited).code).toBe(3)
    const found = await finish(successor, 800)

    await log.close()
    rmSync(dataDir, { recursive: true, force: true })
    log = openEmbeddedLog({ dataDir, stream: 'pay', partitions: 1 })
    await append(events(0, 800))
    expect(found).toEqual(await finish(await start(), 800))
  })

  test.each([1, 2])(
    'parallelism %i: a savepoint at exact positions: there and nowhere else, whatever was read ahead; then the job reads on, or stays',
    async (parallelism) => {
      await append(events(0, 20_000))
      const job = await start({ parallelism, hints: "READ_CLOCK('event')" })
      job.send({ type: 'hold', requestId: 'h' })
      const held = (await job.wait('applied', ({ requestId }) => requestId === 'h')).positions['0']!
      const ask = (position: number, stays: boolean) =>
        job.send({
          type: 'savepoint',
          requestId: `at ${position}`,
          path: join(dataDir, `at-${position}`),
          at: { positions: { 0: position }, stays },
        })
      const taken = async (position: number) => {
        const { checkpoint } = await job.wait(
          'checkpoint',
          ({ checkpoint: { requestId, status } }) => requestId === `at ${position}` && status !== 'IN_PROGRESS',
        )
        return checkpoint
      }
      const near = Math.min(20_000, held + 3)
      ask(near, false)
      expect(await taken(near)).toMatchObject({ status: 'COMPLETED', positions: { 0: near } })
      await job.applied(20_000)
      ask(19_000, false)
      expect(await taken(19_000)).toMatchObject({
        status: 'FAILED',
        failureReason: 'declined',
        failureMessage: expect.stringContaining('was read up to 20000, past 19000'),
      })
      ask(20_150, true)
      await append(events(20_000, 20_300))
      expect(await taken(20_150)).toMatchObject({ status: 'COMPLETED', positions: { 0: 20_150 } })
      job.send({ type: 'checkpoint', requestId: 'there' })
      const there = await job.wait('checkpoint', ({ checkpoint }) => checkpoint.requestId === 'there' && checkpoint.status === 'COMPLETED')
      expect(there.checkpoint.positions).toEqual({ 0: 20_150 })
      expect((await job.read([{ card: 'c1' }])).rows).toMatchObject([{ status: 'PRESENT' }])
      job.send({ type: 'resume' })
      const result = await finish(job, 20_300)

      await log.close()
      rmSync(dataDir, { recursive: true, force: true })
      log = openEmbeddedLog({ dataDir, stream: 'pay', partitions: 1 })
      await append(events(0, 20_300))
      expect(result).toEqual(await finish(await start({ hints: "READ_CLOCK('event')" }), 20_300))
    },
  )

  test('too many bad events stop the job with the reason; the dead letters are told first', async () => {
    await append(Array.from({ length: 200 }, () => 'garbage'))
    const job = new RunningJob(await startMessage(dataDir, {}))
    jobs.push(job)
    expect(await job.wait('failed')).toMatchObject({ code: 'dead_letter_rate', fatal: true, stack: null })
    expect(job.received.some((message) => message.type === 'deadLetters' && message.items[0]?.code === 'not_json')).toBe(true)
  })

  test('a state beyond memoryLimit stops the job with the reason', async () => {
    await append(events(0, 400))
    const job = await start({ parameters: { memoryLimitBytes: 1000 } })
    expect(await job.wait('failed')).toMatchObject({ code: 'memory_limit', fatal: true })
  })

  test('a job whose lease ran out stops itself; so does one whose supervisor is gone', async () => {
    const expired = await start()
    expired.stopLease()
    const unleased = new RunningJob({ ...(await startMessage(dataDir, { run: 2 })), jobId: 2 }, 1)
    jobs.push(unleased)
    expect((await unleased.exited).code).toBe(4)
    expired.child.disconnect()
    expect((await expired.exited).code).toBe(5)
  })
})
