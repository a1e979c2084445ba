/** Comparisons of real processes: a job whose kernel is wrong does not come to serve, and a killed engine compares again. */
import { afterEach, expect, test } from 'vitest'
import { Comparison } from '../../contract/comparison.ts'
import { FeaturesAnswer } from '../../contract/engine-api.ts'
import type { StreamSchema } from '../../definition/model.ts'
import { addStream, addVersion, askForRelease, until } from '../engine-process.fixture.ts'
import { openReleaseHouse, type ReleaseHouse } from './release-house.fixture.ts'
import { wrongKernel } from './wrong-kernel.fixture.ts'

const PAY: StreamSchema = {
  name: 'pay',
  fields: [
    { name: 'card', type: 'string' },
    { name: 'amount', type: 'double' },
    { name: 'ts', type: 'timestamp' },
  ],
  eventTime: 'ts',
}
const sql = (more: string) =>
  `SELECT /*+ READ_CLOCK('event') */ card, COUNT(*) OVER w AS n${more} FROM pay
   WINDOW w AS (PARTITION BY card ORDER BY ts RANGE BETWEEN INTERVAL '1' HOUR PRECEDING AND CURRENT ROW)`
const MORE = ', SUM(amount) OVER w AS spent'
const CARDS = Array.from({ length: 30 }, (_, i) => `c${i}`)
const LIMIT = { timeout: 600_000 }

let house: ReleaseHouse
let viewId: string
let sent = 0
afterEach(() => house.close())

async function send(count: number): Promise<void> {
  const lines = Array.from({ length: count }, () => {
    const at = sent++
    return JSON.stringify({ card: CARDS[at % CARDS.length], amount: (at % 97) / 8, ts: Date.UTC(2025, 0, 1) + at * 1000 })
  })
  expect((await house.engine.ask('POST', '/streams/pay/events', lines.join('\n'))).json).toMatchObject({ rejected: [] })
}

/** A house whose view is served by version 1. */
async function open(env: Record<string, string> = {}): Promise<void> {
  house = await openReleaseHouse(undefined, env)
  sent = 0
  const streamId = await addStream(house.db, PAY)
  viewId = (await addVersion(house.db, 'spend', streamId, PAY, sql(''))).viewId
  await addVersion(house.db, 'spend', streamId, PAY, sql(MORE))
  await send(2000)
  await inState(await release(1), 'DONE')
}

async function release(version: number): Promise<number> {
  const id = await askForRelease(house.db, viewId, version)
  await house.engine.ask('POST', '/wake')
  return id
}

const row = (id: number) => house.db.release.findUniqueOrThrow({ where: { id } })
async function inState(id: number, wanted: string): Promise<void> {
  await until(`release ${id} is ${wanted}`, async () => {
    const { state, failure } = await row(id)
    if (state === 'FAILED') throw new Error(failure ?? 'failed')
    return state === wanted
  })
}
const facts = async (id: number, kind: string) =>
  (await house.db.releaseFact.findMany({ where: { releaseId: id, kind }, orderBy: { id: 'asc' } })).map(({ payload }) => payload)

async function compared(id: number): Promise<Comparison> {
  const [first] = await until('the values have been compared', async () => {
    const found = await facts(id, 'compared')
    return found.length > 0 && found
  })
  return Comparison.parse(first)
}

const act = (id: number, action: string, reason?: string) =>
  house.db.releaseFact.create({
    data: { releaseId: id, generation: 1, at: new Date(), kind: 'action', payload: { action, by: 'kim', ...(reason && { reason }) } },
  })

async function served(): Promise<{ jobId: number; n: unknown }> {
  const { json } = await house.engine.ask('POST', '/features', { view: 'spend', keys: [{ card: 'c0' }] })
  const { jobId, rows } = FeaturesAnswer.parse(json)
  return { jobId, n: rows[0]!.features.n }
}

test(
  'a kept feature of a wrong kernel is caught at every key: the automatic release is held, over a kill -9 as well, until it is overruled',
  LIMIT,
  async () => {
    await open(wrongKernel(2, 0))
    const id = await release(1)
    const comparison = await compared(id)
    expect(comparison).toMatchObject({ outcome: 'differs', blocking: ['n'], keys: CARDS.length, servedKeys: CARDS.length })
    expect(comparison.features).toMatchObject([
      { feature: 'n', role: 'kept', against: 'running_job', differing: CARDS.length, missing: 0, extra: 0 },
    ])
    const [example] = comparison.features[0]!.examples
    expect(example!.found).toBe(Number(example!.expected) + 1)
    expect(example!.window).toEqual({ fromMs: comparison.evaluatedAtMs - 3_600_000, toMs: comparison.evaluatedAtMs })
    await house.killEngine()
    await send(60)
    await until('the new job runs again', async () => {
      const { job2Id } = await row(id)
      const job = await house.db.job.findUniqueOrThrow({ where: { id: job2Id ?? -1 } })
      return job.run > 1 && job.observed === 'RUNNING'
    })
    expect([(await row(id)).state, (await served()).jobId]).toEqual(['COMPARING', 1])
    expect((await facts(id, 'compared')).length).toBe(1)
    await act(id, 'overrule', 'a test of the overruling')
    await house.engine.ask('POST', '/wake')
    await inState(id, 'SOAKING')
    expect(await facts(id, 'overruled')).toEqual([{ by: 'kim', reason: 'a test of the overruling' }])
    await until('the new job serves', async () => (await served()).jobId === 2)
  },
)

test('a new feature of a wrong kernel is caught by a computation from the stream', LIMIT, async () => {
  await open(wrongKernel(3, 1))
  const id = await release(2)
  const comparison = await compared(id)
  expect(comparison).toMatchObject({ outcome: 'differs', blocking: ['spent'], sampledKeys: CARDS.length })
  expect(comparison.features).toMatchObject([
    { feature: 'n', role: 'kept', against: 'running_job', differing: 0 },
    { feature: 'spent', role: 'new', against: 'duckdb', keys: CARDS.length, differing: CARDS.length },
  ])
  await act(id, 'abort')
  await house.engine.ask('POST', '/wake')
  await inState(id, 'ABORTED')
  expect((await served()).jobId).toBe(1)
})

test(
  'an engine that is killed while it compares begins another attempt, and a right job comes to serve; readers are answered all the while',
  LIMIT,
  async () => {
    await open()
    const id = await release(2)
    await until('it compares', async () => (await facts(id, 'compare_begun')).length > 0)
    await house.killEngine()
    await send(300)
    await inState(id, 'SOAKING')
    const comparison = Comparison.parse((await facts(id, 'compared')).at(-1))
    expect(comparison).toMatchObject({ outcome: 'equal', blocking: [] })
    expect(comparison.features.map(({ feature, against, keys }) => [feature, against, keys])).toEqual([
      ['n', 'running_job', CARDS.length],
      ['spent', 'duckdb', CARDS.length],
    ])
    expect(await facts(id, 'compare_again')).not.toEqual([])
    const left = await house.db.savepoint.findMany({ where: { name: { contains: 'compare' }, status: { not: 'FAILED' } } })
    expect(left.map(({ status, pinned }) => [status, pinned])).toEqual(left.map(() => ['DISPOSED', false]))
  },
)
