/** What a person decides about a release, on real processes: where it begins, who approves it, and when it may cut over. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { until } from '../engine-process.fixture.ts'
import { CARDS, FEW, ReleaseScene } from './release-scene.fixture.ts'

let scene: ReleaseScene
beforeEach(async () => {
  scene = await ReleaseScene.open()
})
afterEach(() => scene.close())

async function savepointOf(jobId: number): Promise<{ id: number; path: string }> {
  const { viewId, version } = await scene.job(jobId)
  const { id } = await scene.db.savepoint.create({
    data: { jobId, viewId, version, name: 'chosen', status: 'IN_PROGRESS', createdBy: 'test' },
  })
  expect((await scene.house.engine.ask('POST', `/jobs/${jobId}/savepoint`, { savepointId: id })).status).toBe(202)
  return until('the savepoint is complete', async () => {
    const row = await scene.db.savepoint.findUniqueOrThrow({ where: { id } })
    return row.status === 'COMPLETED' && { id, path: resolve(scene.house.dataDir, row.path!) }
  })
}

const waits = async (releaseId: number): Promise<unknown[]> => {
  const facts = await scene.db.releaseFact.findMany({ where: { releaseId, kind: 'cutover_waits' }, orderBy: { id: 'asc' } })
  return facts.map(({ payload }) => (payload as { why: { code: string } }).why.code)
}

/** A minute of the day, UTC, half a day from now. */
function anotherHour(): string {
  const hour = String((new Date().getUTCHours() + 12) % 24).padStart(2, '0')
  return `${hour}:00-${hour}:01 UTC`
}

test('from a savepoint, with a second person, within the hours: it waits for each and says so, and the stores are those of a golden run', {
  timeout: 120_000,
}, async () => {
  await scene.inState(await scene.ask(FEW), 'DONE')
  const { jobId: job1 } = await scene.serving()
  await scene.applied(job1)
  const savepoint = await savepointOf(job1)
  await scene.send(CARDS, 300)

  const hours = { key: 'cutoverHours', scope: 'system' }
  await scene.db.parameter.create({ data: { ...hours, value: anotherHour(), updatedBy: 'test' } })
  const id = await scene.ask(FEW, { savepointId: savepoint.id, approval: true })
  await scene.inState(id, 'READY')
  await until('it waits for a second person', async () => (await waits(id)).includes('why_approval'))
  await scene.db.releaseFact.create({
    data: { releaseId: id, generation: 1, at: new Date(), kind: 'approved', payload: { by: 'another', byId: '2' } },
  })
  await until('it waits for the hours', async () => (await waits(id)).includes('why_hours'))
  expect([await scene.state(id), await waits(id)]).toEqual(['READY', ['why_approval', 'why_hours']])
  expect((await scene.serving()).jobId).toBe(job1)
  await scene.db.parameter.delete({ where: { key_scope: hours } })
  await scene.inState(id, 'SOAKING')
  await scene.act(id, 'finish')
  await scene.inState(id, 'DONE')
  const { jobId: job2 } = await scene.serving()
  expect(await scene.release(id)).toMatchObject({ kind: 'change', job1Id: job1, job2Id: job2 })
  const run = await scene.db.jobRun.findFirstOrThrow({ where: { jobId: job2 }, orderBy: { id: 'asc' } })
  expect(run).toMatchObject({ restoredKind: 'savepoint', restoredSavepointId: savepoint.id })

  const file = join(savepoint.path, readdirSync(savepoint.path).find((name) => name.startsWith('keyed'))!)
  const bytes = readFileSync(file)
  bytes[bytes.length >> 1]! ^= 1
  writeFileSync(file, bytes)
  const jobs = await scene.db.job.count()
  const damaged = await scene.ask(FEW, { savepointId: savepoint.id })
  await until('the damaged savepoint is refused', async () => (await scene.release(damaged)).state === 'FAILED')
  expect((await scene.release(damaged)).failure).toMatch(/^Savepoint \d+ is damaged: .*checksum.* Choose another savepoint\.$/)
  expect([await scene.db.job.count(), (await scene.serving()).jobId]).toEqual([jobs, job2])

  await scene.expectGolden(FEW)
})
