import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { StreamStats } from '../../contract/engine-api.ts'
import type { Comparison } from '../../contract/comparison.ts'
import type { JobMetrics } from '../../contract/job-ipc.ts'
import type { Db } from '../../db/client.ts'
import { resolveParameters } from '../../definition/parameters.ts'
import { writeArchive } from '../archive/archive.fixture.ts'
import { FLIGHTS } from '../demo/demo-rows.ts'
import { addStream, addVersion, askForRelease, openTestDatabase } from '../engine-process.fixture.ts'
import { driveReleases } from './drive-releases.ts'

const SQL = (more: string) =>
  `SELECT origin, COUNT(*) OVER w AS n${more} FROM flights WINDOW w AS (PARTITION BY origin ORDER BY event_time RANGE BETWEEN INTERVAL '1' HOUR PRECEDING AND CURRENT ROW)`
let dataDir: string
let db: Db
let viewId: string
let nowMs = 1_000_000
let processes: Map<number, Process>
let settings: Record<string, unknown>
let asked: string[]
let stats: StreamStats
/** looks that it takes from the gates held to the values compared */
const COMPARED = 2
beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'evenflow-release-'))
  db = await openTestDatabase(dataDir)
  const streamId = await addStream(db, FLIGHTS)
  viewId = (await addVersion(db, 'v', streamId, FLIGHTS, SQL(''))).viewId
  await addVersion(db, 'v', streamId, FLIGHTS, SQL(', MAX(delay) OVER w AS newest'))
  processes = new Map()
  settings = { gateSamples: 3, soakTime: 10_000 }
  asked = []
  stats = { partitions: [], events: 0, bytes: 0, eventsPerSecond: 0, minEventTimeMs: null, maxEventTimeMs: null }
})
afterEach(async () => {
  await db.$disconnect()
  rmSync(dataDir, { recursive: true, force: true })
})

/** Every look is a new process: nothing but the database and what the jobs are doing carries over. */
const drive = async (times = 1): Promise<void> => {
  for (let i = 0; i < times; i++) {
    nowMs += 1000
    await driveReleases(
      {
        db,
        dataDir,
        now: () => nowMs,
        running: (id) => processes.get(id) ?? null,
        parameters: (view, hints) => resolveParameters({ view: settings, hints: view === 'v' ? hints : {} }),
        savepoint: async (job, savepoint, at) => {
          if (!at) asked.push(`savepoint ${savepoint} of ${job}`)
          else await db.savepoint.update({ where: { id: savepoint }, data: { status: 'COMPLETED', path: '', positions: at.positions } })
        },
        streamStats: async () => stats,
        compare: async () => ({ outcome: 'equal', features: [] as unknown }) as Comparison,
        wake: () => undefined,
      },
      pino({ level: 'silent' }),
    )
  }
}
/** A job's process as the steps see it; `position` is what it has read and applied. */
class Process {
  readonly id: number
  position: number
  lagRecords: number
  isHeld = false
  silentMs = 0
  loading: { rows: number; of: number } | null = null
  watermarkMs: number | null = null
  archive: { position: number; endOffset: number } | null = null
  readonly observed = 'RUNNING'
  readonly socketPath = ''
  answers = true
  readonly endIfSilent = () => undefined
  constructor(id: number, position: number, lagRecords = 0) {
    this.id = id
    this.position = position
    this.lagRecords = lagRecords
  }
  get metrics(): JobMetrics {
    return {
      atMs: nowMs - this.silentMs,
      lagRecords: this.lagRecords,
      catchingUp: false,
      eventsPerSecond: 1,
      maxEventTimeMs: this.watermarkMs ?? 0,
      watermarkMs: this.watermarkMs,
      partitions: [
        { partition: 0, position: this.position, endOffset: this.position + this.lagRecords },
        ...(this.archive ? [{ partition: 3840, ...this.archive }] : []),
      ],
    } as unknown as JobMetrics
  }
  async hold() {
    if (!this.answers) return null
    this.isHeld = true
    return { 0: this.position, ...(this.archive && { 3840: this.archive.position }) }
  }
  resume() {
    this.isHeld = false
  }
  async reach(positions: Record<string, number>) {
    return this.answers && this.position >= (positions['0'] ?? 0) && (this.archive?.position ?? 0) >= (positions['3840'] ?? 0)
  }
}
const running = (id: number, position: number, lagRecords = 0): Process => {
  const process = new Process(id, position, lagRecords)
  processes.set(id, process)
  return process
}
const state = async (id: number): Promise<string> => (await db.release.findUniqueOrThrow({ where: { id } })).state
const jobOf = async (id: number) => db.job.findFirstOrThrow({ where: { releaseId: id } })
const run = (id: number, observed = 'RUNNING') => db.job.update({ where: { id }, data: { observed } })

const authority = () => db.authority.findUniqueOrThrow({ where: { viewId } })
const act = (releaseId: number, action: string) =>
  db.releaseFact.create({ data: { releaseId, generation: 1, at: new Date(), kind: 'action', payload: { action, by: 'me' } } })

async function firstRelease(): Promise<Process> {
  const id = await askForRelease(db, viewId, 1)
  await drive()
  const job = await jobOf(id)
  await run(job.id)
  const process = running(job.id, 50)
  await drive()
  expect(await state(id)).toBe('DONE')
  return process
}

/** A release that replaces job 1 by version 2, which reads the stream again, driven until its job runs. */
async function secondRelease(request: Record<string, unknown> = {}, position = 60): Promise<{ id: number; job1: Process; job2: Process }> {
  const job1 = await firstRelease()
  const id = await askForRelease(db, viewId, 2, { historyEventTimeMs: 0, ...request })
  await drive()
  const job = await jobOf(id)
  await run(job.id)
  return { id, job1, job2: running(job.id, position) }
}

test('a first release: job made once, waits for RUNNING and for the lag gate, then is authoritative', async () => {
  const id = await askForRelease(db, viewId, 1, { historyEventTimeMs: 77 })
  await drive(3)
  expect(await state(id)).toBe('STARTING')
  const job = await jobOf(id)
  expect(job).toMatchObject({ startFrom: { historyEventTimeMs: 77 }, desired: 'RUNNING' })
  await run(job.id)
  const process = running(job.id, 10, 1001)
  await drive(2)
  expect(await state(id)).toBe('CATCHING_UP')
  process.lagRecords = 1000
  await drive()
  expect(await state(id)).toBe('DONE')
  expect(await authority()).toMatchObject({ jobId: job.id, version: 1, epoch: 1 })
  expect(await db.job.count()).toBe(1)
})

test('replacing: gates held for all samples, the old job holds at P, the new one must serve P before authority moves, then it soaks', async () => {
  const { id, job1, job2 } = await secondRelease({}, 40)
  await drive(2)
  expect(await state(id)).toBe('CATCHING_UP')
  await drive(1 + COMPARED)
  expect(await state(id)).toBe('CUTTING_OVER') // 40 of 50 applied: the old job goes on meanwhile
  expect([(await authority()).jobId, job1.isHeld]).toEqual([job1.id, false])
  job2.position = 50
  await drive()
  expect(await authority()).toMatchObject({ jobId: job2.id, version: 2, epoch: 2 })
  expect([await state(id), job1.isHeld]).toEqual(['SOAKING', true]) // readers may still be on their way to it
  await drive()
  expect(job1.isHeld).toBe(false)
  await drive(12)
  expect(await state(id)).toBe('DONE')
  expect((await db.job.findUniqueOrThrow({ where: { id: job1.id } })).desired).toBe('STOPPED')
})

test('rolled back in soak: the old job must serve what the new one has served, then the new one stops', async () => {
  const { id, job1, job2 } = await secondRelease()
  await drive(4 + COMPARED)
  expect(await state(id)).toBe('SOAKING')
  await act(id, 'rollback')
  job2.archive = { position: 9, endOffset: 9 } // which the old job never saw
  job2.position = 70
  await drive()
  expect([await state(id), (await authority()).jobId, job1.isHeld]).toEqual(['SOAKING', job2.id, false]) // 50 of 70
  job1.position = 70
  await drive()
  expect(await authority()).toMatchObject({ jobId: job1.id, version: 1, epoch: 3 })
  expect(await state(id)).toBe('ROLLED_BACK')
  expect((await db.job.findUniqueOrThrow({ where: { id: job2.id } })).desired).toBe('STOPPED')
  expect((await db.job.findUniqueOrThrow({ where: { id: job1.id } })).desired).toBe('RUNNING')
})

test('finished by hand the soak ends at once', async () => {
  const { id, job1 } = await secondRelease()
  await drive(4 + COMPARED)
  await act(id, 'finish')
  await drive()
  expect(await state(id)).toBe('DONE')
  expect((await db.job.findUniqueOrThrow({ where: { id: job1.id } })).desired).toBe('STOPPED')
})

test('an old job that does not answer is stopped, and the cutover waits for what it may have shown', async () => {
  const { id, job1, job2 } = await secondRelease({}, 40)
  await drive(2 + COMPARED)
  job1.answers = false
  await drive()
  expect(await state(id)).toBe('CUTTING_OVER')
  expect((await db.job.findUniqueOrThrow({ where: { id: job1.id } })).desired).toBe('STOPPED')
  processes.delete(job1.id)
  await db.job.update({ where: { id: job1.id }, data: { observed: 'STOPPED', stoppedAt: new Date(nowMs + 1500) } })
  job2.lagRecords = 15
  await drive(2)
  expect((await authority()).jobId).toBe(job1.id) // 40 of the 55 that job 1 may have read and shown
  job2.position = 55
  job2.lagRecords = 0
  await drive()
  expect([await state(id), (await authority()).jobId]).toEqual(['SOAKING', job2.id])
})

test('gated waits for a hand; abort before the cutover leaves the old job alone; a second release waits its turn', async () => {
  const { id, job1, job2 } = await secondRelease({ mode: 'gated' })
  const next = await askForRelease(db, viewId, 2, { historyEventTimeMs: 0 })
  await drive(3 + COMPARED)
  expect([await state(id), await state(next)]).toEqual(['READY', 'QUEUED'])
  await act(id, 'abort')
  await drive()
  expect(await state(id)).toBe('ABORTED')
  expect((await db.job.findUniqueOrThrow({ where: { id: job2.id } })).desired).toBe('STOPPED')
  expect((await db.job.findUniqueOrThrow({ where: { id: job1.id } })).desired).toBe('RUNNING')
  expect((await authority()).jobId).toBe(job1.id)
  await drive()
  expect(await state(next)).toBe('STARTING')
})

test('facts of another generation are ignored: what was asked of it, and what it has done', async () => {
  const { id, job1 } = await secondRelease({ mode: 'gated' })
  await drive(5)
  for (const generation of [0, 2])
    for (const action of ['abort', 'cutover'])
      await db.releaseFact.create({ data: { releaseId: id, generation, at: new Date(), kind: 'action', payload: { action, by: 'me' } } })
  await drive(2)
  expect([await state(id), (await authority()).jobId]).toEqual(['READY', job1.id])
  await act(id, 'cutover')
  await db.release.update({ where: { id }, data: { generation: 3 } })
  await drive(2)
  expect(await state(id)).toBe('READY')
  await db.release.update({ where: { id }, data: { generation: 1 } })
  await drive()
  expect(await state(id)).toBe('SOAKING')
})

test('a release that was aborted begins anew with its times: the next one has its own, and counts its samples from the first', async () => {
  const { id } = await secondRelease()
  await drive(2) // two of three samples
  expect(await state(id)).toBe('CATCHING_UP')
  await act(id, 'abort')
  const next = await askForRelease(db, viewId, 2, { historyEventTimeMs: 0 })
  await drive()
  const ended = await db.release.findUniqueOrThrow({ where: { id } })
  expect([ended.state, ended.endedAt?.getTime(), ended.stateSince.getTime()]).toEqual(['ABORTED', nowMs, nowMs])
  const job = await jobOf(next)
  await run(job.id)
  running(job.id, 60)
  await drive(2)
  expect(await state(next)).toBe('CATCHING_UP')
  await drive()
  expect(await state(next)).toBe('COMPARING')
})

test('the running version again: a savepoint first, pinned until the release ends, and the new job begins there', async () => {
  const job1 = await firstRelease()
  const id = await askForRelease(db, viewId, 1, { parallelism: 1 })
  await drive(2)
  const savepoint = await db.savepoint.findFirstOrThrow()
  expect([await state(id), asked]).toEqual(['SAVEPOINTING', [`savepoint ${savepoint.id} of ${job1.id}`]])
  expect(savepoint).toMatchObject({ jobId: job1.id, pinned: true })
  await db.savepoint.update({ where: { id: savepoint.id }, data: { status: 'COMPLETED', positions: { 0: 50 }, maxEventTimeMs: 9 } })
  await drive()
  const job2 = await jobOf(id)
  expect(job2).toMatchObject({ startFrom: { savepointId: savepoint.id }, desired: 'RUNNING', version: 1 })
  await run(job2.id)
  running(job2.id, 50)
  await drive(4 + COMPARED)
  await act(id, 'finish')
  await drive()
  expect([await state(id), (await db.savepoint.findFirstOrThrow()).pinned]).toEqual(['DONE', false])
})

test('new features: a savepoint gives the cut, a backfill reads up to it, and the new job begins with both', async () => {
  const job1 = await firstRelease()
  const id = await askForRelease(db, viewId, 2)
  await drive()
  const cut = await db.savepoint.findFirstOrThrow()
  expect(await db.release.findUniqueOrThrow({ where: { id } })).toMatchObject({ kind: 'new_features', state: 'SAVEPOINTING' })
  await db.savepoint.update({ where: { id: cut.id }, data: { status: 'COMPLETED', positions: { 0: 50 }, watermarkMs: 7 } })
  await drive(2)
  const backfill = await jobOf(id)
  expect(backfill).toMatchObject({
    version: 2,
    desired: 'RUNNING',
    startFrom: { backfill: { features: ['newest'], positions: { 0: 50 }, watermarkMs: 7 } },
  })
  await run(backfill.id)
  running(backfill.id, 50)
  await drive()
  const built = await db.savepoint.findFirstOrThrow({ where: { jobId: backfill.id } })
  expect(asked).toEqual([`savepoint ${cut.id} of ${job1.id}`, `savepoint ${built.id} of ${backfill.id}`])
  await db.savepoint.update({ where: { id: built.id }, data: { status: 'COMPLETED', positions: { 0: 50 } } })
  await drive()
  const job2 = await db.job.findFirstOrThrow({ where: { releaseId: id, id: { not: backfill.id } } })
  expect(job2.startFrom).toEqual({
    savepointId: cut.id,
    adapt: { fromVersion: 1, backfill: { savepointId: built.id, features: ['newest'] } },
  })
  expect((await db.job.findUniqueOrThrow({ where: { id: backfill.id } })).desired).toBe('STOPPED')
  // As after a crash between the backfill's end and the next state: its job runs no more, and need not.
  processes.delete(backfill.id)
  await db.release.update({ where: { id }, data: { state: 'BACKFILLING' } })
  await drive()
  expect([await state(id), await db.job.count({ where: { releaseId: id } })]).toEqual(['STARTING', 2])
  await run(job2.id)
  running(job2.id, 50)
  await drive(4 + COMPARED)
  await act(id, 'finish')
  await drive()
  expect(await state(id)).toBe('DONE')
  expect((await db.savepoint.findMany({ where: { status: 'COMPLETED' } })).map(({ pinned }) => pinned)).toEqual([false, false])
  expect((await authority()).jobId).toBe(job2.id)
})

test('a backfill holds still from half of what backfillThrottle allows until a quarter of it, started anew too, and says both', async () => {
  const job1 = await firstRelease()
  const id = await askForRelease(db, viewId, 2)
  await drive()
  await db.savepoint.updateMany({ data: { status: 'COMPLETED', positions: { 0: 50 } } })
  await drive(2)
  const backfill = await jobOf(id)
  await run(backfill.id)
  let reading = running(backfill.id, 20)
  const heldWith = async (lagRecords: number, silentMs = 0) => {
    job1.lagRecords = lagRecords
    job1.silentMs = silentMs
    await drive()
    return reading.isHeld
  }
  settings.backfillThrottle = 4000
  expect(await heldWith(2)).toBe(false)
  expect(await heldWith(3)).toBe(true)
  reading = running(backfill.id, 20) // its process was started anew, and reads
  expect(await heldWith(2)).toBe(true)
  expect(await heldWith(1)).toBe(false)
  expect(await heldWith(0, 3400)).toBe(false)
  expect(await heldWith(0, 3600)).toBe(true) // nothing was heard of the running job: unknown is not zero
  expect(await heldWith(0)).toBe(false)
  const facts = await db.releaseFact.findMany({ where: { releaseId: id, kind: { startsWith: 'backfill_' } }, orderBy: { id: 'asc' } })
  expect(facts.map(({ kind, payload }) => [kind, payload])).toEqual([
    ['backfill_throttled', { behindMs: 3000, limitMs: 4000 }],
    ['backfill_resumed', { heldMs: 2000, behindMs: 1000 }],
    ['backfill_throttled', { behindMs: 2100, limitMs: 4000 }],
    ['backfill_resumed', { heldMs: 1000, behindMs: 0 }],
  ])
})

test('an archive is handed to the job with its cut and a number of its own, the same one again, and on to jobs that go on from there', async () => {
  await writeArchive(dataDir, 'flights.parquet', [{ event_time: 500, origin: 'ORD', destination: 'JFK', delay: 1, distance: 2 }])
  const source = { kind: 'parquet', path: 'flights.parquet' }
  const first = await askForRelease(db, viewId, 1, { archive: { source } })
  await drive()
  const job1 = await jobOf(first)
  const archive = { source, number: 0, maxEventTimeMs: 500, fromMs: null }
  expect(job1.startFrom).toMatchObject({ archive })
  await run(job1.id)
  const loads = running(job1.id, 50)
  loads.loading = { rows: 3, of: 10 }
  await db.job.update({ where: { id: job1.id }, data: { observed: 'STARTING' } })
  await drive()
  expect(await db.releaseFact.findFirst({ where: { kind: 'progress' } })).toMatchObject({
    payload: { step: 'LOADING_ARCHIVE', positionRead: 3, positionEnd: 10 },
  })
  await run(job1.id)
  await drive(2)
  expect(await state(first)).toBe('DONE')

  const second = await askForRelease(db, viewId, 2)
  await drive()
  await db.savepoint.updateMany({ data: { status: 'COMPLETED', positions: { 0: 50 } } })
  await drive(2)
  expect((await jobOf(second)).startFrom).toMatchObject({ archive, backfill: { features: ['newest'] } })
  await act(second, 'abort')
  await drive()
  const numberOf = async (request: Record<string, unknown>) => {
    const id = await askForRelease(db, viewId, 2, request)
    await drive()
    const { startFrom } = await jobOf(id)
    await act(id, 'abort')
    await drive()
    return (startFrom as { archive: { number: number } }).archive.number
  }
  expect(await numberOf({ archive: { source } })).toBe(0)
  expect(await numberOf({ archive: { source, maxEventTimeMs: 600 } })).toBe(1)

  const unread = await askForRelease(db, viewId, 2, { archive: { source: { ...source, path: 'no.parquet' } } })
  await drive()
  expect(await db.release.findUniqueOrThrow({ where: { id: unread } })).toMatchObject({
    state: 'FAILED',
    failure: expect.stringContaining('There is no file no.parquet'),
  })
})

test('new features are built from an archive where the running job needs nothing of it, and else the whole stream is read', async () => {
  await writeArchive(dataDir, 'flights.parquet', [{ event_time: 500, origin: 'ORD', destination: 'JFK', delay: 1, distance: 2 }])
  const archive = { source: { kind: 'parquet', path: 'flights.parquet' } }
  const job1 = await firstRelease()
  job1.watermarkMs = 500 + 3_600_000 // its window of an hour still has a place for it
  const early = await askForRelease(db, viewId, 2, { archive })
  await drive()
  expect(await db.release.findUniqueOrThrow({ where: { id: early } })).toMatchObject({ kind: 'change', state: 'STARTING' })
  await act(early, 'abort')
  await drive()
  job1.watermarkMs = 500 + 86_400_000 * 365
  const id = await askForRelease(db, viewId, 2, { archive })
  await drive()
  expect(await db.release.findUniqueOrThrow({ where: { id } })).toMatchObject({ kind: 'new_features', state: 'SAVEPOINTING' })
  await db.savepoint.updateMany({ data: { status: 'COMPLETED', positions: { 0: 50 } } })
  await drive(2)
  const backfill = await jobOf(id)
  const begins = { archive: { ...archive, number: 0, maxEventTimeMs: 500, fromMs: null } }
  expect(backfill.startFrom).toMatchObject({ ...begins, backfill: { positions: { 0: 50 } } })
  await run(backfill.id)
  const reading = running(backfill.id, 50)
  reading.archive = { position: 1, endOffset: 2 }
  await drive(2)
  expect(await state(id)).toBe('BACKFILLING')
  expect(await db.releaseFact.findFirst({ where: { releaseId: id, kind: 'progress' } })).toMatchObject({
    payload: { step: 'BACKFILLING', positionRead: 51, positionEnd: 52 },
  })
  reading.archive.position = 2
  await drive()
  await db.savepoint.updateMany({ where: { jobId: backfill.id }, data: { status: 'COMPLETED', positions: { 0: 50, 3840: 2 } } })
  await drive()
  const job2 = await db.job.findFirstOrThrow({ where: { releaseId: id, id: { not: backfill.id } } })
  expect(job2.startFrom).toMatchObject({ ...begins, adapt: { fromVersion: 1 } })
})

test('a backfill that fails ends the release, the old job untouched and authoritative', async () => {
  const job1 = await firstRelease()
  const id = await askForRelease(db, viewId, 2)
  await drive()
  await db.savepoint.updateMany({ data: { status: 'COMPLETED', positions: { 0: 50 } } })
  await drive(2)
  const backfill = await jobOf(id)
  await db.job.update({ where: { id: backfill.id }, data: { observed: 'FAILED', observedReason: 'the disk is full' } })
  await drive()
  expect(await db.release.findUniqueOrThrow({ where: { id } })).toMatchObject({
    state: 'FAILED',
    failure: `Backfill job ${backfill.id} failed: the disk is full`,
  })
  expect((await authority()).jobId).toBe(job1.id)
  expect((await db.job.findUniqueOrThrow({ where: { id: job1.id } })).desired).toBe('RUNNING')
})

test('a new job that fails again and again ends the release, with its jobs stopped and the old one untouched', async () => {
  const { id, job1, job2 } = await secondRelease({}, 40)
  await db.job.update({ where: { id: job2.id }, data: { observed: 'RESTARTING', observedReason: 'out of memory', restarts: 4 } })
  await drive()
  expect(await state(id)).toBe('STARTING')
  await db.job.update({ where: { id: job2.id }, data: { restarts: 5 } })
  await drive()
  const { state: end, failure } = await db.release.findUniqueOrThrow({ where: { id } })
  expect([end, failure]).toEqual(['FAILED', `Job ${job2.id} did not catch up: it failed 5 times, the last time so: out of memory`])
  expect((await authority()).jobId).toBe(job1.id)
  const jobs = await db.job.findMany({ orderBy: { id: 'asc' } })
  expect(jobs.map(({ id: job, desired }) => [job, desired])).toEqual([
    [job1.id, 'RUNNING'],
    [job2.id, 'STOPPED'],
  ])
})

test('a running job that starts again is waited for, for a minute: its state is worth more than reading everything again', async () => {
  const job1 = await firstRelease()
  await run(job1.id, 'RESTARTING')
  const id = await askForRelease(db, viewId, 2)
  await drive(30)
  expect(await state(id)).toBe('QUEUED')
  await run(job1.id)
  await drive()
  expect(await db.release.findUniqueOrThrow({ where: { id } })).toMatchObject({ kind: 'new_features', state: 'SAVEPOINTING' })
  await act(id, 'abort')
  await drive()
  await run(job1.id, 'RESTARTING')
  const next = await askForRelease(db, viewId, 2)
  await drive(70)
  expect(await db.release.findUniqueOrThrow({ where: { id: next } })).toMatchObject({ kind: 'change', state: 'STARTING' })
})

test('a savepoint that fails again and again ends the release, the old job untouched', async () => {
  const job1 = await firstRelease()
  const id = await askForRelease(db, viewId, 1)
  for (let i = 0; i < 4; i++) {
    await drive()
    await db.savepoint.updateMany({ where: { status: 'IN_PROGRESS' }, data: { status: 'FAILED', failureMessage: 'the disk is full' } })
  }
  await drive()
  expect(await db.release.findUniqueOrThrow({ where: { id } })).toMatchObject({
    state: 'FAILED',
    failure: expect.stringContaining('the disk is full'),
  })
  expect([(await authority()).jobId, asked.length]).toEqual([job1.id, 3])
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

test('what the check refuses ends the release before anything starts, with the reason and the way out', async () => {
  const log = { partition: 0, start: 0, end: 1_000_000, bytes: 1, newestTimestampMs: null }
  stats = { ...stats, partitions: [log], events: 1_000_000, minEventTimeMs: 0, maxEventTimeMs: 3_600_000 }
  settings = { ...settings, memoryLimit: 16 * 1024 ** 2 }
  const tooLarge = await askForRelease(db, viewId, 2)
  await drive()
  expect(await db.release.findUniqueOrThrow({ where: { id: tooLarge } })).toMatchObject({
    state: 'FAILED',
    failure: expect.stringMatching(/memoryLimit is 16 MiB\. Raise memoryLimit/),
  })
  expect(await db.releaseFact.findFirst({ where: { releaseId: tooLarge }, orderBy: { id: 'desc' } })).toMatchObject({
    payload: { to: 'FAILED', failure: { code: 'refused_memory' }, way: { code: 'refused_memory_way' } },
  })
  settings = { ...settings, memoryLimit: 1024 ** 3 }
  stats = { ...stats, partitions: [{ ...log, start: 10 }], minEventTimeMs: 50 }
  const tooShort = await askForRelease(db, viewId, 2, { historyEventTimeMs: 49 })
  await drive()
  expect(await db.release.findUniqueOrThrow({ where: { id: tooShort } })).toMatchObject({
    state: 'FAILED',
    failure: expect.stringContaining('the log begins at 1970-01-01T00:00:00.050Z'),
  })
  expect(await db.job.count()).toBe(0)
})

test('a release that needs approval waits for it when it is ready, says so, and then for the hours; a first release waits for neither', async () => {
  settings = { ...settings, cutoverHours: '09:00-10:00', gateSamples: 1 }
  nowMs = Date.UTC(2026, 0, 1, 8, 0)
  const { id } = await secondRelease({ approval: true })
  await drive(3 + COMPARED)
  expect(await state(id)).toBe('READY')
  await drive(3 + COMPARED)
  const said = async () => {
    const facts = await db.releaseFact.findMany({ where: { releaseId: id, kind: 'cutover_waits' }, orderBy: { id: 'asc' } })
    return facts.map(({ payload }) => (payload as { why: { code: string } }).why.code)
  }
  expect(await said()).toEqual(['why_approval'])
  await db.releaseFact.create({
    data: { releaseId: id, generation: 1, at: new Date(), kind: 'approved', payload: { by: 'ada', byId: '2' } },
  })
  await drive(3 + COMPARED)
  expect([await state(id), await said()]).toEqual(['READY', ['why_approval', 'why_hours']])
  nowMs = Date.UTC(2026, 0, 1, 9, 0)
  await drive(2)
  expect(await state(id)).toBe('SOAKING')
})

test('a cutover by hand that was asked for within the hours and met after them waits for the next ones', async () => {
  settings = { ...settings, cutoverHours: '09:00-10:00', gateSamples: 1 }
  nowMs = Date.UTC(2026, 0, 1, 9, 0)
  const { id } = await secondRelease({ mode: 'gated' })
  await drive(3 + COMPARED)
  expect(await state(id)).toBe('READY')
  await act(id, 'cutover')
  nowMs = Date.UTC(2026, 0, 1, 10, 0)
  await drive(2)
  expect(await state(id)).toBe('READY')
  nowMs = Date.UTC(2026, 0, 2, 9, 0)
  await drive(2)
  expect(await state(id)).toBe('SOAKING')
})

test.each(['CHECKED', 'READY'])(
  'a definition that was changed since the check does not go on from %s, and the old job is untouched',
  async (at) => {
    settings = { ...settings, gateSamples: 1 }
    const { id, job1 } = await secondRelease({ mode: 'gated' })
    await drive(3)
    expect(await state(id)).toBe('READY')
    const version = await db.viewVersion.findFirstOrThrow({ where: { viewId, version: 2 } })
    const changed = structuredClone(version.definition) as { features: { name: string }[] }
    changed.features[1]!.name = 'another'
    await db.viewVersion.update({ where: { id: version.id }, data: { definition: changed } })
    if (at === 'CHECKED') await db.release.update({ where: { id }, data: { state: 'CHECKED' } })
    await act(id, 'cutover')
    await drive()
    expect(await db.release.findUniqueOrThrow({ where: { id } })).toMatchObject({
      state: 'FAILED',
      failure: 'Version 2 is not the one that was checked: its definition was changed meanwhile.',
    })
    expect((await authority()).jobId).toBe(job1.id)
  },
)
