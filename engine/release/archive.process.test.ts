/**
 * A stream that begins too late for a view of 30 days: new features are built from an archive beside the running job, the engine killed
 * meanwhile, and then the whole view again. Held against a view that has all events on a stream of its own.
 */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { FeaturesAnswer, HistoryRows } from '../../contract/engine-api.ts'
import type { ReleaseState } from '../../contract/http-api.ts'
import type { Db } from '../../db/client.ts'
import type { StreamSchema } from '../../definition/model.ts'
import { writeArchive } from '../archive/archive.fixture.ts'
import { addStream, addVersion, askForRelease, until } from '../engine-process.fixture.ts'
import { openReleaseHouse, type ReleaseHouse } from './release-house.fixture.ts'

const pay = (name: string): StreamSchema => ({
  name,
  fields: [
    { name: 'card', type: 'string' },
    { name: 'amount', type: 'int' },
    { name: 'ts', type: 'timestamp' },
  ],
  eventTime: 'ts',
})
const over = (interval: string) => `(PARTITION BY card ORDER BY ts RANGE BETWEEN INTERVAL ${interval} PRECEDING AND CURRENT ROW)`
const few = (stream: string) =>
  `SELECT /*+ ORDER('event_time') READ_CLOCK('event') */ card, COUNT(*) OVER w AS n FROM ${stream} WINDOW w AS ${over("'1' HOUR")}`
const more = (stream: string) =>
  `SELECT /*+ ORDER('event_time') READ_CLOCK('event') */ card, COUNT(*) OVER w AS n, SUM(amount) OVER m AS spent, MIN(amount) OVER m AS least, COUNT(*) OVER m AS payments
   FROM ${stream} WINDOW w AS ${over("'1' HOUR")}, m AS ${over("'30' DAY")}`

const CARDS = ['a', 'b', 'c', 'd']
const [TOTAL, LOST, CUT] = [3000, 600, 700]
const BEGAN_MS = Date.UTC(2025, 0, 1)
const event = (i: number) => ({
  card: i < 20 ? 'quiet' : CARDS[(i * 7) % CARDS.length]!,
  amount: (i * 37) % 101,
  ts: BEGAN_MS + i * 60_000 - (i % 17 === 3 ? 2500 : 0),
})
const CUT_MS = event(CUT).ts

let house: ReleaseHouse
let db: Db
beforeEach(async () => {
  house = await openReleaseHouse()
  db = house.db
})
afterEach(() => house.close())

test('new features from an archive, killed in the middle, and then the whole view: as a view that has all events', {
  timeout: 240_000,
}, async () => {
  const [shortId, wholeId] = [await addStream(db, pay('pay')), await addStream(db, pay('whole'))]
  const send = async (stream: string, from: number) => {
    const lines = Array.from({ length: TOTAL - from }, (_, i) => JSON.stringify(event(from + i)))
    expect((await house.engine.ask('POST', `/streams/${stream}/events`, lines.join('\n'))).json).toMatchObject({ rejected: [] })
  }
  await send('pay', LOST)
  await send('whole', 0)
  const { viewId } = await addVersion(db, 'spend', shortId, pay('pay'), few('pay'))
  await addVersion(db, 'spend', shortId, pay('pay'), more('pay'))
  const golden = await addVersion(db, 'golden', wholeId, pay('whole'), more('whole'))
  await writeArchive(
    house.dataDir,
    'pay.parquet',
    Array.from({ length: TOTAL }, (_, i) => event(i)),
    'card, amount, make_timestamp(ts * 1000) AS ts',
  )
  const archive = { source: { kind: 'parquet', path: 'pay.parquet' }, maxEventTimeMs: CUT_MS }

  const stateOf = async (id: number) => {
    const { state, failure } = await db.release.findUniqueOrThrow({ where: { id } })
    if (state === 'FAILED') throw new Error(failure ?? 'failed')
    return state as ReleaseState
  }
  const inState = (id: number, wanted: ReleaseState) => until(`release ${id} is ${wanted}`, async () => (await stateOf(id)) === wanted)
  const ask = async (view: string, version: number, request: Record<string, unknown> = {}) => {
    const id = await askForRelease(db, view, version, request)
    await house.engine.ask('POST', '/wake')
    return id
  }
  const values = async (view: string) => {
    const keys = [...CARDS, 'quiet', 'nobody'].map((card) => ({ card }))
    const { rows } = FeaturesAnswer.parse((await house.engine.ask('POST', '/features', { view, keys })).json)
    return rows.map(({ key, status, features }) => ({ key, status, features }))
  }
  const servesAsGolden = () =>
    until('both views serve the same', async () => {
      const [found, expected] = [await values('spend'), await values('golden')]
      return JSON.stringify(found) === JSON.stringify(expected) && expected
    })
  const finish = async (id: number) => {
    await db.releaseFact.create({
      data: { releaseId: id, generation: 1, at: new Date(), kind: 'action', payload: { action: 'finish', by: 'test' } },
    })
    await inState(id, 'DONE')
  }

  await inState(await ask(golden.viewId, 1), 'DONE')
  await inState(await ask(viewId, 1), 'DONE')
  await until('the first version has caught up', async () => {
    const job = await db.job.findFirst({ where: { view: { name: 'spend' } } })
    const metrics = job?.metrics as { lagRecords: number; watermarkMs: number | null } | null
    return metrics?.lagRecords === 0 && metrics.watermarkMs
  })

  const second = await ask(viewId, 2, { archive })
  await until(
    'the backfill has begun',
    async () => (await db.job.count({ where: { releaseId: second } })) > 0 && (await stateOf(second)) === 'BACKFILLING',
  )
  await house.killEngine()
  await inState(second, 'SOAKING')
  const { kind, job2Id } = await db.release.findUniqueOrThrow({ where: { id: second } })
  expect(kind).toBe('new_features')
  const rows = await servesAsGolden()
  expect(rows.find(({ key }) => key.card === 'quiet')).toMatchObject({ status: 'PRESENT', features: { n: 0, payments: 20 } })
  expect((await db.job.findUniqueOrThrow({ where: { id: job2Id! } })).startFrom).toMatchObject({ archive: { number: 0 } })
  const history = HistoryRows.parse((await house.engine.ask('GET', '/views/spend/history?limit=1000')).json)
  const ofArchive = Array.from({ length: TOTAL }, (_, i) => event(i)).filter(({ ts }) => ts <= CUT_MS).length
  expect(history.total).toBeGreaterThan(TOTAL - LOST + ofArchive - 20) // the newest wait for the watermark
  expect(history.total).toBeLessThanOrEqual(TOTAL - LOST + ofArchive)
  await finish(second)

  // All of it once more, by a job of its own: what the log has up to the cut is refused and counted.
  const third = await ask(viewId, 2, { archive })
  await inState(third, 'SOAKING')
  const again = await db.release.findUniqueOrThrow({ where: { id: third } })
  expect(again.kind).toBe('change')
  await servesAsGolden()
  const job = await db.job.findUniqueOrThrow({ where: { id: again.job2Id! } })
  const refused = Array.from({ length: TOTAL - LOST }, (_, i) => event(LOST + i)).filter(({ ts }) => ts <= CUT_MS).length
  expect([job.startFrom, job.metrics]).toMatchObject([{ archive: { number: 0 } }, { refusedByMaxEventTime: refused }])
})
