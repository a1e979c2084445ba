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
import { parseView } from '../../definition/parse-sql.ts'
import { addStream, addVersion, askForRelease, until } from '../engine-process.fixture.ts'

const PAY: StreamSchema = {
  name: 'pay',
  fields: [
    { name: 'card', type: 'string' },
    { name: 'ts', type: 'timestamp' },
  ],
  eventTime: 'ts',
}
const sql = (features: string) =>
  `SELECT /*+ READ_CLOCK('event') */ card, ${features} FROM pay WINDOW w AS (PARTITION BY card ORDER BY ts RANGE BETWEEN INTERVAL '30' DAY PRECEDING AND CURRENT ROW)`
const VERSIONS = [sql('COUNT(*) OVER w AS n'), sql('COUNT(*) OVER w AS n, LAST(ts) OVER w AS newest'), sql('LAST(ts) OVER w AS newest')]
/** a thousand keys; all but the first sixty have one event and no more */
const CARDS = Array.from({ length: 1000 }, (_, i) => `c${i}`)
const BUSY = CARDS.slice(0, 60)
const BEGAN_MS = Date.UTC(2025, 0, 1)

interface Stage {
  readonly what: string
  readonly version: number
  readonly request?: Record<string, unknown>
  readonly end: 'finish' | 'rollback'
  readonly kind: string
}
const STAGES: readonly Stage[] = [
  { what: 'new features, rolled back', version: 2, end: 'rollback', kind: 'new_features' },
  { what: 'new features', version: 2, end: 'finish', kind: 'new_features' },
  { what: 'two threads', version: 2, request: { parallelism: 2 }, end: 'finish', kind: 'rescale' },
  { what: 'one thread again', version: 2, request: { parallelism: 1 }, end: 'finish', kind: 'rescale' },
  { what: 'a feature removed', version: 3, request: { allowDroppedState: true }, end: 'finish', kind: 'new_features' },
  { what: 'the stream read again', version: 2, request: { historyEventTimeMs: BEGAN_MS }, end: 'finish', kind: 'change' },
]

let house: ReleaseHouse
let db: Db
let viewId: string
let offset: number
/** events sent by card, and the instant of the newest */
let sent: Map<string, { n: number; newestMs: number }>
beforeEach(async () => {
  house = await openReleaseHouse()
  db = house.db
  const streamId = await addStream(db, PAY)
  for (const one of VERSIONS) ({ viewId } = await addVersion(db, 'spend', streamId, PAY, one))
  offset = 0
  sent = new Map()
})
afterEach(() => house.close())

async function send(cards: readonly string[]): Promise<void> {
  const lines = cards.map((card) => {
    const newestMs = BEGAN_MS + offset++ * 1000
    sent.set(card, { n: (sent.get(card)?.n ?? 0) + 1, newestMs })
    return JSON.stringify({ card, ts: newestMs })
  })
  expect((await house.engine.ask('POST', '/streams/pay/events', lines.join('\n'))).json).toMatchObject({ rejected: [] })
}

async function read(): Promise<FeaturesAnswer> {
  const { status, json } = await house.engine.ask('POST', '/features', { view: 'spend', keys: CARDS.map((card) => ({ card })) })
  expect([status, json.error]).toEqual([200, undefined])
  return FeaturesAnswer.parse(json)
}

/** Reads all keys without pause, and sends events, until it is paused or stopped. @throws at an error, or at a step back */
class Traffic {
  readonly servedBy = new Set<number>()
  reads = 0
  private readonly seen = new Map<string, readonly number[]>()
  private isOpen = true
  private isSending = true
  private sending: Promise<void> = Promise.resolve()
  readonly goingOn = Promise.all([this.readOn(), this.sendOn()])

  constructor() {
    this.goingOn.catch(() => undefined)
  }

  private async readOn(): Promise<void> {
    while (this.isOpen) {
      const { rows, jobId, version: viewVersion } = await read()
      this.reads++
      this.servedBy.add(jobId)
      for (const { key, version } of rows) {
        const [card, [asOf, n]] = [String(key.card), version!]
        const [asOfBefore, nBefore] = this.seen.get(card) ?? [0, 0]
        if (asOf! < asOfBefore! || n! < nBefore!)
          throw new Error(`a step back of ${card}: ${asOf}, ${n} after ${asOfBefore}, ${nBefore}; job ${jobId}, version ${viewVersion}`)
        this.seen.set(card, [asOf!, n!])
      }
    }
  }

  private async sendOn(): Promise<void> {
    for (let turn = 0; this.isOpen; turn++) {
      if (this.isSending) await (this.sending = send(BUSY.filter((_, i) => i % 4 === turn % 4)))
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }

  /** Nothing more is sent while `body` looks; it is read on. */
  async still(body: () => Promise<void>): Promise<void> {
    this.isSending = false
    await this.sending
    await Promise.race([body(), this.goingOn])
    this.isSending = true
  }

  async stop(): Promise<void> {
    this.isOpen = false
    await this.goingOn
  }
}

async function inState(id: number, wanted: ReleaseState): Promise<void> {
  let last: { state: string; failure: string | null } | undefined
  try {
    await until(`release ${id} is ${wanted}`, async () => {
      last = await db.release.findUniqueOrThrow({ where: { id } })
      if (last.state === 'FAILED') throw new Error(last.failure ?? 'failed')
      return last.state === wanted
    })
  } catch (error) {
    const jobs = await db.job.findMany({ select: { id: true, desired: true, observed: true, observedReason: true } })
    throw new Error(`${(error as Error).message}; it is ${last?.state}; ${JSON.stringify(jobs)}`)
  }
}

async function release(version: number, request: Record<string, unknown> = {}): Promise<number> {
  const id = await askForRelease(db, viewId, version, request)
  await house.engine.ask('POST', '/wake')
  return id
}

const act = (releaseId: number, action: string) =>
  db.releaseFact.create({ data: { releaseId, generation: 1, at: new Date(), kind: 'action', payload: { action, by: 'test' } } })

/** What a job that had always had the version would show of all that was sent, for every key. */
async function expectGolden(jobId: number, version: number): Promise<void> {
  const { features } = (await parseView(VERSIONS[version - 1]!, [PAY])).checked!.definition
  const expected = CARDS.map((card) => {
    const { n, newestMs } = sent.get(card)!
    const values: Record<string, unknown> = { n, newest: newestMs }
    return [card, Object.fromEntries(features.map(({ name }) => [name, values[name]]))]
  })
  const answer = await until(`job ${jobId} shows all that was sent`, async () => {
    const now = await read()
    return now.jobId === jobId && now.rows.every(({ key, version: has }) => has![1] === sent.get(String(key.card))!.n) && now
  })
  expect(answer.version).toBe(version)
  expect(answer.rows.map(({ key, features: found }) => [key.card, found])).toEqual(expected)
}

async function pass({ what, version, request, end, kind }: Stage, traffic: Traffic): Promise<void> {
  const id = await release(version, request)
  await Promise.race([inState(id, 'SOAKING'), traffic.goingOn])
  const { job1Id, job2Id, fromVersion, kind: found } = await db.release.findUniqueOrThrow({ where: { id } })
  expect([what, found]).toEqual([what, kind])
  await traffic.still(() => expectGolden(job2Id!, version))
  await act(id, end)
  await Promise.race([inState(id, end === 'finish' ? 'DONE' : 'ROLLED_BACK'), traffic.goingOn])
  const [jobId, serving] = end === 'finish' ? [job2Id!, version] : [job1Id!, fromVersion!]
  await traffic.still(() => expectGolden(jobId, serving))
  if (kind === 'rescale') await expectThreads(jobId, Number(request?.parallelism))
}

async function expectThreads(jobId: number, parallelism: number): Promise<void> {
  expect((await db.job.findUniqueOrThrow({ where: { id: jobId } })).parallelism).toBe(parallelism)
  const { subtasks } = await until('the job has a checkpoint', () =>
    db.checkpoint.findFirst({
      where: { jobId, status: 'COMPLETED' },
      select: { subtasks: { where: { operator: 'keyed' }, select: { subtask: true, fullBytes: true } } },
    }),
  )
  expect(subtasks.map(({ subtask }) => subtask).toSorted()).toEqual(Array.from({ length: parallelism }, (_, i) => i))
  expect(subtasks.every(({ fullBytes }) => fullBytes > 0n)).toBe(true)
}

/** The running job begins again from a savepoint that it has long passed. */
async function restartFromSavepoint(jobId: number, version: number, traffic: Traffic): Promise<void> {
  const savepoint = await db.savepoint.create({ data: { jobId, viewId, version, name: 's', status: 'IN_PROGRESS', createdBy: 'test' } })
  await house.engine.ask('POST', `/jobs/${jobId}/savepoint`, { savepointId: savepoint.id })
  const isThere = async () => (await db.savepoint.findUniqueOrThrow({ where: { id: savepoint.id } })).status === 'COMPLETED'
  await until('the savepoint is there', isThere)
  const { run } = await db.job.update({
    where: { id: jobId },
    data: { generation: { increment: 1 }, startFrom: { savepointId: savepoint.id } },
  })
  await house.engine.ask('POST', '/wake')
  const begun = await until('the job runs again', () =>
    db.jobRun.findFirst({ where: { jobId, run: { gt: run }, runningAt: { not: null } } }),
  )
  expect(begun.restoredSavepointId).toBe(savepoint.id)
  await traffic.still(() => expectGolden(jobId, version))
}

test('releases of every kind, a roll back and a restart from a savepoint under a reader of 1,000 keys: no error, no step back, the values of a golden run, no hole in the history', {
  timeout: 600_000,
}, async () => {
  await send(CARDS)
  await inState(await release(1), 'DONE')
  const traffic = new Traffic()
  for (const stage of STAGES) await pass(stage, traffic)
  const { jobId, version } = await db.authority.findUniqueOrThrow({ where: { viewId } })
  await restartFromSavepoint(jobId!, version, traffic)
  await traffic.stop()
  expect(traffic.reads).toBeGreaterThan(20)
  expect(traffic.servedBy.size).toBe(STAGES.length + 1)
  await expectGolden(jobId!, version)

  // Every event of every card stands once, with the feature that came later filled in for those before it.
  const rows = await until('the history has all', async () => {
    const history = openHistoryReader({ dataDir: house.dataDir, view: 'spend' })!
    const { items, total } = history.list({ version, limit: 1_000_000 })
    history.close()
    return total === offset && items
  })
  expect(new Set(rows.map((row) => row.offset)).size).toBe(offset)
  for (const [key, ofCard] of Map.groupBy(rows, (row) => row.key)) {
    const inOrder = ofCard.toSorted((a, b) => a.offset - b.offset)
    expect([key, inOrder.map(({ values }) => values)]).toEqual([key, inOrder.map(({ eventTimeMs }, i) => [i + 1, eventTimeMs])])
  }

  // Quiet keys are in the new job's own store too: it answers while the job is down.
  await db.job.update({ where: { id: jobId! }, data: { desired: 'STOPPED' } })
  await house.engine.ask('POST', '/wake')
  await until('the job has stopped', async () => (await db.job.findUniqueOrThrow({ where: { id: jobId! } })).observed === 'STOPPED')
  await expectGolden(jobId!, version)
})
