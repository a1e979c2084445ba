import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Db } from '../db/client.ts'
import type { StreamSchema } from '../definition/model.ts'
import {
  addStream,
  addVersion,
  askForRelease,
  openTestDatabase,
  startEngineProcess,
  until,
  type EngineProcess,
} from './engine-process.fixture.ts'
import { evaluate } from './preview/evaluate.ts'
import { openHistoryReader } from './sink/history-reader.ts'
import { openOnlineBrowser } from './sink/online-store.ts'

const PAY: StreamSchema = {
  name: 'pay',
  fields: [
    { name: 'card', type: 'string' },
    { name: 'amount', type: 'double', nullable: true },
    { name: 'ts', type: 'timestamp' },
  ],
  eventTime: 'ts',
}
const SQL = `SELECT /*+ ORDER('arrival') READ_CLOCK('event') */ card, COUNT(*) OVER w AS n, SUM(amount) OVER w AS total, LAST(amount) OVER w AS newest, total / NULLIF(n, 0) AS mean
FROM pay WINDOW w AS (PARTITION BY card ORDER BY ts RANGE BETWEEN INTERVAL '1' HOUR PRECEDING AND CURRENT ROW)`
const BASE_MS = Date.UTC(2025, 0, 1)

let dataDir: string
let db: Db
let engine: EngineProcess | undefined
beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'evenflow-engine-'))
  db = await openTestDatabase(dataDir)
})
afterEach(async () => {
  await engine?.kill()
  await db.$disconnect()
  rmSync(dataDir, { recursive: true, force: true })
})

const batch = (from: number, count: number): string =>
  Array.from({ length: count }, (_, i) => {
    const n = from + i
    return JSON.stringify({
      card: `c${(n * 7) % 23}`,
      amount: n % 11 === 0 ? null : ((n * 37) % 1000) / 8,
      ts: BASE_MS + n * 900 - ((n * 13) % 5) * 700,
    })
  }).join('\n')

async function released(view: string, releaseId: number): Promise<number> {
  const release = await until(`release ${releaseId} is done`, async () => {
    const row = await db.release.findUniqueOrThrow({ where: { id: releaseId } })
    if (row.state === 'FAILED') throw new Error(`${view}: ${row.failure}`)
    return row.state === 'DONE' && row
  })
  return release.job2Id as number
}

/** The new job serves, and the old one need not be kept any longer. */
async function soaked(releaseId: number): Promise<void> {
  await until(
    `release ${releaseId} soaks`,
    async () => (await db.release.findUniqueOrThrow({ where: { id: releaseId } })).state === 'SOAKING',
  )
  await db.releaseFact.create({
    data: { releaseId, generation: 1, at: new Date(), kind: 'action', payload: { action: 'finish', by: 'test' } },
  })
}

const caughtUp = (jobId: number, end: number): Promise<unknown> =>
  until(`job ${jobId} has applied ${end} events`, async () => {
    const job = await db.job.findUniqueOrThrow({ where: { id: jobId } })
    const metrics = job.metrics as { partitions: { position: number }[]; atMs: number } | null
    return job.observed === 'RUNNING' && metrics?.partitions[0]?.position === end
  })

const jobPid = (jobId: number, notPid?: number): Promise<number> =>
  until(`job ${jobId} runs`, async () => {
    const job = await db.job.findUniqueOrThrow({ where: { id: jobId } })
    return job.observed === 'RUNNING' && job.pid !== null && job.pid !== notPid && job.pid
  })

test('promise 1: engine and job killed in the middle, the stores end as a run without faults would', { timeout: 110_000 }, async () => {
  const streamId = await addStream(db, PAY)
  for (const [key, value] of [
    ['checkpointInterval', 150],
    ['checkpointMinPause', 10],
    ['restartBackoff', { fromMs: 50, toMs: 200 }],
  ] as const)
    await db.parameter.create({ data: { key, scope: 'system', value, updatedBy: 'test' } })
  engine = await startEngineProcess(dataDir)
  const { checked, viewId } = await addVersion(db, 'spend', streamId, PAY, SQL)
  const releaseId = await askForRelease(db, viewId, 1)
  await engine.ask('POST', '/wake')
  const jobId = await released('spend', releaseId)
  let sent = 0
  const send = async (): Promise<void> => {
    const { json } = await (engine as EngineProcess).ask('POST', '/streams/pay/events', batch(sent, 250))
    expect(json).toEqual({ accepted: 250, rejected: [] })
    sent += 250
  }
  const checkpoints = (): Promise<number> => db.checkpoint.count({ where: { jobId, status: 'COMPLETED' } })
  let killed = await jobPid(jobId)
  for (let i = 0; i < 24; i++) {
    await send()
    if (i === 5 || i === 17) {
      const before = await checkpoints()
      await until('a checkpoint more', async () => (await checkpoints()) > before)
      await send()
      killed = await jobPid(jobId)
      process.kill(killed, 'SIGKILL') // with events behind the checkpoint
    }
    if (i === 9) killed = await jobPid(jobId, killed)
    if (i === 11) {
      await engine.kill()
      engine = await startEngineProcess(dataDir)
      killed = await jobPid(jobId, killed)
    }
  }
  await caughtUp(jobId, sent)
  const last = { card: 'c0' }
  const read = await engine.ask('POST', '/features', { view: 'spend', keys: [last, { card: 'nobody' }] })
  expect(await engine.end()).toBe(0)
  engine = undefined

  const golden = await evaluate({
    dataDir,
    checked,
    streams: [{ name: checked.stream.name, partitions: 1 }],
    last: sent,
    order: 'arrival',
    outOfOrdernessMs: 5000,
    allowedLatenessMs: 3_600_000,
  })
  expect(golden.rows.length).toBe(sent)
  const history = openHistoryReader({ dataDir, view: 'spend' })
  const page = history?.list({ version: 1, limit: sent + 100 })
  history?.close()
  const byOffset = (page?.items ?? []).toSorted((a, b) => a.offset - b.offset)
  expect(byOffset.map((row) => [row.offset, row.key, row.eventTimeMs, ...row.values])).toEqual(
    golden.rows.toSorted((a, b) => a.offset - b.offset).map((row) => [row.offset, row.key, row.eventTimeMs, ...row.values]),
  )
  const newest = new Map<string, (typeof golden.rows)[number]>()
  for (const row of golden.rows)
    if (!newest.has(row.key) || row.eventTimeMs >= (newest.get(row.key)?.eventTimeMs ?? 0)) newest.set(row.key, row)
  const online = openOnlineBrowser({ dataDir, view: 'spend', version: 1, jobId })
  const stored = online?.list({ limit: 1000 }).items ?? []
  await online?.close()
  expect(stored.map((row) => row.key)).toEqual([...newest.keys()].sort())
  for (const row of stored) expect(row.version[0]).toBe(newest.get(row.key)?.eventTimeMs)
  expect(read.json.rows[0]).toMatchObject({ key: last, status: 'PRESENT' })
  expect(read.json.rows[1]).toMatchObject({ status: 'UNKNOWN_KEY' })
  const c0 = stored.find((row) => row.key === '["c0"]')
  expect(Object.values(read.json.rows[0]?.features ?? {})).toEqual(c0?.values)

  const job = await db.job.findUniqueOrThrow({ where: { id: jobId }, include: { runs: { orderBy: { run: 'asc' } }, exceptions: true } })
  expect(job).toMatchObject({ observed: 'STOPPED', desired: 'RUNNING', pid: null })
  expect(job.runs.length).toBeGreaterThanOrEqual(4)
  expect(job.runs.filter((run) => run.restoredFrom !== null).length).toBeGreaterThanOrEqual(3)
  expect(job.exceptions.map((exception) => exception.code)).toContain('killed')
  expect(await db.checkpoint.count({ where: { jobId, status: 'IN_PROGRESS' } })).toBe(0)
})

test('a second version takes over, the old job stops; savepoint, restart from it, parameters while running, a second engine refused', {
  timeout: 110_000,
}, async () => {
  const streamId = await addStream(db, PAY)
  engine = await startEngineProcess(dataDir, { EVENFLOW_API_TOKEN: 'script' })
  const first = await addVersion(db, 'spend', streamId, PAY, SQL)
  expect((await engine.ask('POST', '/features', { view: 'spend', keys: [{ card: 'c1' }] })).json.error.code).toBe('not_ready')
  const release1 = await askForRelease(db, first.viewId, 1)
  await engine.ask('POST', '/wake')
  const job1 = await released('spend', release1)
  const bad = await engine.ask(
    'POST',
    '/streams/pay/events',
    `${batch(0, 300)}\n\nnot json\n{"card":"x","ts":"soon"}\n{"card":5,"ts":${BASE_MS}}\n{"card":"late","ts":${Date.now() + 3_600_000}}`,
    'script',
  )
  expect(bad.json.accepted).toBe(300)
  expect(bad.json.rejected.map((one) => [one.line, one.code])).toEqual([
    [302, 'not_json'],
    [303, 'bad_timestamp'],
    [304, 'wrong_type'],
    [305, 'event_time_in_future'],
  ])
  expect(await db.deadLetter.count({ where: { streamId } })).toBe(4)
  expect((await engine.ask('GET', '/streams/pay/stats', undefined, 'script')).status).toBe(403)
  expect((await engine.ask('GET', '/streams/pay/stats', undefined, 'wrong')).status).toBe(401)
  await caughtUp(job1, 300)
  await expect(startEngineProcess(dataDir)).rejects.toThrow(new RegExp(`process ${engine.pid}`))

  await addVersion(db, 'spend', streamId, PAY, SQL.replace('COUNT(*) OVER w AS n', 'COUNT(*) OVER w AS n, MAX(amount) OVER w AS top'))
  await db.parameter.create({ data: { key: 'gateSamples', scope: 'system', value: 2, updatedBy: 'test' } })
  const release2 = await askForRelease(db, first.viewId, 2)
  await engine.ask('POST', '/wake')
  await soaked(release2)
  const job2 = await released('spend', release2)
  expect(job2).not.toBe(job1)
  const facts = await db.releaseFact.findMany({ where: { releaseId: release2, kind: 'state' }, orderBy: { id: 'asc' } })
  expect(facts.map((fact) => (fact.payload as { to: string }).to)).toEqual([
    'QUEUED',
    'CHECKED',
    'SAVEPOINTING',
    'BACKFILLING',
    'STARTING',
    'CATCHING_UP',
    'COMPARING',
    'READY',
    'CUTTING_OVER',
    'SOAKING',
    'DONE',
  ])
  expect(await db.authority.findUnique({ where: { viewId: first.viewId } })).toMatchObject({ jobId: job2, version: 2, epoch: 2 })
  await until('the old job has stopped', async () => (await db.job.findUniqueOrThrow({ where: { id: job1 } })).observed === 'STOPPED')
  const read = await engine.ask('POST', '/features', { view: 'spend', keys: [{ card: 'c1' }] })
  expect(read.json).toMatchObject({ version: 2, jobId: job2, rows: [{ status: 'PRESENT' }] })
  expect(Object.keys(read.json.rows[0]?.features ?? {})).toEqual(['n', 'top', 'total', 'newest', 'mean'])

  const savepoint = await db.savepoint.create({
    data: { jobId: job2, viewId: first.viewId, version: 2, name: 's', status: 'IN_PROGRESS', createdBy: 'test' },
  })
  expect((await engine.ask('POST', `/jobs/${job2}/savepoint`, { savepointId: savepoint.id })).status).toBe(202)
  await until(
    'the savepoint is complete',
    async () => (await db.savepoint.findUniqueOrThrow({ where: { id: savepoint.id } })).status === 'COMPLETED',
  )
  await engine.ask('POST', '/streams/pay/events', batch(300, 100))
  await caughtUp(job2, 400)
  expect((await engine.ask('POST', `/jobs/${job2}/checkpoint`)).json).toMatchObject({
    status: 'COMPLETED',
    kind: 'checkpoint',
    positions: { 0: 400 },
  })
  await db.job.update({ where: { id: job2 }, data: { generation: { increment: 1 }, startFrom: { savepointId: savepoint.id } } })
  await engine.ask('POST', '/wake')
  const run = await until('the job runs again', async () =>
    db.jobRun.findFirst({ where: { jobId: job2, run: 2, runningAt: { not: null } } }),
  )
  expect(run).toMatchObject({ restoredKind: 'savepoint', restoredSavepointId: savepoint.id })
  await caughtUp(job2, 400)
  const again = await engine.ask('POST', '/features', { view: 'spend', keys: [{ card: 'c1' }] })
  const history = openHistoryReader({ dataDir, view: 'spend' })
  expect(Object.values(again.json.rows[0]?.features ?? {})).toEqual(history?.list({ version: 2, limit: 1, key: '["c1"]' }).items[0]?.values)
  history?.close()

  await db.savepoint.update({ where: { id: savepoint.id }, data: { status: 'DISPOSED' } })
  await until('its files are gone', async () => (await db.savepoint.findUniqueOrThrow({ where: { id: savepoint.id } })).path === null)
  await db.job.update({ where: { id: job2 }, data: { generation: { increment: 1 }, startFrom: { savepointId: 999 } } })
  await until('the job has failed', async () => (await db.job.findUniqueOrThrow({ where: { id: job2 } })).observed === 'FAILED')
  expect((await db.job.findUniqueOrThrow({ where: { id: job2 } })).observedReason).toMatch(/Savepoint 999/)
  const stored = await engine.ask('POST', '/features', { view: 'spend', keys: [{ card: 'c1' }] })
  expect(stored.json.rows[0]).toMatchObject({ catchingUp: true, features: again.json.rows[0]?.features ?? {} })
  expect(await engine.end()).toBe(0)
  engine = undefined
})
