/** The step alone, over a database and jobs that answer, or do not, as a test wants. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Comparison } from '../../contract/comparison.ts'
import type { JobMetrics, PositionMap } from '../../contract/job-ipc.ts'
import type { Db } from '../../db/client.ts'
import { resolveParameters } from '../../definition/parameters.ts'
import type { CompareTask } from '../compare/compare-task.ts'
import { FLIGHTS } from '../demo/demo-rows.ts'
import { addStream, addVersion, openTestDatabase } from '../engine-process.fixture.ts'
import { comparing } from './comparing.ts'
import { readRelease, type RunningJob, type StepContext, type StepResult } from './release-record.ts'

const SQL = (more: string) =>
  `SELECT origin, COUNT(*) OVER w AS n${more} FROM flights WINDOW w AS (PARTITION BY origin ORDER BY event_time RANGE BETWEEN INTERVAL '1' HOUR PRECEDING AND CURRENT ROW)`

/** A job's process: holds where it is told, and reads up to a savepoint's positions where it was asked for one. */
class Job implements RunningJob {
  readonly observed = 'RUNNING'
  readonly socketPath = '/socket'
  answers = true
  isHeld = false
  staysAt: PositionMap | null = null
  lagRecords = 0
  readonly id: number
  positions: PositionMap
  constructor(id: number, positions: PositionMap) {
    this.id = id
    this.positions = positions
  }
  get metrics(): JobMetrics {
    return { atMs: nowMs, lagRecords: this.lagRecords, maxEventTimeMs: 7 } as unknown as JobMetrics
  }
  endIfSilent() {}
  async reach() {
    return true
  }
  async hold() {
    if (!this.answers) return null
    this.isHeld = true
    return this.positions
  }
  resume() {
    this.isHeld = false
    this.staysAt = null
  }
}

interface Asked {
  readonly job: number
  readonly savepoint: number
  readonly at: { positions: PositionMap; stays: boolean } | undefined
}

let dataDir: string
let db: Db
let id: number
let nowMs: number
let jobs: Map<number, Job>
let one: Job
let two: Job
let asked: Asked[]
let tasks: CompareTask[]
let finish: (outcome: Partial<Comparison> | Error) => Promise<void>
beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'evenflow-comparing-'))
  db = await openTestDatabase(dataDir)
  nowMs = 1_000_000
  const streamId = await addStream(db, FLIGHTS, 2)
  const { viewId } = await addVersion(db, 'v', streamId, FLIGHTS, SQL(''))
  await addVersion(db, 'v', streamId, FLIGHTS, SQL(', MAX(delay) OVER w AS most'))
  const job = (version: number) =>
    db.job.create({ data: { viewId, version, parallelism: 1, startFrom: {}, desired: 'RUNNING', observed: 'RUNNING', run: 1 } })
  one = new Job((await job(1)).id, { 0: 50, 1: 3 })
  two = new Job((await job(2)).id, { 0: 40, 1: 5 })
  jobs = new Map([one, two].map((each) => [each.id, each]))
  asked = []
  tasks = []
  const release = await db.release.create({
    data: {
      viewId,
      kind: 'new_features',
      fromVersion: 1,
      toVersion: 2,
      state: 'COMPARING',
      stateSince: new Date(nowMs),
      request: { mode: 'automatic' },
      job1Id: one.id,
      job2Id: two.id,
      createdBy: 'test',
    },
  })
  id = release.id
})
afterEach(async () => {
  await db.$disconnect()
  rmSync(dataDir, { recursive: true, force: true })
})

const context = (): StepContext => ({
  db,
  dataDir,
  now: () => nowMs,
  running: (job) => jobs.get(job) ?? null,
  parameters: (_view, hints) => resolveParameters({ hints }),
  async savepoint(job, savepoint, at) {
    asked.push({ job, savepoint, at })
    jobs.get(job)!.isHeld = false
    if (at?.stays) jobs.get(job)!.staysAt = at.positions
  },
  compare(task, served) {
    tasks.push(task)
    return new Promise((resolve, reject) => {
      finish = async (outcome) => {
        served()
        if (outcome instanceof Error) reject(outcome)
        else resolve(outcome as Comparison)
        await new Promise((done) => setImmediate(done))
      }
    })
  },
  streamStats: () => Promise.reject(new Error('nobody asks')),
  wake: () => undefined,
})
const look = async (afterMs = 100): Promise<StepResult> => {
  nowMs += afterMs
  return comparing(await readRelease(db, id), context())
}
const state = async () => (await db.release.findUniqueOrThrow({ where: { id } })).state
const facts = async (kind: string) =>
  (await db.releaseFact.findMany({ where: { releaseId: id, kind }, orderBy: { id: 'asc' } })).map(
    ({ payload }) => payload as Record<string, unknown>,
  )
const write = (status: string, ...savepoints: number[]) =>
  db.savepoint.updateMany({
    where: { ...(savepoints.length > 0 && { id: { in: savepoints } }), status: 'IN_PROGRESS' },
    data: { status, path: 'savepoints/x', failureMessage: status === 'FAILED' ? 'the disk is full' : null },
  })
const savepoints = async () => (await db.savepoint.findMany({ orderBy: { id: 'asc' } })).map(({ status, pinned }) => [status, pinned])
const FEATURE = { feature: 'n', role: 'kept', against: 'running_job', missing: 0, smapePercent: null, examples: [] } as const
const found = (outcome: Comparison['outcome'], differing: number, extra: number) =>
  ({
    outcome,
    attempt: 1,
    tolerancePercent: 0,
    features: [{ ...FEATURE, examples: [], keys: 8, differing, extra }],
  }) satisfies Partial<Comparison>
const EQUAL = found('equal', 0, 0)
const DIFFERS = { ...found('differs', 2, 1), blocking: ['n'] }

/** Both savepoints are asked for and written, and the comparison goes on. */
async function begun(): Promise<void> {
  await look()
  await write('COMPLETED')
  await look()
}

describe('the cut', () => {
  test('is what either job has read, partition by partition; the old one goes on at once, the new one when it was asked', async () => {
    expect(await look()).toBe('waiting')
    const positions = { 0: 50, 1: 5 }
    expect(asked.map(({ job, at }) => [job, at])).toEqual([
      [one.id, { positions, stays: false }],
      [two.id, { positions, stays: true }],
    ])
    expect([one.isHeld, two.isHeld, two.staysAt]).toEqual([false, false, positions])
    expect(await facts('compare_begun')).toMatchObject([{ attempt: 1, positions, run: 1, job1: one.id, job2: two.id }])
    await look()
    expect(tasks).toEqual([]) // one is still being written
    await write('COMPLETED')
    await look()
    expect(tasks).toMatchObject([
      {
        attempt: 1,
        streams: [{ name: 'flights', partitions: 2 }],
        job1: { savepointPath: 'savepoints/x', positions, definition: { features: [{ name: 'n' }] } },
        job2: {
          socketPath: '/socket',
          definition: { features: [{ name: 'n' }, { name: 'most' }] },
          historyEventTimeMs: null,
          archive: null,
        },
        sampleKeys: 200,
        tolerancePercent: 0,
      },
    ])
    await look()
    expect([tasks.length, two.staysAt]).toEqual([1, positions])
  })

  test('holds nobody where one of them does not answer, says so, and pauses longer each time', async () => {
    one.answers = false
    await look()
    expect([one.isHeld, two.isHeld, asked]).toEqual([false, false, []])
    expect(await facts('compare_again')).toMatchObject([{ attempt: 1, why: { code: 'compare_no_answer' } }])
    await look(500)
    await look(400)
    expect((await facts('compare_again')).length).toBe(1)
    await look(200)
    expect((await facts('compare_again')).map(({ attempt }) => attempt)).toEqual([1, 2])
    one.answers = true
    await look(2000)
    expect(await facts('compare_begun')).toMatchObject([{ attempt: 3 }])
  })

  test('leaves nobody held where the database refuses it, and no row of it', async () => {
    await db.$executeRawUnsafe(
      `CREATE TRIGGER refuse BEFORE INSERT ON "ReleaseFact" WHEN NEW.kind = 'compare_begun' BEGIN SELECT RAISE(ABORT, 'refused'); END`,
    )
    await expect(look()).rejects.toThrow('releaseFact.create')
    expect([one.isHeld, two.isHeld, await savepoints()]).toEqual([false, false, []])
    await db.$executeRawUnsafe('DROP TRIGGER refuse')
    await look()
    expect((await savepoints()).length).toBe(2)
  })

  test('waits for an old job between two runs; one that is gone is not compared with', async () => {
    jobs.delete(one.id)
    await db.job.update({ where: { id: one.id }, data: { observed: 'RESTARTING' } })
    await look()
    expect([asked, await facts('compare_again')]).toMatchObject([[], [{ why: { text: `Job ${one.id} is between two runs.` } }]])
    await db.job.update({ where: { id: one.id }, data: { observed: 'FAILED' } })
    await look(2000)
    expect(asked.map(({ job, at }) => [job, at?.positions])).toEqual([[two.id, { 0: 40, 1: 5 }]])
    await write('COMPLETED')
    await look()
    expect(tasks).toMatchObject([{ job1: null }])
  })
})

describe('an attempt that comes to nothing is told, and another cut is taken', () => {
  test.each([
    ['a savepoint that fails', async () => void (await write('FAILED', asked[0]!.savepoint)), 'wrote no savepoint: the disk is full'],
    ['the new job started anew', async () => void (await db.job.update({ where: { id: two.id }, data: { run: 2 } })), 'started anew'],
    ['nobody came to the positions in two minutes', async () => void (nowMs += 121_000), 'within 2 minutes'],
  ])('%s', async (_what, happens, why) => {
    await look()
    await happens()
    await look()
    expect(await facts('compare_again')).toMatchObject([{ attempt: 1, why: { text: expect.stringContaining(why) } }])
    expect([one.isHeld, two.staysAt]).toEqual([false, null])
    await look(2000)
    expect((await facts('compare_begun')).map(({ attempt }) => attempt)).toEqual([1, 2])
    expect(await state()).toBe('COMPARING')
  })

  test('a comparison that finds nothing out; what it had written is disposed of', async () => {
    await begun()
    await finish(new Error('the job went away'))
    await look()
    expect(await facts('compare_again')).toMatchObject([{ why: { text: 'Nothing could be found out: the job went away' } }])
    expect(await savepoints()).toEqual(Array(2).fill(['DISPOSED', false]))
  })

  test('an engine that was killed begins anew: the jobs that it held are other runs', async () => {
    await begun()
    const stale = finish
    await db.job.updateMany({ data: { run: 2 } }) // its jobs ended with it
    await look()
    await look(2000)
    await write('COMPLETED')
    await look()
    await stale(DIFFERS) // of the comparison that the other engine had begun
    await look()
    expect([await facts('compared'), tasks.length]).toEqual([[], 2])
    await finish({ ...EQUAL, attempt: 2 })
    await look()
    await look()
    expect(await state()).toBe('READY')
  })
})

describe('what comes of it', () => {
  test('equal: ready once the new job, which stood still, is near the head again; its savepoints are disposed of', async () => {
    await begun()
    two.lagRecords = 1001
    await finish(EQUAL)
    expect(two.staysAt).toBeNull()
    await look()
    await look()
    expect(await state()).toBe('COMPARING')
    two.lagRecords = 1000
    expect(await look()).toBe('moved')
    expect([await state(), await savepoints()]).toEqual(['READY', Array(2).fill(['DISPOSED', false])])
  })

  test('different: held, also an automatic release, until somebody overrules it with a reason, which stays in the record', async () => {
    await begun()
    await finish(DIFFERS)
    for (let i = 0; i < 3; i++) await look(60_000)
    expect([await state(), one.isHeld, two.staysAt]).toEqual(['COMPARING', false, null])
    const payload = { action: 'overrule', by: 'kim', reason: 'it was wrong before' }
    await db.releaseFact.create({ data: { releaseId: id, generation: 1, at: new Date(nowMs), kind: 'action', payload } })
    await look()
    expect([await state(), await facts('overruled')]).toEqual(['READY', [{ by: 'kim', reason: 'it was wrong before' }]])
    expect(await facts('compared')).toMatchObject([DIFFERS])
    expect(await facts('gates')).toMatchObject([{ gates: [{ name: 'compare', state: 'failed', measured: 37.5, threshold: 0 }] }])
  })

  test('what could not be compared can be overruled as well', async () => {
    one.answers = false
    await look()
    const payload = { action: 'overrule', by: 'kim', reason: 'job 1 hangs' }
    await db.releaseFact.create({ data: { releaseId: id, generation: 1, at: new Date(nowMs), kind: 'action', payload } })
    await look()
    expect(await state()).toBe('READY')
  })

  test('a new job that fails for good ends the release, the old one is let go', async () => {
    await look()
    one.isHeld = true
    await db.job.update({ where: { id: two.id }, data: { observed: 'FAILED', observedReason: 'its disk is full' } })
    await look()
    expect([await state(), one.isHeld]).toEqual(['FAILED', false])
  })
})
