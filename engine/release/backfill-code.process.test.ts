/** New features in TypeScript that fail on what has long been read: the release ends with their name, and nobody else notices. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { until } from '../engine-process.fixture.ts'
import { compileSource } from '../../features/load/compile-source.ts'
import { CARDS, FEW, ReleaseScene } from './release-scene.fixture.ts'

/** The sum of a card's amounts; `first` stands before it in each call. */
const total = (first: string) =>
  compileSource(
    'total.ts',
    `import { defineFeature, valueState } from './evenflow.ts'
export default defineFeature({
  name: 'total',
  input: { amount: 'int' },
  output: 'int',
  state: { sum: valueState(0) },
  onEvent({ amount }, { state }) {
    ${first}
    state.sum.set(state.sum.get() + amount)
    return state.sum.get()
  },
})`,
  ).feature!
const SQL = FEW.replace(' AS n', ' AS n, total(amount) OVER (PARTITION BY card ORDER BY ts) AS spent')

let scene: ReleaseScene
beforeEach(async () => {
  scene = await ReleaseScene.open()
})
afterEach(() => scene.close())

test.each([
  [
    'never comes back from one event of the past',
    'while (amount === 100) {}',
    /total did not come back within 5 seconds at partition 0, position \d+/,
  ],
  ['throws at every event', "throw new Error('no')", /the feature total was disabled: .*no/],
])(
  'a feature that %s ends its release by name; the running job is untouched, and the mended one is released',
  {
    timeout: 300_000,
  },
  async (_, first, reason) => {
    await scene.inState(await scene.ask(FEW), 'DONE')
    const { jobId } = await scene.serving()
    const before = await scene.job(jobId)
    scene.code = [total(first)]
    const id = await scene.ask(SQL)
    const ended = await until('the release has ended', async () => {
      const release = await scene.release(id)
      return release.endedAt !== null && release
    })
    expect(ended).toMatchObject({ kind: 'new_features', state: 'FAILED', failure: expect.stringMatching(reason) })
    await until('its jobs are gone', async () => {
      const jobs = await scene.db.job.findMany({ where: { releaseId: id } })
      return jobs.every(({ desired, observed }) => desired === 'STOPPED' && ['STOPPED', 'FAILED'].includes(observed))
    })
    await scene.send(CARDS, 20)
    await scene.applied(jobId)
    const { run, pid, restarts } = await scene.job(jobId)
    expect([await scene.serving(), run, pid, restarts]).toEqual([{ jobId, version: 1 }, before.run, before.pid, 0])

    scene.code = [total('')]
    const mended = `${SQL} `
    const next = await scene.ask(mended)
    await scene.inState(next, 'SOAKING')
    await scene.act(next, 'finish')
    await scene.inState(next, 'DONE')
    await scene.expectGolden(mended)
  },
)
