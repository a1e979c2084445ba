/**
 * Releases of real processes under a reader that polls without pause: no error, no value older than one read before, and after
 * each passage what a job that had always run would show.
 */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { FeaturesAnswer } from '../../contract/engine-api.ts'
import type { ReleaseState } from '../../contract/http-api.ts'
import type { Db } from '../../db/client.ts'
import { openHistoryReader } from '../sink/history-reader.ts'
import { openReleaseHouse, type ReleaseHouse } from './release-house.fixture.ts'
import type { StreamSchema } from '../../definition/model.ts'
import { addStream, addVersion, askForRelease, until } from '../engine-process.fixture.ts'

const PAY: StreamSchema = {
  name: 'pay',
  fields: [
    { name: 'card', type: 'string' },
    { name: 'ts', type: 'timestamp' },
  ],
  eventTime: 'ts',
}
const sql = (more: string) =>
  `SELECT /*+ READ_CLOCK('event') */ card, COUNT(*) OVER w AS n${more} FROM pay WINDOW w AS (PARTITION BY card ORDER BY ts RANGE BETWEEN INTERVAL '30' DAY PRECEDING AND CURRENT ROW)`
const CARDS = ['a', 'b', 'c', 'quiet']

let house: ReleaseHouse
let dataDir: string
let db: Db
beforeEach(async () => {
  house = await openReleaseHouse()
  ;({ dataDir, db } = house)
})
afterEach(() => house.close())

test('new features, roll back, new features again, rescale to two threads and back: the reader notices nothing, the history has no hole', {
  timeout: 110_000,
}, async () => {
  const streamId = await addStream(db, PAY)
  const { viewId } = await addVersion(db, 'spend', streamId, PAY, sql(''))
  await addVersion(db, 'spend', streamId, PAY, sql(', LAST(ts) OVER w AS newest'))
  const sent = new Map(CARDS.map((card) => [card, 0]))
  let offset = 0
  const send = async (cards: readonly string[]) => {
    const lines = cards.map((card) => JSON.stringify({ card, ts: Date.UTC(2025, 0, 1) + offset++ * 1000 }))
    for (const card of cards) sent.set(card, (sent.get(card) ?? 0) + 1)
    expect((await house.engine.ask('POST', '/streams/pay/events', lines.join('\n'))).json).toMatchObject({ rejected: [] })
  }
  await send(CARDS)

  const state = async (id: number) => (await db.release.findUniqueOrThrow({ where: { id } })).state as ReleaseState
  const inState = async (id: number, wanted: ReleaseState) => {
    try {
      await until(`release ${id} is ${wanted}`, async () => {
        const now = await state(id)
        if (now === 'FAILED') throw new Error((await db.release.findUniqueOrThrow({ where: { id } })).failure ?? 'failed')
        return now === wanted
      })
    } catch (error) {
      const jobs = await db.job.findMany({ select: { id: true, desired: true, observed: true, observedReason: true } })
      throw new Error(`${(error as Error).message}; it is ${await state(id)}; ${JSON.stringify(jobs)}`)
    }
  }
  const act = (releaseId: number, action: string) =>
    db.releaseFact.create({ data: { releaseId, generation: 1, at: new Date(), kind: 'action', payload: { action, by: 'test' } } })
  const release = async (version: number, request: Record<string, unknown> = {}) => {
    const id = await askForRelease(db, viewId, version, request)
    await house.engine.ask('POST', '/wake')
    return id
  }

  await inState(await release(1), 'DONE')

  let polling = true
  const seen = new Map(CARDS.map((card) => [card, 0]))
  const servedBy = new Set<number>()
  const versions = new Set<number>()
  let reads = 0
  const reader = (async () => {
    while (polling) {
      const { status, json } = await house.engine.ask('POST', '/features', { view: 'spend', keys: CARDS.map((card) => ({ card })) })
      expect([status, json.error]).toEqual([200, undefined])
      const answer = FeaturesAnswer.parse(json)
      reads++
      versions.add(answer.version)
      servedBy.add(answer.jobId)
      for (const { key, features } of answer.rows) {
        const card = String(key.card)
        const before = seen.get(card) ?? 0
        if (Number(features.n) < before) throw new Error(`a step back: ${card} had ${before} and now ${features.n}, job ${answer.jobId}`)
        seen.set(card, Number(features.n))
      }
    }
  })()
  const feeding = (async () => {
    while (polling) await send(['a', 'b', 'c'])
  })()
  const goingOn = Promise.race([reader, feeding]) // its error is told at once
  goingOn.catch(() => undefined)

  const changed = await release(2)
  await Promise.race([inState(changed, 'STARTING'), goingOn])
  expect((await db.release.findUniqueOrThrow({ where: { id: changed } })).kind).toBe('new_features')
  await Promise.race([inState(changed, 'SOAKING'), goingOn])
  await until('version 2 is read', async () => versions.has(2))
  await act(changed, 'rollback')
  await Promise.race([inState(changed, 'ROLLED_BACK'), goingOn])
  const { job1Id } = await db.release.findUniqueOrThrow({ where: { id: changed } })
  expect(await db.authority.findUniqueOrThrow({ where: { viewId } })).toMatchObject({ jobId: job1Id, version: 1, epoch: 3 })

  const again = await release(2)
  await Promise.race([inState(again, 'SOAKING'), goingOn])
  await act(again, 'finish')
  await Promise.race([inState(again, 'DONE'), goingOn])

  let rescaled = again
  for (const parallelism of [2, 1]) {
    rescaled = await release(2, { parallelism })
    await Promise.race([inState(rescaled, 'SOAKING'), goingOn])
    await act(rescaled, 'finish')
    await Promise.race([inState(rescaled, 'DONE'), goingOn])
    const { job2Id } = await db.release.findUniqueOrThrow({ where: { id: rescaled } })
    expect((await db.job.findUniqueOrThrow({ where: { id: job2Id ?? -1 } })).parallelism).toBe(parallelism)
    await until('the new job is read', async () => servedBy.has(job2Id ?? -1))
    const { subtasks } = await until('the new job has a checkpoint', () =>
      db.checkpoint.findFirst({
        where: { jobId: job2Id ?? -1, status: 'COMPLETED' },
        select: { subtasks: { where: { operator: 'keyed' }, select: { subtask: true, fullBytes: true } } },
      }),
    )
    expect(subtasks.map(({ subtask }) => subtask).toSorted()).toEqual(Array.from({ length: parallelism }, (_, i) => i))
    expect(subtasks.every(({ fullBytes }) => fullBytes > 0n)).toBe(true)
  }
  polling = false
  await Promise.all([reader, feeding])
  expect(reads).toBeGreaterThan(20)
  expect(servedBy.size).toBe(5)

  const { job2Id, kind } = await db.release.findUniqueOrThrow({ where: { id: rescaled } })
  expect(kind).toBe('rescale')
  const values = async () => {
    const { json } = await house.engine.ask('POST', '/features', { view: 'spend', keys: CARDS.map((card) => ({ card })) })
    return Object.fromEntries(FeaturesAnswer.parse(json).rows.map(({ key, features }) => [String(key.card), Number(features.n)]))
  }
  await until('all that was sent is applied', async () => (await values()).c === sent.get('c'))
  expect(await values()).toEqual(Object.fromEntries(sent))

  // Every event of every card stands once, with the feature that came later filled in for those before it.
  const rows = await until('the history has all', async () => {
    const history = openHistoryReader({ dataDir, view: 'spend' })!
    const { items, total } = history.list({ version: 2, limit: 1_000_000 })
    history.close()
    return total === offset ? items : false
  })
  for (const card of CARDS) {
    const ofCard = rows.filter(({ key }) => key === JSON.stringify([card])).toSorted((a, b) => a.offset - b.offset)
    expect(ofCard.map(({ values }) => values)).toEqual(ofCard.map(({ eventTimeMs }, i) => [i + 1, eventTimeMs]))
  }

  // Quiet keys are in the new job's own store too: it answers while the job is down.
  await db.job.update({ where: { id: job2Id ?? -1 }, data: { desired: 'STOPPED' } })
  await house.engine.ask('POST', '/wake')
  await until('the job has stopped', async () => (await db.job.findUniqueOrThrow({ where: { id: job2Id ?? -1 } })).observed === 'STOPPED')
  expect(await values()).toEqual(Object.fromEntries(sent))
})
