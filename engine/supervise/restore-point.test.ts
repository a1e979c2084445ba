import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Db } from '../../db/client.ts'
import { addStream, addVersion, openTestDatabase } from '../engine-process.fixture.ts'
import { FLIGHTS } from '../demo/demo-rows.ts'
import { readJobs, type StartFrom } from './desired-jobs.ts'
import { recordCheckpoint, recordDeadLetters, recordException } from './job-record.ts'
import { restorePointOf } from './restore-point.ts'
import { readParameters, effectiveWhileRunning } from './parameter-store.ts'
import pino from 'pino'

let dataDir: string
let db: Db
let jobId: number
let streamId: string
const at = (run: number, number: number, status: 'COMPLETED' | 'FAILED' | 'IN_PROGRESS') => ({
  run,
  number,
  kind: 'checkpoint' as const,
  status,
  requestId: null,
  triggeredAtMs: 1000,
  completedAtMs: status === 'IN_PROGRESS' ? null : 1500,
  path: status === 'COMPLETED' ? `checkpoints/r${run}-${number}` : null,
  checkpointedBytes: 1,
  fullBytes: 2,
  processedBytes: 3,
  positions: { 0: 5 },
  maxEventTimeMs: null,
  watermarkMs: null,
  failureReason: null,
  failureMessage: null,
  subtasks: [
    {
      operator: 'source',
      subtask: 0,
      acknowledgedAtMs: 1200,
      startDelayMs: 0,
      alignmentMs: 0,
      syncMs: 1,
      asyncMs: 2,
      endToEndMs: 3,
      checkpointedBytes: 1,
      fullBytes: 1,
      processedBytes: 1,
    },
  ],
})
const context = () => ({ db, dataDir, now: () => 5000, log: pino({ level: 'silent' }) })
beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'evenflow-restore-'))
  db = await openTestDatabase(dataDir)
  streamId = await addStream(db, FLIGHTS)
  const { viewId } = await addVersion(
    db,
    'v',
    streamId,
    FLIGHTS,
    "SELECT origin, COUNT(*) OVER w AS n FROM flights WINDOW w AS (PARTITION BY origin ORDER BY event_time RANGE BETWEEN INTERVAL '1' HOUR PRECEDING AND CURRENT ROW)",
  )
  jobId = (await db.job.create({ data: { viewId, version: 1, startFrom: {} } })).id
})
afterEach(async () => {
  await db.$disconnect()
  rmSync(dataDir, { recursive: true, force: true })
})
const pointFor = async (startFrom: StartFrom, more: { run?: number } = {}) => {
  const [job] = await readJobs(db)
  if (!job) throw new Error('no job')
  return (await restorePointOf(db, { ...job, ...more, startFrom }))?.path ?? null
}

test('the newest completed checkpoint leads; a wish leads once, and afterwards only until the run has its own', async () => {
  expect(await pointFor({})).toBeNull()
  await recordCheckpoint(context(), jobId, at(1, 1, 'IN_PROGRESS'))
  await recordCheckpoint(context(), jobId, at(1, 1, 'COMPLETED'))
  await recordCheckpoint(context(), jobId, at(1, 2, 'FAILED'))
  await recordCheckpoint(context(), jobId, at(2, 1, 'COMPLETED'))
  expect(await db.checkpointSubtask.count()).toBe(3)
  expect(await pointFor({})).toBe('checkpoints/r2-1')
  const first = await db.checkpoint.findFirstOrThrow({ where: { run: 1, number: 1 } })
  await db.checkpoint.update({ where: { id: first.id }, data: { discardedAt: null } })
  expect(await pointFor({ checkpointId: first.id })).toBe('checkpoints/r1-1')
  expect(await pointFor({ fresh: true })).toBeNull()
  expect(await pointFor({ fresh: true, appliedRun: 3 })).toBeNull() // run 3 crashed before its first checkpoint
  await recordCheckpoint(context(), jobId, at(3, 1, 'COMPLETED'))
  expect(await pointFor({ fresh: true, appliedRun: 3 })).toBe('checkpoints/r3-1')
  await db.checkpoint.update({ where: { id: first.id }, data: { discardedAt: new Date() } })
  await expect(pointFor({ checkpointId: first.id })).rejects.toThrow(/no longer kept/)
  await expect(pointFor({ savepointId: 77 })).rejects.toThrow(/Savepoint 77/)
})

test('semantics 2: what was chosen for positions that the log no longer has holds until the run that followed it has a checkpoint', async () => {
  const choiceFor = async (startFrom: StartFrom) => {
    const [job] = await readJobs(db)
    const point = await restorePointOf(db, { ...job!, startFrom })
    return [point?.path, point?.outOfRange]
  }
  await recordCheckpoint(context(), jobId, at(1, 1, 'COMPLETED'))
  expect(await choiceFor({})).toEqual(['checkpoints/r1-1', null])
  expect(await choiceFor({ outOfRange: 'oldest' })).toEqual(['checkpoints/r1-1', 'oldest'])
  expect(await choiceFor({ outOfRange: 'oldest', outOfRangeRun: 3 })).toEqual(['checkpoints/r1-1', 'oldest']) // run 3 crashed at once
  await recordCheckpoint(context(), jobId, at(3, 1, 'COMPLETED'))
  expect(await choiceFor({ outOfRange: 'oldest', outOfRangeRun: 3 })).toEqual(['checkpoints/r3-1', null]) // never a silent jump later
})

test('semantics 15: a stop whose later steps fail does not bring back an older checkpoint: the newest that is complete leads', async () => {
  await recordCheckpoint(context(), jobId, at(1, 1, 'COMPLETED'))
  await recordCheckpoint(context(), jobId, { ...at(1, 2, 'COMPLETED'), kind: 'savepoint', path: 'savepoints/1' })
  await recordCheckpoint(context(), jobId, at(1, 3, 'COMPLETED')) // with which the stop ended
  await recordCheckpoint(context(), jobId, at(2, 1, 'FAILED'))
  await db.job.update({ where: { id: jobId }, data: { observed: 'FAILED', run: 2 } })
  expect(await pointFor({})).toBe('checkpoints/r1-3')
})

test('semantics 16: stopped while it was restarting, and started again, a job goes on from where it was', async () => {
  await recordCheckpoint(context(), jobId, at(1, 1, 'COMPLETED'))
  await db.job.update({ where: { id: jobId }, data: { observed: 'RESTARTING', desired: 'STOPPED', run: 2 } })
  expect(await pointFor({})).toBe('checkpoints/r1-1')
  await db.job.update({ where: { id: jobId }, data: { observed: 'STOPPED', desired: 'RUNNING', generation: { increment: 1 } } })
  expect(await pointFor({})).toBe('checkpoints/r1-1')
})

test('a dead letter found again stands once; an exception that comes again is counted', async () => {
  const letter = (offset: number) => ({ partition: 0, offset, code: 'not_json', message: 'm', raw: '{' })
  await recordDeadLetters(context(), { id: jobId, streamId }, [letter(1), letter(2), letter(2)], false)
  await recordDeadLetters(context(), { id: jobId, streamId }, [letter(2), letter(3)], false)
  await recordDeadLetters(context(), { id: jobId, streamId }, [letter(2)], true)
  expect((await db.deadLetter.findMany({ orderBy: { id: 'asc' } })).map((row) => [Number(row.offset), row.late])).toEqual([
    [1, false],
    [2, false],
    [3, false],
    [2, true],
  ])
  for (const run of [1, 2, 3]) await recordException(context(), jobId, run, { code: 'x', message: 'same', stack: null })
  expect(await db.jobException.findMany()).toMatchObject([{ count: 3, run: 3 }])
})

test('parameters: job before view before system; a running job gets only what takes effect now', async () => {
  const put = (key: string, scope: string, value: object | number) =>
    db.parameter.upsert({ where: { key_scope: { key, scope } }, create: { key, scope, value, updatedBy: 't' }, update: { value } })
  await put('checkpointInterval', 'system', 1000)
  await put('outOfOrderness', 'system', 100)
  const ofJob = async () => (await readParameters(db)).ofJob({ id: jobId, view: 'v', hints: {}, historyEventTimeMs: null })
  const atStart = await ofJob()
  expect(atStart.checkpointInterval.value).toBe(1000)
  await put('checkpointInterval', 'view:v', 2000)
  await put('outOfOrderness', 'view:v', 200)
  expect(effectiveWhileRunning(atStart, await ofJob())).toMatchObject({ checkpointIntervalMs: 2000, outOfOrdernessMs: 100 })
  await put('checkpointInterval', `job:${jobId}`, 3000)
  expect(effectiveWhileRunning(atStart, await ofJob()).checkpointIntervalMs).toBe(3000)
})
