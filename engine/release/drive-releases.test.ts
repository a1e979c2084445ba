import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { JobMetrics } from '../../contract/job-ipc.ts'
import type { Db } from '../../db/client.ts'
import { FLIGHTS } from '../demo/demo-rows.ts'
import { addStream, addVersion, askForRelease, openTestDatabase } from '../engine-process.fixture.ts'
import { driveReleases } from './drive-releases.ts'

const SQL = (name: string) =>
  `SELECT origin, COUNT(*) OVER w AS ${name} FROM flights WINDOW w AS (PARTITION BY origin ORDER BY event_time RANGE BETWEEN INTERVAL '1' HOUR PRECEDING AND CURRENT ROW)`
let dataDir: string
let db: Db
let viewId: string
let nowMs = 1_000_000
let metrics: Map<number, { lagRecords: number; position: number }>
beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'evenflow-release-'))
  db = await openTestDatabase(dataDir)
  const streamId = await addStream(db, FLIGHTS)
  viewId = (await addVersion(db, 'v', streamId, FLIGHTS, SQL('a'))).viewId
  await addVersion(db, 'v', streamId, FLIGHTS, SQL('b'))
  metrics = new Map()
})
afterEach(async () => {
  await db.$disconnect()
  rmSync(dataDir, { recursive: true, force: true })
})

/** Every look is a new process: nothing but the database carries over. */
const drive = async (times = 1): Promise<void> => {
  for (let i = 0; i < times; i++) {
    nowMs += 1000
    const metricsOf = (id: number): JobMetrics | null => {
      const m = metrics.get(id)
      return m
        ? ({
            atMs: nowMs,
            lagRecords: m.lagRecords,
            catchingUp: false,
            eventsPerSecond: 1,
            maxEventTimeMs: 0,
            partitions: [{ partition: 0, position: m.position, endOffset: m.position + m.lagRecords }],
          } as unknown as JobMetrics)
        : null
    }
    await driveReleases({ db, now: () => nowMs, metricsOf, wake: () => undefined }, pino({ level: 'silent' }))
  }
}
const state = async (id: number): Promise<string> => (await db.release.findUniqueOrThrow({ where: { id } })).state
const jobOf = async (id: number) => db.job.findFirstOrThrow({ where: { releaseId: id } })
const run = (id: number, observed = 'RUNNING') => db.job.update({ where: { id }, data: { observed } })

async function firstRelease(): Promise<{ job1: number }> {
  const id = await askForRelease(db, viewId, 1)
  await drive()
  const job = await jobOf(id)
  await run(job.id)
  metrics.set(job.id, { lagRecords: 0, position: 50 })
  await drive()
  expect(await state(id)).toBe('DONE')
  return { job1: job.id }
}

test('a first release: job made once, waits for RUNNING and for the lag gate, then is authoritative', async () => {
  const id = await askForRelease(db, viewId, 1, { historyEventTimeMs: 77 })
  await drive(3)
  expect(await state(id)).toBe('STARTING')
  const job = await jobOf(id)
  expect(job.startFrom).toEqual({ historyEventTimeMs: 77 })
  await run(job.id)
  metrics.set(job.id, { lagRecords: 1001, position: 10 })
  await drive(2)
  expect(await state(id)).toBe('CATCHING_UP')
  metrics.set(job.id, { lagRecords: 1000, position: 20 })
  await drive()
  expect(await state(id)).toBe('DONE')
  expect(await db.authority.findUnique({ where: { viewId } })).toMatchObject({ jobId: job.id, version: 1, epoch: 1 })
  expect(await db.job.count()).toBe(1)
})

test('replacing: three samples, the old job stops at P, the new one must have applied P before authority moves', async () => {
  const { job1 } = await firstRelease()
  const id = await askForRelease(db, viewId, 2)
  await drive()
  const job2 = await jobOf(id)
  await run(job2.id)
  metrics.set(job2.id, { lagRecords: 0, position: 40 })
  await drive(2)
  expect(await state(id)).toBe('CATCHING_UP')
  await drive(2)
  expect(await state(id)).toBe('CUTTING_OVER')
  expect((await db.job.findUniqueOrThrow({ where: { id: job1 } })).desired).toBe('STOPPED')
  expect((await db.authority.findUniqueOrThrow({ where: { viewId } })).jobId).toBe(job1)
  await run(job1, 'STOPPED')
  await db.checkpoint.create({
    data: { jobId: job1, run: 1, number: 1, kind: 'checkpoint', status: 'COMPLETED', triggeredAt: new Date(), positions: { 0: 50 } },
  })
  await drive()
  expect((await db.authority.findUniqueOrThrow({ where: { viewId } })).jobId).toBe(job1) // 40 of 50 applied
  metrics.set(job2.id, { lagRecords: 0, position: 50 })
  await drive()
  expect(await state(id)).toBe('DONE')
  expect(await db.authority.findUniqueOrThrow({ where: { viewId } })).toMatchObject({ jobId: job2.id, version: 2, epoch: 2 })
})

test('gated waits for a hand; abort before the cutover leaves the old job alone; a second release waits its turn', async () => {
  const { job1 } = await firstRelease()
  const id = await askForRelease(db, viewId, 2, { mode: 'gated' })
  const next = await askForRelease(db, viewId, 2)
  await drive()
  const job2 = await jobOf(id)
  await run(job2.id)
  metrics.set(job2.id, { lagRecords: 0, position: 60 })
  await drive(5)
  expect([await state(id), await state(next)]).toEqual(['READY', 'QUEUED'])
  await db.releaseFact.create({
    data: { releaseId: id, generation: 1, at: new Date(), kind: 'action', payload: { action: 'abort', by: 'me' } },
  })
  await drive()
  expect(await state(id)).toBe('ABORTED')
  expect((await db.job.findUniqueOrThrow({ where: { id: job2.id } })).desired).toBe('STOPPED')
  expect((await db.job.findUniqueOrThrow({ where: { id: job1 } })).desired).toBe('RUNNING')
  expect((await db.authority.findUniqueOrThrow({ where: { viewId } })).jobId).toBe(job1)
  await drive()
  expect(await state(next)).toBe('STARTING')
})

test('a job that fails for good ends the release with its reason', async () => {
  const id = await askForRelease(db, viewId, 1)
  await drive()
  const job = await jobOf(id)
  await db.job.update({ where: { id: job.id }, data: { observed: 'FAILED', observedReason: 'the newest checkpoint is corrupt' } })
  await drive()
  expect(await db.release.findUniqueOrThrow({ where: { id } })).toMatchObject({
    state: 'FAILED',
    failure: expect.stringContaining('corrupt'),
  })
})
