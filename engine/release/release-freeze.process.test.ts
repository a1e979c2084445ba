/** A process that is stopped (SIGSTOP) and goes on later (SIGCONT) while another has taken over: nothing it does counts any more. */
import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { FeaturesAnswer } from '../../contract/engine-api.ts'
import { until } from '../engine-process.fixture.ts'
import { commandOf } from '../fence/data-directory.ts'
import { CARDS, FEW, MORE, QUIET, ReleaseScene } from './release-scene.fixture.ts'

const PAST_A_LEASE_MS = 11_000

let scene: ReleaseScene
beforeEach(async () => {
  scene = await ReleaseScene.open()
})
afterEach(() => scene.close())

const pidOf = async (jobId: number) => (await scene.job(jobId)).pid!
const exceptionsOf = async (jobId: number) =>
  (await scene.db.jobException.findMany({ where: { jobId } })).map(({ code, message, count }) => ({ code, message, count }))
/** The process may be gone. */
const goOn = (pid: number) => {
  try {
    process.kill(pid, 'SIGCONT')
  } catch {}
}

/** Reads all cards without pause; `stop` answers how often. @throws at an error or a step back */
function poll() {
  const seen = new Map<string, readonly number[]>()
  let isPolling = true
  let reads = 0
  const polled = (async () => {
    while (isPolling) {
      const keys = [...CARDS, ...QUIET].map((card) => ({ card }))
      const { status, json } = await scene.house.engine.ask('POST', '/features', { view: 'spend', keys })
      expect([status, json.error]).toEqual([200, undefined])
      for (const { key, version } of FeaturesAnswer.parse(json).rows) {
        const [card, now] = [String(key.card), version!.slice(0, 2)]
        const [asOf, n] = seen.get(card) ?? [0, 0]
        if (now[0]! < asOf! || now[1]! < n!) throw new Error(`a step back of ${card}: ${now} after ${asOf},${n}`)
        seen.set(card, now)
      }
      reads++
    }
  })()
  polled.catch(() => undefined)
  return {
    async stop() {
      isPolling = false
      await polled
      return reads
    },
  }
}

test('semantics 18, 21: the old job is stopped over the cutover and goes on after it: readers notice nothing, the stores are those of a golden run', async () => {
  await scene.inState(await scene.ask(FEW), 'DONE')
  const id = await scene.ask(MORE, { mode: 'gated' })
  await scene.inState(id, 'READY')
  const { jobId: job1 } = await scene.serving()
  const frozen = await pidOf(job1)
  const reader = poll()
  await scene.send(CARDS, 40)
  await scene.applied(job1)
  process.kill(frozen, 'SIGSTOP')
  await scene.send(CARDS, 200)
  await scene.act(id, 'cutover')
  await scene.inState(id, 'SOAKING')
  goOn(frozen)
  await scene.send(CARDS, 40)
  expect(await reader.stop()).toBeGreaterThan(0)
  await until('the old job is dealt with', async () => (await scene.job(job1)).observed === 'STOPPED')
  expect(await exceptionsOf(job1)).toEqual([{ code: 'killed', message: 'the process was silent for 10 seconds', count: 1 }])
  await scene.act(id, 'finish')
  await scene.inState(id, 'DONE')
  await scene.expectGolden(MORE)
})

test('semantics 18: kept warm and stopped for longer than its lease, a job ends itself when it goes on, starts again, and takes over in a roll back', async () => {
  await scene.inState(await scene.ask(FEW), 'DONE')
  const id = await scene.ask(MORE)
  await scene.inState(id, 'SOAKING')
  const { job1Id } = await scene.release(id)
  const frozen = await pidOf(job1Id!)
  process.kill(frozen, 'SIGSTOP')
  await scene.send(CARDS, 100)
  await wait(PAST_A_LEASE_MS)
  goOn(frozen)
  const next = await until('it runs again', async () => {
    const { observed, pid } = await scene.job(job1Id!)
    return observed === 'RUNNING' && pid !== frozen && pid
  })
  expect(next).not.toBe(frozen)
  expect(await exceptionsOf(job1Id!)).toEqual([{ code: 'crashed', message: 'the process ended with code 4', count: 1 }])
  await scene.act(id, 'rollback')
  await scene.inState(id, 'ROLLED_BACK')
  await scene.expectGolden(FEW)
})

test('semantics 18: engine and job are killed and stopped at once: the next engine ends what is left before anything new writes', async () => {
  await scene.inState(await scene.ask(FEW), 'DONE')
  const { jobId } = await scene.serving()
  const frozen = await pidOf(jobId)
  process.kill(frozen, 'SIGSTOP')
  await scene.send(CARDS, 100)
  await scene.house.killEngine()
  await until('the job runs again', async () => {
    const { observed, pid } = await scene.job(jobId)
    return observed === 'RUNNING' && pid !== frozen
  })
  expect(commandOf(frozen)).not.toContain('job/main.ts') // gone, or waiting to be buried
  await scene.expectGolden(FEW)
})
