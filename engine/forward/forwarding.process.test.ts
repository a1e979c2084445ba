/**
 * Rows forwarded by real processes, over kill -9 of engine and jobs, releases, a roll back and a rescale: each version of each key once
 * and in order, as a run without any of it would have forwarded them.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import type { JobMetrics } from '../../contract/job-ipc.ts'
import type { ReleaseState } from '../../contract/http-api.ts'
import { FeaturesAnswer } from '../../contract/engine-api.ts'
import type { Field, StreamSchema } from '../../definition/model.ts'
import { addStream, addVersion, askForRelease, until } from '../engine-process.fixture.ts'
import { RunningJob, startMessage } from '../job/job.fixture.ts'
import { openReleaseHouse } from '../release/release-house.fixture.ts'
import { openEmbeddedLog } from '../source/embedded-log.ts'
import { columnsOf } from '../source/event-columns.ts'
import { forwardedRows } from './forwarded-rows.fixture.ts'

const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end()
})

const PAY: StreamSchema = {
  name: 'pay',
  fields: [
    { name: 'card', type: 'string' },
    { name: 'ts', type: 'timestamp' },
  ],
  eventTime: 'ts',
}
const CARDS = ['a', 'b', 'c']
const sql = (more: string, from = 'pay', time = 'ts', count = 'n') =>
  `SELECT /*+ READ_CLOCK('event') */ card, COUNT(*) OVER w AS ${count}${more} FROM ${from} WINDOW w AS (PARTITION BY card ORDER BY ${time} RANGE BETWEEN INTERVAL '30' DAY PRECEDING AND CURRENT ROW)`

/** A view whose rows are forwarded, with its first version in charge, and events that go on while one waits. */
async function openScene() {
  const house = await openReleaseHouse()
  ends.push(() => house.close())
  const { db, dataDir } = house
  const streamId = await addStream(db, PAY)
  const { viewId } = await addVersion(db, 'spend', streamId, PAY, sql(''))
  await addVersion(db, 'spend', streamId, PAY, sql(', LAST(ts) OVER w AS newest'))
  await db.parameter.create({ data: { key: 'forward', scope: 'view:spend', value: 'spend_features', updatedBy: 'test' } })
  let sent = 0
  const send = async (count: number) => {
    const lines = Array.from({ length: count }, () => JSON.stringify({ card: CARDS[sent % 3], ts: Date.UTC(2025, 0, 1) + sent++ * 1000 }))
    expect((await house.engine.ask('POST', '/streams/pay/events', lines.join('\n'))).json).toMatchObject({ rejected: [] })
  }
  const jobOf = async (id: number) => (await db.release.findUniqueOrThrow({ where: { id } })).job2Id!
  const scene = {
    house,
    viewId,
    send,
    inState: (id: number, ...wanted: ReleaseState[]) =>
      until(`release ${id} is ${wanted.join(' or ')}`, async () => {
        const { state, failure } = await db.release.findUniqueOrThrow({ where: { id } })
        if (state === 'FAILED') throw new Error(failure ?? 'failed')
        await send(5)
        return wanted.includes(state as ReleaseState)
      }),
    act: (releaseId: number, action: string) =>
      db.releaseFact.create({ data: { releaseId, generation: 1, at: new Date(), kind: 'action', payload: { action, by: 'test' } } }),
    async release(version: number, request: Record<string, unknown> = {}, of = viewId) {
      const id = await askForRelease(db, of, version, request)
      await house.engine.ask('POST', '/wake')
      return id
    },
    async killJobOf(releaseId: number) {
      const { pid } = await db.job.findUniqueOrThrow({ where: { id: await jobOf(releaseId) } })
      if (pid !== null) process.kill(pid, 'SIGKILL')
    },
    /** All rows that are to be there, each version of each key once and in order. */
    async allForwarded() {
      const rows = await until('all are forwarded', async () => {
        const all = await forwardedRows(dataDir, 'spend_features')
        return all.length >= sent ? all : false
      })
      const counts = CARDS.map((_, i) => Math.ceil((sent - i) / 3))
      for (const [i, card] of CARDS.entries()) {
        const own = rows.filter((row) => row.card === card)
        expect(own.map(({ _n }) => _n)).toEqual(Array.from({ length: counts[i]! }, (_, k) => k + 1))
        for (const row of own) expect([row.n, row._view_version === 2 ? row.newest : row._event_time]).toEqual([row._n, row._event_time])
        const epochs = own.map(({ _epoch }) => Number(_epoch))
        expect(epochs).toEqual(epochs.toSorted((x, y) => x - y))
      }
      return { rows, counts }
    },
  }
  await send(200)
  const first = await scene.release(1)
  await scene.inState(first, 'DONE')
  return { ...scene, first }
}

test('promise 1, across releases: engine and jobs are killed while new features are released and rolled back', {
  timeout: 115_000,
}, async () => {
  const { house, send, inState, act, release, killJobOf, allForwarded, first } = await openScene()
  const { db, dataDir } = house
  await killJobOf(first)
  await send(100)
  await house.killEngine()
  const changed = await release(2)
  await inState(changed, 'CATCHING_UP', 'READY', 'CUTTING_OVER', 'SOAKING')
  await killJobOf(changed)
  await inState(changed, 'SOAKING')
  await house.killEngine()
  await send(50)
  await until('the job of version 2 forwards', async () =>
    (await forwardedRows(dataDir, 'spend_features')).some((row) => row._view_version === 2),
  )
  await act(changed, 'rollback')
  await inState(changed, 'ROLLED_BACK')
  await send(50)
  const { rows } = await allForwarded()
  expect(new Set(rows.map(({ _epoch }) => _epoch))).toEqual(new Set([1, 2, 3]))
  const { fields } = await db.stream.findUniqueOrThrow({ where: { name: 'spend_features' } })
  expect(fields).toContainEqual({ name: 'newest', type: 'timestamp', nullable: true })
})

test('the stream is made for the view and read by another view; a rescale to two threads forwards on where one left off', {
  timeout: 115_000,
}, async () => {
  const { house, inState, act, release, killJobOf, allForwarded, first } = await openScene()
  const { db } = house
  const target = await db.stream.findUniqueOrThrow({ where: { name: 'spend_features' } })
  expect(target).toMatchObject({ source: { kind: 'view', view: 'spend' }, eventTime: '_event_time', partitions: 1 })
  expect((await house.engine.ask('POST', '/streams/spend_features/events', '{}')).json.error.message).toMatch(/fed by the view spend/)
  const schema: StreamSchema = { name: target.name, fields: target.fields as Field[], eventTime: target.eventTime }
  const downstream = await addVersion(db, 'counted', target.id, schema, sql('', 'spend_features', '_event_time', 'seen'))
  await inState(await release(1, {}, downstream.viewId), 'DONE')
  const rescaled = await release(1, { parallelism: 2 })
  await inState(rescaled, 'SOAKING')
  await killJobOf(first)
  await killJobOf(rescaled)
  await act(rescaled, 'finish')
  await inState(rescaled, 'DONE')
  const { counts } = await allForwarded()
  await until('the view that reads the stream has counted them', async () => {
    const { json } = await house.engine.ask('POST', '/features', { view: 'counted', keys: CARDS.map((card) => ({ card })) })
    return FeaturesAnswer.parse(json).rows.every(({ features }, i) => features.seen === counts[i])
  })
})

test('semantics 18: a job that was not told that another has taken over is refused, counts it, and keeps its rows until they are forwarded', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'evenflow-forwarding-'))
  ends.push(() => rmSync(dataDir, { recursive: true, force: true }))
  const log = openEmbeddedLog({ dataDir, stream: 'pay', partitions: 1 })
  ends.push(() => log.close())
  const append = (from: number, count: number) =>
    log.append(
      0,
      columnsOf(
        Array.from({ length: count }, (_, i) => JSON.stringify({ card: 'a', amount: 1, shop: 's', ts: Date.UTC(2025, 0, 1) + from + i })),
      ),
      Date.now(),
    )
  const start = async (jobId: number, authority: number | null) => {
    const message = await startMessage(dataDir, { forward: { target: 'out', authority }, run: jobId })
    const job = new RunningJob({ ...message, jobId, run: 1 })
    ends.push(() => job.kill())
    await job.wait('running')
    return job
  }
  const forward = async (job: RunningJob, fits: (of: NonNullable<JobMetrics['forward']>) => boolean) => {
    const { metrics } = await job.wait('metrics', ({ metrics: { forward: of } }) => of !== undefined && fits(of))
    return metrics.forward!
  }
  await append(0, 100)
  const [zombie, current] = [await start(1, 1), await start(2, null)]
  await zombie.applied(100)
  await current.applied(100)
  await forward(zombie, ({ forwarded }) => forwarded === 100)
  current.send({ type: 'authority', epoch: 2 })
  await append(100, 50)
  await current.applied(150)
  await forward(current, ({ epoch, waitingRows }) => epoch === 2 && waitingRows === 0)
  await append(150, 50)
  await zombie.applied(200)
  expect(await forward(zombie, ({ refused }) => refused > 0)).toMatchObject({ epoch: null, forwarded: 100 })
  await current.applied(200)
  await current.stop()
  expect((await forwardedRows(dataDir, 'out')).map(({ _n, _epoch }) => [_n, _epoch])).toEqual(
    Array.from({ length: 200 }, (_, i) => [i + 1, i < 100 ? 1 : 2]),
  )
})
