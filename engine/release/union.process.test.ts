/** A view over several streams is released, changed and rescaled under a reader, and reads what all of its streams have. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { FeaturesAnswer, HistoryRows, StreamStats } from '../../contract/engine-api.ts'
import type { ReleaseState } from '../../contract/http-api.ts'
import type { Db } from '../../db/client.ts'
import type { StreamSchema } from '../../definition/model.ts'
import { addStream, addVersion, askForRelease, until } from '../engine-process.fixture.ts'
import { openReleaseHouse, type ReleaseHouse } from './release-house.fixture.ts'

const stream = (name: string, key: string): StreamSchema => ({
  name,
  eventTime: 'at',
  fields: [
    { name: key, type: 'string' },
    { name: 'at', type: 'timestamp' },
    { name: 'amount', type: 'int' },
  ],
})
const STREAMS = [stream('pay', 'card'), stream('back', 'card_no'), stream('fees', 'account')]
const PAY = 'SELECT card, at AS event_time, amount FROM pay'
const BACK = 'SELECT card_no AS card, at AS event_time, -amount AS amount FROM back'
const FEES = 'SELECT account AS card, at AS event_time, amount FROM fees'
const sql = (branches: string[], more = '') =>
  `SELECT /*+ READ_CLOCK('event') */ card, COUNT(*) OVER w AS n, SUM(amount) OVER w AS net${more} FROM (${branches.join(' UNION ALL ')}) AS money
   WINDOW w AS (PARTITION BY card ORDER BY event_time RANGE BETWEEN INTERVAL '30' DAY PRECEDING AND CURRENT ROW)`
const CARDS = ['a', 'b', 'quiet']

let house: ReleaseHouse
let db: Db
beforeEach(async () => {
  house = await openReleaseHouse()
  db = house.db
  await db.parameter.create({ data: { key: 'idleTimeout', scope: 'system', value: 300, updatedBy: 'test' } })
})
afterEach(() => house.close())

test('first release, new features, two threads, a kill, another stream and another order of the SELECTs', {
  timeout: 300_000,
}, async () => {
  const payId = await addStream(db, STREAMS[0]!)
  const backId = await addStream(db, STREAMS[1]!, 2, 'card_no')
  await addStream(db, STREAMS[2]!)
  const { viewId } = await addVersion(db, 'money', payId, STREAMS, sql([PAY, BACK]))
  await addVersion(db, 'money', payId, STREAMS, sql([PAY, BACK], ', MIN(amount) OVER w AS least'))
  await addVersion(db, 'money', payId, STREAMS, sql([FEES, BACK, PAY]))

  let clock = Date.UTC(2025, 0, 1)
  const expected = new Map(CARDS.map((card) => [card, { n: 0, net: 0, least: Number.POSITIVE_INFINITY }]))
  const sent = async (name: string, key: string, sign: number, card: string, amount: number) => {
    const line = JSON.stringify({ [key]: card, at: (clock += 1000), amount })
    expect((await house.engine.ask('POST', `/streams/${name}/events`, line)).json).toMatchObject({ rejected: [] })
    const of = expected.get(card)
    if (of) Object.assign(of, { n: of.n + 1, net: of.net + sign * amount, least: Math.min(of.least, sign * amount) })
  }
  const pay = (card: string, amount: number) => sent('pay', 'card', 1, card, amount)
  const back = (card: string, amount: number) => sent('back', 'card_no', -1, card, amount)
  const inState = (id: number, wanted: ReleaseState) =>
    until(`release ${id} is ${wanted}`, async () => {
      const { state, failure } = await db.release.findUniqueOrThrow({ where: { id } })
      if (state === 'FAILED') throw new Error(failure ?? 'failed')
      return state === wanted
    })
  const release = async (version: number, kind: string, request: Record<string, unknown> = {}) => {
    const id = await askForRelease(db, viewId, version, request)
    await house.engine.ask('POST', '/wake')
    const ends: ReleaseState = kind === 'new_job' ? 'DONE' : 'SOAKING'
    await inState(id, ends)
    if (ends === 'SOAKING') {
      const payload = { action: 'finish', by: 'test' }
      await db.releaseFact.create({ data: { releaseId: id, generation: 1, at: new Date(), kind: 'action', payload } })
      await inState(id, 'DONE')
    }
    expect((await db.release.findUniqueOrThrow({ where: { id } })).kind).toBe(kind)
    return (await db.release.findUniqueOrThrow({ where: { id } })).job2Id!
  }
  const values = async (names: readonly string[]) => {
    const { status, json } = await house.engine.ask('POST', '/features', { view: 'money', keys: CARDS.map((card) => ({ card })) })
    expect([status, json.error]).toEqual([200, undefined])
    const { rows } = FeaturesAnswer.parse(json)
    return rows.map(({ features }) => names.map((name) => Number(features[name])))
  }
  /** Until all that was sent is served: an event of another card, far enough ahead, lets everything before it fire. */
  const serves = async (...names: ('n' | 'net' | 'least')[]) => {
    clock += 60_000
    await pay('later', 1)
    const wanted = CARDS.map((card) => names.map((name) => expected.get(card)![name]))
    let last: unknown
    try {
      await until('all that was sent is served', async () => JSON.stringify((last = await values(names))) === JSON.stringify(wanted))
    } catch {
      expect(last).toEqual(wanted)
    }
  }

  for (const card of CARDS) await pay(card, 10)
  for (const card of CARDS) await back(card, 3)
  await release(1, 'new_job')
  await serves('n', 'net')

  for (let i = 0; i < 20; i++) await (i % 3 === 0 ? back('a', i) : pay('b', i))
  await release(2, 'new_features')
  await serves('n', 'net', 'least')

  const rescaled = await release(2, 'rescale', { parallelism: 2 })
  await back('b', 100)
  await serves('n', 'net', 'least')
  const job = await until('the job tells of its partitions', async () => {
    const row = await db.job.findUniqueOrThrow({ where: { id: rescaled } })
    return row.metrics as { partitions: { of?: object }[] } | null
  })
  expect(job.partitions.map(({ of }) => of)).toEqual([
    { stream: 'pay', partition: 0 },
    { stream: 'back', partition: 0 },
    { stream: 'back', partition: 1 },
  ])

  await house.killEngine()
  await back('a', 5)
  await pay('a', 7)
  await serves('n', 'net', 'least')
  const late = JSON.stringify({ card_no: 'a', at: Date.UTC(2024, 0, 1), amount: 1 })
  expect((await house.engine.ask('POST', '/streams/back/events', late)).json).toMatchObject({ rejected: [] })
  const letter = await until('the late event is told', () => db.deadLetter.findFirst({ where: { late: true } }))
  expect([letter.streamId, letter.offset]).toEqual([backId, BigInt((await endOf('back', letter.partition!)) - 1)])

  const a = await until('the history has all', async () => {
    const { items } = HistoryRows.parse((await house.engine.ask('GET', '/views/money/history?limit=1000')).json)
    const ofCard = items.filter(({ key }) => key.card === 'a')
    return ofCard.length === expected.get('a')!.n && ofCard
  })
  expect(new Set(a.map(({ stream }) => stream))).toEqual(new Set(['pay', 'back']))

  // The positions of the old job are those of other numbers in the new one, which reads a third stream besides.
  await sent('fees', 'account', 1, 'quiet', 50)
  await release(3, 'change', { allowDroppedState: true })
  await serves('n', 'net')

  async function endOf(name: string, partition: number): Promise<number> {
    const { json } = await house.engine.ask('GET', `/streams/${name}/stats`)
    return StreamStats.parse(json).partitions[partition]!.end
  }
})
