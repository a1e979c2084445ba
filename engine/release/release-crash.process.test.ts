/**
 * Releases of every kind whose engine is killed, with all its jobs, at the writing of their rows: each goes on from what the database
 * says, and the stores end as those of a job that has always had the version. A run takes some failpoints of each kind, chosen by a seed
 * that it prints: `CRASH_SEED=17` takes the same ones again, `CRASH_ALL=1` takes every one.
 */
import { env } from 'node:process'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { until } from '../engine-process.fixture.ts'
import { Random } from '../simulation/random.fixture.ts'
import { type Failpoint, failpoints, type FailpointsOf, setFailpoints } from './failpoints.fixture.ts'
import { BEGAN_MS, CARDS, FEW, MORE, ReleaseScene, STEP_MS } from './release-scene.fixture.ts'

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
  'a feature removed': { points: 'removal', from: MORE, to: FEW, request: { allowDroppedState: true }, kind: 'new_features' },
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

let scene: ReleaseScene
beforeEach(async () => {
  scene = await ReleaseScene.open()
})
afterEach(() => scene.close())

/** Kills the engine at every failpoint that it comes to from `begin` on until `isOver`, which may take what a person would do. */
async function throughDeaths<T>(points: readonly Failpoint[], begin: () => Promise<T>, isOver: (begun: T) => Promise<boolean>): Promise<T> {
  const { db, house } = scene
  const set = await setFailpoints(db, house.dataDir, points)
  const begun = await begin()
  for (;;) {
    const met = await until('another failpoint or the end', async () => set.met() ?? ((await isOver(begun)) ? 'over' : null))
    if (met === 'over') break
    await house.killEngine(() => set.lift(met))
    await scene.send(CARDS, 24)
  }
  expect(set.standing).toEqual([])
  return begun
}

async function restart(points: readonly Failpoint[]): Promise<void> {
  const { db, house } = scene
  const { jobId, version } = await scene.serving()
  const { viewId } = await scene.job(jobId)
  const { id: savepointId } = await db.savepoint.create({
    data: { jobId, viewId, version, name: 's', status: 'IN_PROGRESS', createdBy: 'test' },
  })
  await house.engine.ask('POST', `/jobs/${jobId}/savepoint`, { savepointId })
  const isThere = async () => (await db.savepoint.findUniqueOrThrow({ where: { id: savepointId } })).status === 'COMPLETED'
  await until('the savepoint is there', isThere)
  await scene.send(CARDS, 100)
  await scene.applied(jobId)
  const begin = () => db.job.update({ where: { id: jobId }, data: { generation: { increment: 1 }, startFrom: { savepointId } } })
  await throughDeaths(points, begin, async () => {
    const job = await scene.job(jobId)
    const own = await db.checkpoint.count({ where: { jobId, status: 'COMPLETED', run: job.run } })
    return job.observed === 'RUNNING' && job.observedGeneration === job.generation && own > 0
  })
  expect(await db.jobRun.count({ where: { jobId, restoredSavepointId: savepointId } })).toBeGreaterThan(0)
}

async function rollBack({ to }: Scenario, points: readonly Failpoint[]): Promise<void> {
  const id = await scene.ask(to)
  await scene.inState(id, 'SOAKING')
  const begin = () => scene.act(id, 'rollback')
  await throughDeaths(points, begin, async () => (await scene.state(id)) === 'ROLLED_BACK')
}

async function release({ to, request, kind }: Scenario, points: readonly Failpoint[]): Promise<void> {
  let isFinishing = false
  const begin = () => scene.ask(to, request)
  const id = await throughDeaths(points, begin, async (asked) => {
    const state = await scene.state(asked)
    if (state === 'SOAKING' && !isFinishing) {
      await scene.act(asked, 'finish')
      isFinishing = true
    }
    return state === 'DONE'
  })
  expect((await scene.release(id)).kind).toBe(kind)
}

test.each(Object.keys(SCENARIOS))(
  'semantics 21: %s, killed at the writing of its rows, ends with the stores of a golden run',
  {
    timeout: 900_000,
  },
  async (name) => {
    const scenario = SCENARIOS[name]!
    const all: readonly Failpoint[] = failpoints[scenario.points]
    const random = new Random(seed + Object.keys(SCENARIOS).indexOf(name))
    const points = env.CRASH_ALL ? all : random.shuffled(all).slice(0, FAILPOINTS_OF_A_RUN)
    const what = `CRASH_SEED=${seed}: ${name}, killed at: ${points.map((point) => point.name).join(', ')}`
    console.log(what)
    try {
      if (scenario.from) await scene.inState(await scene.ask(scenario.from), 'DONE')
      if (scenario.points === 'restart') await restart(points)
      else await (scenario.points === 'rollback' ? rollBack : release)(scenario, points)
      await scene.send(CARDS, 30)
      await scene.expectGolden(scenario.points === 'rollback' ? FEW : scenario.to)
    } catch (error) {
      throw new Error(`${what}\n${await scene.told()}\n${(error as Error).message}`, { cause: error })
    }
  },
)
