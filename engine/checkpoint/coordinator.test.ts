import { beforeAll, describe, expect, test } from 'vitest'
import type { ViewDefinition } from '../../definition/model.ts'
import { loadParser, parseViewSync } from '../../definition/parse-sql.ts'
import { PAY } from '../../definition/testing/streams.ts'
import type { TestEvent } from '../task/run-view.fixture.ts'
import type { CheckpointParameters } from './coordinator.ts'
import { MemoryFs } from './memory-fs.fixture.ts'
import { listCheckpoints } from './retention.ts'
import { CrashableStores, SimulatedJob } from './simulated-job.fixture.ts'

let definition: ViewDefinition
beforeAll(async () => {
  await loadParser()
  definition = parseViewSync(
    "SELECT card, COUNT(*) OVER w AS n FROM pay WINDOW w AS (PARTITION BY card ORDER BY ts RANGE BETWEEN INTERVAL '1' HOUR PRECEDING AND CURRENT ROW)",
    [PAY],
  ).checked!.definition
})
const events: TestEvent[] = Array.from({ length: 60 }, (_, i) => ({ value: { card: 'a', amount: i, shop: 's', ts: 1000 + i } }))

async function job(parameters: Partial<CheckpointParameters> = {}, fs = new MemoryFs(), run = 1) {
  const simulated = new SimulatedJob({ fs, stores: new CrashableStores(), definition, events, order: 'arrival', run, parameters })
  await simulated.open()
  return { fs, simulated }
}
const outcomes = (simulated: SimulatedJob) =>
  simulated.reports
    .filter(({ status }) => status !== 'IN_PROGRESS')
    .map(({ number, kind, status, failureReason }) => [number, kind, status, failureReason])

describe('DESIGN §5.2: checkpoints', () => {
  test('one every interval, with positions, sizes and every subtask', async () => {
    const { simulated } = await job({ intervalMs: 40 })
    await simulated.work(30)
    expect(outcomes(simulated)).toEqual([
      [1, 'checkpoint', 'COMPLETED', null],
      [2, 'checkpoint', 'COMPLETED', null],
      [3, 'checkpoint', 'COMPLETED', null],
    ])
    const report = simulated.reports.at(-1)!
    expect(report).toMatchObject({ positions: { 0: 30 }, path: '/data/job-1/run-1/checkpoint-3', run: 1 })
    expect(
      report.subtasks.map(({ operator, acknowledgedAtMs, fullBytes }) => [operator, acknowledgedAtMs !== null, fullBytes > 0]),
    ).toEqual([
      ['source', true, true],
      ['keyed', true, true],
      ['sink', true, false],
    ])
    expect(report.fullBytes).toBe(report.subtasks.reduce((sum, { fullBytes }) => sum + fullBytes, 0))
  })

  test('the minimum pause holds the next one back', async () => {
    const { simulated } = await job({ intervalMs: 4, minPauseMs: 100 })
    await simulated.work(30)
    expect(outcomes(simulated).length).toBe(2)
  })

  test('one that takes longer than the timeout fails, naming who is missing; late parts are ignored; the next one works', async () => {
    const { simulated } = await job({ intervalMs: 1e9 })
    simulated.coordinator.request({ kind: 'checkpoint', path: null, requestId: 'slow' })
    const barrier = simulated.coordinator.next()!
    simulated.test.pipeline.inject(barrier) // and nobody carries it on
    simulated.nowMs += 1001
    expect(simulated.coordinator.next()).toBeNull()
    expect(simulated.reports.at(-1)).toMatchObject({
      status: 'FAILED',
      requestId: 'slow',
      failureReason: 'timed_out',
      failureMessage: 'It did not finish within checkpointTimeout: missing: keyed 0, sink 0.',
    })
    await simulated.test.pipeline.drain()
    expect(outcomes(simulated)).toEqual([[1, 'checkpoint', 'FAILED', 'timed_out']])
    simulated.coordinator.request({ kind: 'checkpoint', path: null, requestId: 'again' })
    await simulated.checkpointIfDue()
    expect(outcomes(simulated).at(-1)).toEqual([2, 'checkpoint', 'COMPLETED', null])
  })

  test('a disk that cannot be written fails the checkpoint with the reason; more than the tolerated ones in a row are too many', async () => {
    const fs = new MemoryFs()
    const { simulated } = await job({ intervalMs: 1e9, tolerableFailures: 1 }, fs)
    fs.writeFile = async () => {
      throw new Error('ENOSPC: no space left on device')
    }
    let tooOften = 0
    ;(simulated.coordinator as unknown as { options: { failedTooOften(): void } }).options.failedTooOften = () => tooOften++
    for (const expected of [0, 1]) {
      simulated.coordinator.request({ kind: 'checkpoint', path: null, requestId: null })
      await simulated.checkpointIfDue()
      expect(simulated.reports.at(-1)).toMatchObject({
        status: 'FAILED',
        failureReason: 'could_not_write',
        failureMessage: 'A snapshot file could not be written: ENOSPC: no space left on device.',
        path: null,
      })
      expect(tooOften).toBe(expected)
    }
  })

  test('a savepoint asked for while a checkpoint is in progress waits for it, and is not lost', async () => {
    const { simulated, fs } = await job({ intervalMs: 1e9 })
    await simulated.work(5)
    simulated.coordinator.request({ kind: 'checkpoint', path: null, requestId: 'c' })
    simulated.coordinator.request({ kind: 'savepoint', path: '/data/savepoints/1', requestId: 's' })
    const barrier = simulated.coordinator.next()!
    expect(simulated.coordinator.next()).toBeNull()
    simulated.test.pipeline.inject(barrier)
    await simulated.test.pipeline.drain()
    await simulated.coordinator.settled()
    await simulated.checkpointIfDue()
    expect(outcomes(simulated)).toEqual([
      [1, 'checkpoint', 'COMPLETED', null],
      [2, 'savepoint', 'COMPLETED', null],
    ])
    expect(
      await new SimulatedJob({ fs, stores: new CrashableStores(), definition, events, order: 'arrival', run: 9 }).open(
        '/data/savepoints/1',
      ),
    ).toBe('/data/savepoints/1')
  })

  test('a stopping coordinator takes no new ones, and says so', async () => {
    const { simulated } = await job({ intervalMs: 1e9 })
    simulated.coordinator.request({ kind: 'savepoint', path: '/data/s', requestId: 'x' })
    await simulated.coordinator.stop()
    simulated.coordinator.request({ kind: 'checkpoint', path: null, requestId: 'y' })
    expect(simulated.reports.map(({ requestId, failureReason }) => [requestId, failureReason])).toEqual([
      ['x', 'job_stopped'],
      ['y', 'coordinator_stopped'],
    ])
  })
})

describe('semantics 14: retention', () => {
  test('the newest are kept, at least two; a savepoint does not subsume a checkpoint (FLINK-21351) and is never removed', async () => {
    const { simulated, fs } = await job({ intervalMs: 1e9, retention: 1 })
    const take = async (kind: 'checkpoint' | 'savepoint', path: string | null) => {
      simulated.coordinator.request({ kind, path, requestId: null })
      await simulated.checkpointIfDue()
    }
    await take('checkpoint', null)
    await take('savepoint', '/data/job-1/savepoint')
    await take('savepoint', '/data/savepoints/2')
    expect((await listCheckpoints(fs, '/data/job-1')).map(({ number }) => number)).toEqual([1])
    for (let i = 0; i < 3; i++) await take('checkpoint', null)
    expect((await listCheckpoints(fs, '/data/job-1')).map(({ number }) => number)).toEqual([6, 5])
    expect(fs.files().filter((file) => file.includes('savepoint')).length).toBe(6)
  })

  test('attempts of earlier runs that never finished go; the checkpoint a run started from stays until two newer ones are complete', async () => {
    const { simulated, fs } = await job({ intervalMs: 1e9, retention: 2 })
    simulated.coordinator.request({ kind: 'checkpoint', path: null, requestId: null })
    await simulated.checkpointIfDue()
    await fs.makeDirectory('/data/job-1/run-1/checkpoint-2')
    const next = (await job({ intervalMs: 1e9, retention: 2 }, fs, 2)).simulated
    for (const expected of [
      ['2/1', '1/1'],
      ['2/2', '2/1'],
    ]) {
      next.coordinator.request({ kind: 'checkpoint', path: null, requestId: null })
      await next.checkpointIfDue()
      expect((await listCheckpoints(fs, '/data/job-1')).map(({ run, number }) => `${run}/${number}`)).toEqual(expected)
    }
  })
})

test('semantics 16: a job that is suspended while it restarts keeps its data: stopping takes nothing away (FLINK-34518)', async () => {
  const { simulated, fs } = await job({ intervalMs: 40 })
  await simulated.work(30)
  const before = fs.files()
  const next = (await job({ intervalMs: 40 }, fs, 2)).simulated
  await next.coordinator.stop()
  expect(fs.files()).toEqual(before)
  expect(await (await job({}, fs, 3)).simulated.open()).toBe('/data/job-1/run-1/checkpoint-3')
})
