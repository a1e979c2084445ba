/** A release of new features whose engine is killed as each of its steps begins: it goes on from what the database says, and the stores end as without. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { FeaturesAnswer } from '../../contract/engine-api.ts'
import type { Db } from '../../db/client.ts'
import type { StreamSchema } from '../../definition/model.ts'
import { addStream, addVersion, askForRelease, until } from '../engine-process.fixture.ts'
import { openHistoryReader } from '../sink/history-reader.ts'
import { openReleaseHouse, type ReleaseHouse } from './release-house.fixture.ts'

const PAY: StreamSchema = {
  name: 'pay',
  fields: [
    { name: 'card', type: 'string' },
    { name: 'amount', type: 'int' },
    { name: 'ts', type: 'timestamp' },
  ],
  eventTime: 'ts',
}
const sql = (more: string, windows = '') =>
  `SELECT /*+ READ_CLOCK('event') */ card, COUNT(*) OVER w AS n${more} FROM pay
   WINDOW w AS (PARTITION BY card ORDER BY ts RANGE BETWEEN INTERVAL '1' HOUR PRECEDING AND CURRENT ROW)${windows}`
const DAY = ", d AS (PARTITION BY card ORDER BY ts RANGE BETWEEN INTERVAL '1' DAY PRECEDING AND CURRENT ROW)"
const CARDS = ['a', 'b', 'c']
const HOUR_MS = 3_600_000
const STEP_MS = 60_000
const KILLED_IN = ['SAVEPOINTING', 'BACKFILLING', 'STARTING', 'CATCHING_UP', 'READY', 'CUTTING_OVER', 'SOAKING']

let house: ReleaseHouse
let dataDir: string
let db: Db
beforeEach(async () => {
  house = await openReleaseHouse()
  ;({ dataDir, db } = house)
})
afterEach(() => house.close())

test('semantics 21: killed at each step, a release of new features ends with the values and the history of an undisturbed one', {
  timeout: 115_000,
}, async () => {
  const streamId = await addStream(db, PAY)
  const { viewId } = await addVersion(db, 'spend', streamId, PAY, sql(''))
  await addVersion(db, 'spend', streamId, PAY, sql(', SUM(amount) OVER w AS spent, MAX(amount) OVER d AS most', DAY))
  const sent: { card: string; amount: number; ts: number }[] = []
  const send = async (count: number) => {
    const events = Array.from({ length: count }, (_, i) => {
      const at = sent.length + i
      return { card: CARDS[at % CARDS.length]!, amount: (at * 37) % 101, ts: Date.UTC(2025, 0, 1) + at * STEP_MS }
    })
    sent.push(...events)
    const body = events.map((event) => JSON.stringify(event)).join('\n')
    expect((await house.engine.ask('POST', '/streams/pay/events', body)).json).toMatchObject({ rejected: [] })
  }
  await send(2000)
  const stateOf = async (id: number) => (await db.release.findUniqueOrThrow({ where: { id } })).state
  const first = await askForRelease(db, viewId, 1)
  await house.engine.ask('POST', '/wake')
  await until('version 1 is served', async () => (await stateOf(first)) === 'DONE')

  const id = await askForRelease(db, viewId, 2)
  await house.engine.ask('POST', '/wake')
  const killedIn = new Set<string>()
  await until('the release soaks, killed wherever it could be', async () => {
    const release = await db.release.findUniqueOrThrow({ where: { id } })
    if (release.state === 'FAILED') throw new Error(release.failure ?? 'failed')
    if (KILLED_IN.includes(release.state) && !killedIn.has(release.state)) {
      killedIn.add(release.state)
      await house.killEngine()
      await send(50)
    }
    return release.state === 'SOAKING'
  })
  for (const state of ['SAVEPOINTING', 'BACKFILLING', 'STARTING', 'CATCHING_UP']) expect(killedIn).toContain(state)
  await db.releaseFact.create({
    data: { releaseId: id, generation: 1, at: new Date(), kind: 'action', payload: { action: 'finish', by: 'test' } },
  })
  await until('the release is done', async () => (await stateOf(id)) === 'DONE')
  expect((await db.release.findUniqueOrThrow({ where: { id } })).kind).toBe('new_features')
  await send(30)

  const within = (at: number, windowMs: number) =>
    sent.slice(0, at + 1).filter(({ card, ts }) => card === sent[at]!.card && ts >= sent[at]!.ts - windowMs)
  const expected = sent.map((_, at) => {
    const hour = within(at, HOUR_MS)
    return [
      hour.length,
      hour.reduce((sum, { amount }) => sum + amount, 0),
      Math.max(...within(at, 24 * HOUR_MS).map(({ amount }) => amount)),
    ]
  })
  const history = await until('the history has every event', async () => {
    const reader = openHistoryReader({ dataDir, view: 'spend' })!
    const { items, total } = reader.list({ version: 2, limit: 1_000_000 })
    reader.close()
    return total === sent.length && items.every(({ values }) => values[0] !== null) ? items : false
  })
  expect(history.toSorted((a, b) => a.offset - b.offset).map(({ values }) => values)).toEqual(expected)
  const { json } = await house.engine.ask('POST', '/features', { view: 'spend', keys: CARDS.map((card) => ({ card })) })
  const newest = CARDS.map((card) => expected[sent.findLastIndex((event) => event.card === card)]!)
  const { rows } = FeaturesAnswer.parse(json)
  // By the event clock the hour ends at the newest event of all, so that the count of another card may have fallen since its own.
  rows.forEach(({ features }, i) => expect(features.most).toBe(newest[i]![2]))
})
