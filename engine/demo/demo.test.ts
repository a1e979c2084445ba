import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openTestDatabase, startEngineProcess, until, type EngineProcess } from '../engine-process.fixture.ts'
import { openEmbeddedSource } from '../source/embedded-source.ts'
import { openFlights } from './flights.ts'

let dataDir: string
let engine: EngineProcess | undefined
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'evenflow-demo-'))
})
afterEach(async () => {
  await engine?.kill()
  rmSync(dataDir, { recursive: true, force: true })
})

test('the load of the demo, killed at its beginning and in its middle, goes on without a gap and without a double', {
  timeout: 110_000,
}, async () => {
  const db = await openTestDatabase(dataDir)
  const loadedMoreThan = (count: number): Promise<number> =>
    until(`${count} flights are loaded`, async () => {
      const { demo } = (await (engine as EngineProcess).ask('GET', '/healthz')).json
      if (demo.state === 'failed') throw new Error(demo.message ?? 'failed')
      return demo.loaded > count && demo.loaded
    })
  for (const count of [1, 60_000]) {
    engine = await startEngineProcess(dataDir, { EVENFLOW_DEMO: 'on' })
    await loadedMoreThan(count)
    await engine.kill()
  }
  expect(await db.stream.count()).toBe(1)
  await db.$disconnect()
  const source = openEmbeddedSource({ dataDir, stream: 'flights', partitions: 1 })
  const end = source.partitions()[0]?.end ?? 0
  expect(end).toBeGreaterThan(60_000)
  const flights = await openFlights(
    join(dirname(createRequire(import.meta.url).resolve('vega-datasets')), '..', 'data', 'flights-3m.parquet'),
  )
  source.open({ 0: 0 })
  let n = 0
  for (let batch = source.poll(20_000)[0]; batch; batch = source.poll(20_000)[0]) {
    const expected = await flights.lines(n, batch.count)
    for (let i = 0; i < batch.count; i++) {
      const text = Buffer.from(batch.data.subarray(batch.valueStart[i], batch.valueEnd[i])).toString()
      if (text !== expected[i]) expect(`${n + i}: ${text}`).toBe(`${n + i}: ${expected[i]}`)
    }
    n += batch.count
  }
  expect(n).toBe(end)
  flights.close()
  await source.close()
})
