/**
 * Releases of every kind whose engine is killed, with all its jobs, at the writing of their rows: each goes on from what the database
 * says, and the stores end as those of a job that has always had the version. A run takes some failpoints of each kind, chosen by a seed
 * that it prints: `CRASH_SEED=17` takes the same ones again, `CRASH_ALL=1` takes every one.
 */
import { env } from 'node:process'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Db } from '../../db/client.ts'
import type { StreamSchema } from '../../definition/model.ts'
import { addStream, addVersion, askForRelease, until } from '../engine-process.fixture.ts'
import { Random } from '../simulation/random.fixture.ts'
import { openHistoryReader } from '../sink/history-reader.ts'
import { openOnlineBrowser } from '../sink/online-store.ts'
import { type Failpoint, failpoints, type FailpointsOf, setFailpoints } from './failpoints.fixture.ts'
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
const range = (interval: string) => `(PARTITION BY card ORDER BY ts RANGE BETWEEN INTERVAL ${interval} PRECEDING AND CURRENT ROW)`
const FEW = `SELECT /*+ READ_CLOCK('event') */ card, COUNT(*) OVER w AS n FROM pay WINDOW w AS ${range("'1' HOUR")}`
const MORE = `SELECT /*+ READ_CLOCK('event') */ card, COUNT(*) OVER w AS n, SUM(amount) OVER w AS spent, MAX(amount) OVER d AS most
  FROM pay WINDOW w AS ${range("'1' HOUR")}, d AS ${range("'1' DAY")}`
const CARDS = ['a', 'b', 'c', 'd']
const QUIET = ['quiet', 'quiet too'] // have events at the beginning only
const BEGAN_MS = Date.UTC(2025, 0, 1)
const STEP_MS = 60_000
const FAILPOINTS_OF_A_RUN = 3

interface Scenario {
  readonly points: FailpointsOf
  /** runs before; none for a first release */
  readonly from?: string
  readonly to: string
  readonly request?: Record<string, unknown>
  /** as the release is called in the end */
  readonly kind?: string
}
const SCENARIOS: Record<string, Scenario> = {
  'a new job': { points: 'new_job', to: MORE, kind: 'new_job' },
  'new features': { points: 'new_features', from: FEW, to: MORE, kind: 'new_features' },
  'a feature removed': { points: 'removal', from: MORE, to: FEW, kind: 'new_features' },
  'a change, the stream read again': {
    points: 'change',
    from: FEW,
    to: MORE,
    request: { historyEventTimeMs: BEGAN_MS - STEP_MS },
    kind: 'change',
  },
  'a rescale to two threads': { points: 'rescale', from: MORE, to: MORE, request: { parallelism: 2 }, kind: 'rescale' },
  'a roll back while it soaks': { points: 'rollback', from: FEW, to: MORE, kind: 'new_features' },
  'a restart from a savepoint': { points: 'restart', from: MORE, to: MORE },
}
const seed = Number(env.CRASH_SEED ?? Date.now() % 100_000)

let house: ReleaseHouse
let db: Db
let streamId: string
let sent: number
beforeEach(async () => {
  house = await openReleaseHouse()
  db = house.db
  streamId = await addStream(db, PAY)
  sent = 0
})
afterEach(() => house.close())

async function send(cards: readonly string[], count: number): Promise<void> {
  const lines = Array.from({ length: count }, () => {
    const at = sent++
    return JSON.stringify({ card: cards[at % cards.length], amount: (at * 37) % 101, ts: BEGAN_MS + at * STEP_MS })
  })
  expect((await house.engine.ask('POST', '/streams/pay/events', lines.join('\n'))).json).toEqual({ accepted: count, rejected: [] })
}

const releaseRow = (id: number) => db.release.findUniqueOrThrow({ where: { id } })
async function asked(view: string, sql: string, request: Record<string, unknown> = {}) {
  const known = await db.viewVersion.findFirst({ where: { view: { name: view }, sql } })
  const { viewId, version } = known ?? (await addVersion(db, view, streamId, PAY, sql))
  const id = await askForRelease(db, viewId, version, request)
  await house.engine.ask('POST', '/wake')
  return { id, viewId, version }
}
async function inState(id: number, ...wanted: string[]) {
  return until(`release ${id} is ${wanted.join(' or ')}`, async () => {
    const release = await releaseRow(id)
    if (release.state === 'FAILED') throw new Error(release.failure ?? 'failed')
    return wanted.includes(release.state) && release
  })
}
const act = (releaseId: number, action: string) =>
  db.releaseFact.create({ data: { releaseId, generation: 1, at: new Date(), kind: 'action', payload: { action, by: 'test' } } })

/** Kills the engine at every failpoint that it comes to, until `isOver`, which may take what a person would do. */
async function throughDeaths(points: readonly Failpoint[], isOver: () => Promise<boolean>): Promise<void> {
  const set = await setFailpoints(db, house.dataDir, points)
  await house.engine.ask('POST', '/wake')
  for (;;) {
    const met = await until('another failpoint or the end', async () => set.met() ?? ((await isOver()) ? 'over' : null))
    if (met === 'over') break
    await house.killEngine(() => set.lift(met))
    await send(CARDS, 24)
  }
  expect(set.standing).toEqual([])
}

const jobOf = async (view: string) => {
  const { authority } = await db.view.findUniqueOrThrow({ where: { name: view }, include: { authority: true } })
  return { jobId: authority?.jobId ?? -1, version: authority?.version ?? -1 }
}
const applied = (jobId: number) =>
  until(`job ${jobId} has applied ${sent} events`, async () => {
    const job = await db.job.findUniqueOrThrow({ where: { id: jobId } })
    const metrics = job.metrics as { catchingUp: boolean; partitions: { position: number }[] } | null
    return job.observed === 'RUNNING' && metrics?.partitions[0]?.position === sent && !metrics.catchingUp
  })

async function storesOf(view: string) {
  const at = await jobOf(view)
  const reader = openHistoryReader({ dataDir: house.dataDir, view })!
  const { items, total } = reader.list({ version: at.version, limit: 1_000_000 })
  reader.close()
  const browser = openOnlineBrowser({ dataDir: house.dataDir, view, ...at })!
  // When time alone last wrote a row (the version's third part) is another moment for a job that came later; what it wrote is the same.
  const online = browser.list({ limit: 1000 }).items.map(({ epoch: _, version, ...row }) => ({ ...row, asOf: version[0], n: version[1] }))
  await browser.close()
  const history = items.map(({ offset, key, eventTimeMs, values }) => ({ offset, key, eventTimeMs, values }))
  return { total, online, history: history.toSorted((a, b) => a.offset - b.offset) }
}

/** Another view with this version from the beginning: its stores are what the released one's must be. */
async function expectGolden(sql: string): Promise<void> {
  const golden = await asked('golden', sql)
  await inState(golden.id, 'DONE')
  for (const view of ['spend', 'golden']) await applied((await jobOf(view)).jobId)
  expect(await house.engine.end()).toBe(0)
  const [found, expected] = [await storesOf('spend'), await storesOf('golden')]
  expect(expected.history.map(({ offset }) => offset)).toEqual(Array.from({ length: sent }, (_, i) => i))
  expect(found.history).toEqual(expected.history)
  expect(found.total).toBe(sent)
  expect(expected.online.length).toBe(CARDS.length + QUIET.length)
  expect(found.online).toEqual(expected.online)
}

async function restartFromSavepoint(points: readonly Failpoint[]): Promise<void> {
  const { jobId, version } = await jobOf('spend')
  const { viewId } = await db.job.findUniqueOrThrow({ where: { id: jobId } })
  const savepoint = await db.savepoint.create({ data: { jobId, viewId, version, name: 's', status: 'IN_PROGRESS', createdBy: 'test' } })
  await house.engine.ask('POST', `/jobs/${jobId}/savepoint`, { savepointId: savepoint.id })
  await until(
    'the savepoint is there',
    async () => (await db.savepoint.findUniqueOrThrow({ where: { id: savepoint.id } })).status === 'COMPLETED',
  )
  await send(CARDS, 100)
  await applied(jobId)
  await db.job.update({ where: { id: jobId }, data: { generation: { increment: 1 }, startFrom: { savepointId: savepoint.id } } })
  await throughDeaths(points, async () => {
    const job = await db.job.findUniqueOrThrow({ where: { id: jobId } })
    const own = await db.checkpoint.count({ where: { jobId, status: 'COMPLETED', run: job.run } })
    return job.observed === 'RUNNING' && job.observedGeneration === job.generation && own > 0
  })
  const runs = await db.jobRun.findMany({ where: { jobId, restoredSavepointId: savepoint.id } })
  expect(runs.length).toBeGreaterThan(0)
}

test.each(Object.keys(SCENARIOS))(
  'semantics 21: %s, killed at the writing of its rows, ends with the stores of a golden run',
  {
    timeout: 600_000,
  },
  async (name) => {
    const { points: kind, from, to, request, kind: kindInTheEnd } = SCENARIOS[name]!
    const all: readonly Failpoint[] = failpoints[kind]
    const random = new Random(seed + Object.keys(SCENARIOS).indexOf(name))
    const points = env.CRASH_ALL ? all : random.shuffled(all).slice(0, FAILPOINTS_OF_A_RUN)
    console.log(`CRASH_SEED=${seed}: ${name}, killed at: ${points.map((point) => point.name).join(', ')}`)
    try {
      await send(QUIET, 10)
      await send(CARDS, 1500)
      if (from) await inState((await asked('spend', from)).id, 'DONE')
      if (kind === 'restart') await restartFromSavepoint(points)
      else if (kind === 'rollback') {
        const { id } = await asked('spend', to)
        await inState(id, 'SOAKING')
        await act(id, 'rollback')
        await throughDeaths(points, async () => (await releaseRow(id)).state === 'ROLLED_BACK')
      } else {
        const { id } = await asked('spend', to, request)
        let finishing = false
        await throughDeaths(points, async () => {
          const { state, failure } = await releaseRow(id)
          if (state === 'FAILED') throw new Error(failure ?? 'failed')
          if (state === 'SOAKING' && !finishing) finishing = (await act(id, 'finish')) !== null
          return state === 'DONE'
        })
        expect((await releaseRow(id)).kind).toBe(kindInTheEnd)
      }
      await send(CARDS, 30)
      await expectGolden(kind === 'rollback' ? FEW : to)
    } catch (error) {
      throw new Error(`CRASH_SEED=${seed} (${name}): ${(error as Error).message}`, { cause: error })
    }
  },
)
