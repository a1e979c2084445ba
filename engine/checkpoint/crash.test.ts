import { beforeAll, describe, expect, test } from 'vitest'
import type { ViewDefinition } from '../../definition/model.ts'
import { loadParser, parseViewSync } from '../../definition/parse-sql.ts'
import { PAY } from '../../definition/testing/streams.ts'
import type { TestEvent } from '../task/run-view.fixture.ts'
import { MANIFEST_NAME, SnapshotError } from './manifest.ts'
import { MemoryFs } from './memory-fs.fixture.ts'
import { checkFit, restoreFiles } from './restore.ts'
import { listCheckpoints } from './retention.ts'
import { readSnapshot } from './snapshot-files.ts'
import { CrashableStores, SimulatedJob } from './simulated-job.fixture.ts'

let definition: ViewDefinition
beforeAll(async () => {
  await loadParser()
  const window = (name: string, frame: string) => `${name} AS (PARTITION BY card ORDER BY ts RANGE BETWEEN ${frame} AND CURRENT ROW)`
  definition = parseViewSync(
    `SELECT card, COUNT(*) OVER w AS n, SUM(amount) OVER life AS total, COUNT(DISTINCT shop) OVER life AS shops, LAST(amount) FILTER (WHERE amount > 3) OVER w AS big, shop AS shop_now, total / n AS mean
     FROM pay WINDOW ${window('w', "INTERVAL '4' SECOND PRECEDING")}, ${window('life', 'UNBOUNDED PRECEDING')}`,
    [PAY],
  ).checked!.definition
})

/** Late ones, too late ones, ties and garbage among them; seeded, so that every run sees the same. */
const events: TestEvent[] = Array.from({ length: 40 }, (_, i) => {
  if (i % 11 === 7) return { value: `garbage ${i}` }
  const back = i % 7 === 3 ? 2500 : i % 13 === 12 ? 9000 : 0
  return {
    value: {
      card: `c${(i * i) % 5}`,
      amount: i % 6 === 0 ? null : i / 4,
      shop: `s${i % 3}`,
      ts: 1_000_000 + Math.floor(i / 2) * 900 - back,
    },
  }
})

async function golden(order: 'arrival' | 'event_time') {
  const stores = new CrashableStores()
  const job = new SimulatedJob({ fs: new MemoryFs(), stores, definition, events, order, run: 1 })
  await job.open()
  await job.finish()
  return {
    contents: stores.contents(),
    counts: job.test.source.counts,
    deadLetters: job.test.source.deadLetters,
    late: job.test.source.late,
  }
}

for (const order of ['arrival', 'event_time'] as const) {
  describe(`DESIGN §5.1, ${order}: a run that crashes at any point ends as one without faults`, () => {
    test('semantics 14, 24: crash at every file operation, the first interval among them: every run gives the golden stores, counts and dead letters', async () => {
      const expected = await golden(order)
      const counting = new MemoryFs()
      const first = new SimulatedJob({ fs: counting, stores: new CrashableStores(), definition, events, order, run: 1 })
      await first.open()
      await first.finish()
      expect(counting.operations).toBeGreaterThan(100)
      expect(first.reports.filter(({ status }) => status === 'COMPLETED').length).toBeGreaterThan(8)

      for (let crashAt = 1; crashAt <= counting.operations; crashAt++) {
        const fs = new MemoryFs()
        fs.crashAt = crashAt
        fs.tornShare = (crashAt % 3) / 2
        const stores = new CrashableStores()
        const crashing = new SimulatedJob({ fs, stores, definition, events, order, run: 1 })
        await crashing.open()
        for (let at = 1; at <= events.length && !fs.crashed; at++) await crashing.work(at)
        expect(fs.crashed).toBe(true)
        const completed = crashing.reports.filter(({ status }) => status === 'COMPLETED').at(-1)
        stores.crash()
        fs.restart()
        const resumed = new SimulatedJob({ fs, stores, definition, events, order, run: 2 })
        const from = await resumed.open()
        // Semantics 14: what was reported complete is there, newest first.
        if (completed) expect(from! >= completed.path!, `crash at ${crashAt}: restored ${from}, completed ${completed.path}`).toBe(true)
        await resumed.finish()
        expect(stores.contents(), `crash at operation ${crashAt}`).toEqual(expected.contents)
        expect(resumed.test.source.counts, `crash at operation ${crashAt}`).toEqual(expected.counts)
        expect(resumed.test.source.late).toEqual(expected.late)
      }
    })
  })
}

describe('semantics 9: key groups', () => {
  test('snapshot at parallelism 1, restored at 2, 3, 1: equal', async () => {
    const expected = await golden('event_time')
    const fs = new MemoryFs()
    const stores = new CrashableStores()
    let run = 0
    for (const [parallelism, until] of [
      [1, 10],
      [2, 20],
      [3, 30],
      [1, 40],
    ] as const) {
      const job = new SimulatedJob({ fs, stores, definition, events, order: 'event_time', run: ++run, parallelism })
      await job.open()
      await job.work(until)
      job.coordinator.request({ kind: 'checkpoint', path: null, requestId: null })
      await job.checkpointIfDue()
      if (until === 40) await job.finish()
    }
    expect(stores.contents()).toEqual(expected.contents)
  })
})

describe('semantics 14: files', () => {
  async function withCheckpoints() {
    const fs = new MemoryFs()
    const job = new SimulatedJob({ fs, stores: new CrashableStores(), definition, events, order: 'event_time', run: 1, parallelism: 2 })
    await job.open()
    await job.work(25)
    return fs
  }
  const reopen = (fs: MemoryFs) =>
    new SimulatedJob({ fs, stores: new CrashableStores(), definition, events, order: 'event_time', run: 2, parallelism: 2 }).open()
  const newestFiles = async (fs: MemoryFs) => {
    const [newest] = await listCheckpoints(fs, '/data/job-1')
    return fs.files().filter((file) => file.startsWith(newest!.path))
  }

  test('truncate and flip bits in every file: a clear error that names it, never wrong state', async () => {
    const files = await newestFiles(await withCheckpoints())
    expect(files.map((file) => file.split('/').at(-1)).sort()).toEqual(['keyed-0.bin', 'keyed-1.bin', 'manifest.json', 'source-0.json'])
    for (const file of files) {
      const length = (await (await withCheckpoints()).readFile(file)).length
      const places = [...new Set([0, 1, 5, 17, Math.floor(length / 3), Math.floor(length / 2), length - 2, length - 1])].filter(
        (at) => at >= 0 && at < length,
      )
      for (const at of places) {
        for (const change of [
          (bytes: Uint8Array) => bytes.slice(0, at),
          (bytes: Uint8Array) => bytes.map((byte, i) => (i === at ? byte ^ (1 << (at % 8)) : byte)),
        ]) {
          const fs = await withCheckpoints()
          fs.damage(file, change)
          await expect(reopen(fs), `${file} at ${at}`).rejects.toThrow(file)
          await expect(reopen(fs)).rejects.toBeInstanceOf(SnapshotError)
        }
      }
    }
  })

  test('a file that is gone is named; a directory without a manifest is no checkpoint', async () => {
    const fs = await withCheckpoints()
    const before = (await listCheckpoints(fs, '/data/job-1'))[0]!.path
    const keyed = `${before}/keyed-0.bin`
    await fs.remove(keyed)
    await expect(reopen(fs)).rejects.toThrow(keyed)
    await fs.remove(`${before}/${MANIFEST_NAME}`)
    expect(await reopen(fs)).not.toBe(before)
  })

  test('directories that a killed process made and did not come to syncing are durable with the next checkpoint', async () => {
    const fs = new MemoryFs()
    await fs.makeDirectory('/data')
    await fs.syncDirectory('/')
    await fs.makeDirectory('/data/job-1/run-1/checkpoint-1') // and here it was killed
    const job = new SimulatedJob({ fs, stores: new CrashableStores(), definition, events, order: 'event_time', run: 2 })
    await job.open()
    await job.work(25)
    const completed = job.reports.filter(({ status }) => status === 'COMPLETED').at(-1)
    fs.restart() // the power goes
    expect(await reopen(fs)).toBe(completed!.path)
  })

  test('semantics 12: state in a form that this build does not know is refused, with the file and the choices', async () => {
    const fs = await withCheckpoints()
    const [newest] = await listCheckpoints(fs, '/data/job-1')
    const { files } = await readSnapshot(fs, newest!.path)
    const keyed = Buffer.from(files.get('keyed-0.bin')!)
    keyed.fill('?', 4 + keyed.readUInt32LE(0)) // behind the header: the groups
    const job = new SimulatedJob({ fs, stores: new CrashableStores(), definition, events, order: 'event_time', run: 2 })
    expect(() => restoreFiles(new Map([...files, ['keyed-0.bin', keyed]]), newest!.path, job.test.operators)).toThrow(
      /keyed-0\.bin cannot be read by this build: .* Start the job from another checkpoint or savepoint, from nothing, or with the build/,
    )
  })

  test('semantics 11: foreign features are named, with the file and the choices', async () => {
    const fs = await withCheckpoints()
    const [newest] = await listCheckpoints(fs, '/data/job-1')
    const wanted = { view: 'v', stateShape: 'another', features: [{ name: 'n', id: 'feature 1' }] }
    const manifest = await readSnapshot(fs, newest!.path)
    const features = [
      { name: 'n', id: 'feature 1' },
      { name: 'old', id: 'feature 2' },
      { name: 'older', id: 'feature 3' },
    ]
    expect(() => checkFit({ ...manifest.manifest, features }, wanted, newest!.path)).toThrow(
      `${newest!.path}/manifest.json cannot start this job: its features old, older are not those of this version. Nothing was restored. Start the job from a snapshot of its own definition`,
    )
  })

  test('semantics 11: a snapshot of another view, or of state of another shape, is refused before anything is restored', async () => {
    const fs = await withCheckpoints()
    const other = structuredClone(definition)
    other.windows[0]!.start = { kind: 'preceding', interval: { months: 0, days: 0, ms: 5000 } }
    await expect(
      new SimulatedJob({ fs, stores: new CrashableStores(), definition: other, events, order: 'event_time', run: 2 }).open(),
    ).rejects.toThrow(/cannot start this job: its features, windows, key, order or field types/)
  })
})
