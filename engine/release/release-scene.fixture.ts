/** For tests: a view `spend` of a stream in a release house, what is done to it, and the golden run that its stores are held against. */
import { expect } from 'vitest'
import type { ReleaseState } from '../../contract/http-api.ts'
import type { Db } from '../../db/client.ts'
import type { CodeFeature, StreamSchema } from '../../definition/model.ts'
import { addStream, addVersion, askForRelease, until } from '../engine-process.fixture.ts'
import { openHistoryReader } from '../sink/history-reader.ts'
import { openOnlineBrowser } from '../sink/online-store.ts'
import { type HouseDatabase, openReleaseHouse, type ReleaseHouse } from './release-house.fixture.ts'

export const PAY: StreamSchema = {
  name: 'pay',
  fields: [
    { name: 'card', type: 'string' },
    { name: 'amount', type: 'int' },
    { name: 'ts', type: 'timestamp' },
  ],
  eventTime: 'ts',
}
const range = (interval: string) => `(PARTITION BY card ORDER BY ts RANGE BETWEEN INTERVAL ${interval} PRECEDING AND CURRENT ROW)`
export const FEW = `SELECT /*+ READ_CLOCK('event') */ card, COUNT(*) OVER w AS n FROM pay WINDOW w AS ${range("'1' HOUR")}`
export const MORE = `SELECT /*+ READ_CLOCK('event') */ card, COUNT(*) OVER w AS n, SUM(amount) OVER w AS spent, MAX(amount) OVER d AS most
  FROM pay WINDOW w AS ${range("'1' HOUR")}, d AS ${range("'1' DAY")}`
export const CARDS = ['a', 'b', 'c', 'd']
/** have events at the beginning only */
export const QUIET = ['quiet', 'quiet too']
export const BEGAN_MS = Date.UTC(2025, 0, 1)
export const STEP_MS = 60_000

const GOLDEN = 'golden'
const VIEW = 'spend'

export class ReleaseScene {
  readonly house: ReleaseHouse
  readonly db: Db
  sent = 0
  /** features in TypeScript that versions may call */
  code: readonly CodeFeature[] = []
  private readonly streamId: string

  private constructor(house: ReleaseHouse, streamId: string) {
    this.house = house
    this.db = house.db
    this.streamId = streamId
  }

  static async open(database?: HouseDatabase): Promise<ReleaseScene> {
    const house = await openReleaseHouse(database)
    const scene = new ReleaseScene(house, await addStream(house.db, PAY))
    await scene.send(QUIET, 10)
    await scene.send(CARDS, 1500)
    return scene
  }

  close(): Promise<void> {
    return this.house.close()
  }

  /** One event after the other, a minute apart by their own time, of these cards in turn. */
  async send(cards: readonly string[], count: number): Promise<void> {
    const lines = Array.from({ length: count }, () => {
      const at = this.sent++
      return JSON.stringify({ card: cards[at % cards.length], amount: (at * 37) % 101, ts: BEGAN_MS + at * STEP_MS })
    })
    const { json } = await this.house.engine.ask('POST', '/streams/pay/events', lines.join('\n'))
    expect(json).toEqual({ accepted: count, rejected: [] })
  }

  release = (id: number) => this.db.release.findUniqueOrThrow({ where: { id } })

  /** Asks for a release of the version with this definition, which is made where there is none; answers the release's id. */
  async ask(sql: string, request: Record<string, unknown> = {}, view = VIEW): Promise<number> {
    const known = await this.db.viewVersion.findFirst({ where: { view: { name: view }, sql } })
    const { viewId, version } = known ?? (await addVersion(this.db, view, this.streamId, PAY, sql, this.code))
    const id = await askForRelease(this.db, viewId, version, request)
    await this.house.engine.ask('POST', '/wake')
    return id
  }

  /** @throws where the release has failed */
  async state(id: number): Promise<ReleaseState> {
    const { state, failure } = await this.release(id)
    if (state === 'FAILED') throw new Error(failure ?? 'failed')
    return state as ReleaseState
  }

  inState(id: number, wanted: ReleaseState): Promise<unknown> {
    return until(`release ${id} is ${wanted}`, async () => (await this.state(id)) === wanted)
  }

  async act(releaseId: number, action: string): Promise<void> {
    await this.db.releaseFact.create({
      data: { releaseId, generation: 1, at: new Date(), kind: 'action', payload: { action, by: 'test' } },
    })
    await this.house.engine.ask('POST', '/wake')
  }

  /** The authoritative job of the view. */
  async serving(view = VIEW): Promise<{ jobId: number; version: number }> {
    const { authority } = await this.db.view.findUniqueOrThrow({ where: { name: view }, include: { authority: true } })
    return { jobId: authority?.jobId ?? -1, version: authority?.version ?? -1 }
  }

  job = (id: number) => this.db.job.findUniqueOrThrow({ where: { id } })

  applied(jobId: number): Promise<unknown> {
    return until(`job ${jobId} has applied ${this.sent} events`, async () => {
      const { observed, metrics } = await this.job(jobId)
      const now = metrics as { catchingUp: boolean; partitions: { position: number }[] } | null
      return observed === 'RUNNING' && now?.partitions[0]?.position === this.sent && !now.catchingUp
    })
  }

  /** Another view has this version from the beginning: its stores are what those of the released one must be. Ends the engine. */
  async expectGolden(sql: string): Promise<void> {
    await this.inState(await this.ask(sql, {}, GOLDEN), 'DONE')
    for (const view of [VIEW, GOLDEN]) await this.applied((await this.serving(view)).jobId)
    expect(await this.house.engine.end()).toBe(0)
    const [found, expected] = [await this.stores(VIEW), await this.stores(GOLDEN)]
    expect(expected.history.map(({ offset }) => offset)).toEqual(Array.from({ length: this.sent }, (_, i) => i))
    expect(found.history).toEqual(expected.history)
    expect(found.total).toBe(this.sent)
    expect(expected.online.length).toBe(CARDS.length + QUIET.length)
    expect(found.online).toEqual(expected.online)
  }

  private async stores(view: string) {
    const at = await this.serving(view)
    const { dataDir } = this.house
    const reader = openHistoryReader({ dataDir, view })!
    const { items, total } = reader.list({ version: at.version, limit: 1_000_000 })
    reader.close()
    const browser = openOnlineBrowser({ dataDir, view, ...at })!
    // When time alone last wrote a row (the version's third part) is another moment for a job that came later; what it wrote is the same.
    const online = browser.list({ limit: 1000 }).items.map(({ epoch: _, version, ...row }) => ({ ...row, asOf: version[0], n: version[1] }))
    await browser.close()
    const history = items.map(({ offset, key, eventTimeMs, values }) => ({ offset, key, eventTimeMs, values }))
    return { total, online, history: history.toSorted((a, b) => a.offset - b.offset) }
  }

  /** What stands in the database of jobs and releases, for the message of a test that fails. */
  async told(): Promise<string> {
    const jobs = await this.db.job.findMany({
      select: { id: true, version: true, desired: true, observed: true, observedReason: true, restarts: true },
    })
    const releases = await this.db.release.findMany({ select: { id: true, kind: true, state: true, failure: true } })
    return [...jobs, ...releases].map((row) => JSON.stringify(row)).join('\n')
  }
}
