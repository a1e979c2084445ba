import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openHistoryReader } from './history-reader.ts'
import { openHistory } from './history.ts'
import { openHistoryThread } from './history-thread.ts'
import { openOnlineBrowser, openOnlineStore } from './online-store.ts'
import { contractFeatures, historyContract, onlineStoreContract, row } from './sink-contract.ts'

let dataDir: string
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'evenflow-sink-'))
})
afterEach(() => rmSync(dataDir, { recursive: true, force: true }))
let clockMs = 0

const online = (epoch: number) => openOnlineStore({ dataDir, view: 'v', version: 1, jobId: 1, features: contractFeatures, epoch })
onlineStoreContract('LMDB', async (epoch) => online(epoch))

for (const [name, open] of [
  ['SQLite', openHistory],
  ['SQLite in its thread', openHistoryThread],
] as const)
  historyContract(name, () => ({
    open: async (epoch, version, features = contractFeatures, rowMeaning = 'of one key', rows = 'event') =>
      open({ dataDir, view: 'v', version, jobId: version, features, rowMeaning, rows, epoch, now: () => clockMs }),
    rows: async (version) => {
      const reader = openHistoryReader({ dataDir, view: 'v' })
      const page = reader?.list({ version, limit: 1000 }) ?? { features: [], items: [], total: 0 }
      reader?.close()
      return page
    },
  }))

test('the online store is browsed by page and by search while the job writes', async () => {
  expect(openOnlineBrowser({ dataDir, view: 'v', version: 1, jobId: 1 })).toBeUndefined()
  const store = online(1)
  const browser = openOnlineBrowser({ dataDir, view: 'v', version: 1, jobId: 1 })
  if (!browser) throw new Error('no store')
  expect(browser.list({ limit: 10 })).toMatchObject({ items: [], total: 0 })
  await store.write(Array.from({ length: 25 }, (_, i) => row(`K${String(i).padStart(2, '0')}`, i, [i, 1, 0])))
  await store.flush()
  const first = browser.list({ limit: 10 })
  const second = browser.list({ limit: 20, after: first.nextCursor })
  expect(first.items.map((item) => item.key)).toEqual(Array.from({ length: 10 }, (_, i) => `["K${String(i).padStart(2, '0')}"]`))
  expect([second.items.length, second.nextCursor, second.total]).toEqual([15, undefined, 25])
  expect(browser.list({ limit: 10, search: 'k1' })).toMatchObject({ total: 10, nextCursor: undefined })
  expect(browser.features).toEqual(contractFeatures.map((feature) => feature.name))
  await browser.close()
  await store.close()
})

test('the newest row of a key is found at every moment of its way into the store', async () => {
  const store = online(1)
  const committed: (void | Promise<void>)[] = []
  for (let n = 1; n <= 300; n++) {
    await store.write([row('a', n, [n, n, 0])])
    if (n % 3 === 0) committed.push(store.commit(['["a"]']))
    expect(store.get('["a"]')?.version).toEqual([n, n, 0])
    await new Promise((done) => setImmediate(done))
    expect(store.get('["a"]')?.version).toEqual([n, n, 0])
  }
  await Promise.all(committed)
  await store.close()
  const again = online(1)
  expect(again.get('["a"]')?.version).toEqual([300, 300, 0])
  await again.close()
})

test('a history of the older layout, with rows by version, is set aside whole', async () => {
  const path = join(dataDir, 'history', 'v.sqlite')
  mkdirSync(join(dataDir, 'history'))
  const older = new DatabaseSync(path)
  older.exec('CREATE TABLE history (id INTEGER PRIMARY KEY, view_version INTEGER)')
  older.exec('CREATE TABLE versions (view_version INTEGER PRIMARY KEY, features TEXT NOT NULL, row_count INTEGER NOT NULL DEFAULT 0)')
  older.exec('INSERT INTO history (view_version) VALUES (7)')
  older.close()
  const at = {
    dataDir,
    view: 'v',
    version: 1,
    jobId: 1,
    features: contractFeatures,
    rowMeaning: 'of one key',
    rows: 'event' as const,
    epoch: 1,
  }
  for (let time = 0; time < 2; time++) await openHistory({ ...at, now: () => clockMs }).close()
  const aside = new DatabaseSync(join(dataDir, 'history', 'v.by-version.sqlite'), { readOnly: true })
  expect(aside.prepare('SELECT view_version FROM history').get()).toEqual({ view_version: 7 })
  aside.close()
})

test('a history file from before windows is read, and gets their columns when a job opens it', async () => {
  const at = {
    dataDir,
    view: 'v',
    version: 1,
    jobId: 1,
    features: contractFeatures,
    rowMeaning: 'of one key',
    rows: 'event' as const,
    epoch: 1,
  }
  const history = openHistory({ ...at, now: () => clockMs })
  await history.write([row('a', 1, [1, 1, 0])])
  await history.close()
  const db = new DatabaseSync(join(dataDir, 'history', 'v.sqlite'))
  db.exec('ALTER TABLE history DROP COLUMN window_end_ms; ALTER TABLE history DROP COLUMN window_rows')
  db.close()
  const list = () => {
    const reader = openHistoryReader({ dataDir, view: 'v' })
    const page = reader?.list({ version: 1, limit: 9 })
    reader?.close()
    return page
  }
  expect(list()).toMatchObject({ total: 1, items: [{ offset: 1, window: null }] })
  const again = openHistory({ ...at, now: () => clockMs })
  await again.write([row('a', 2, [2, 2, 0])])
  await again.close()
  expect(list()).toMatchObject({ total: 2, items: [{ offset: 2, window: null }, { offset: 1 }] })
})

test('the history is paged newest first, by key too, and pruned by when rows were written', async () => {
  const at = {
    dataDir,
    view: 'v',
    version: 1,
    jobId: 1,
    features: contractFeatures,
    rowMeaning: 'of one key',
    rows: 'event' as const,
    epoch: 1,
  }
  const history = openHistory({ ...at, now: () => clockMs })
  clockMs = 1000
  await history.write(Array.from({ length: 30 }, (_, i) => row(`k${i % 3}`, i, [i, 1, 0])))
  await history.flush()
  clockMs = 2000
  await history.write(Array.from({ length: 10 }, (_, i) => row(`k${i % 3}`, 30 + i, [i, 1, 0])))
  await history.flush()
  const reader = openHistoryReader({ dataDir, view: 'v' })
  if (!reader) throw new Error('no history')
  const seen: number[] = []
  for (let before: string | undefined; ; ) {
    const page = reader.list({ version: 1, limit: 7, before })
    seen.push(...page.items.map((item) => item.offset))
    before = page.nextCursor
    if (before === undefined) break
  }
  expect(seen).toEqual(Array.from({ length: 40 }, (_, i) => 39 - i))
  expect(reader.list({ version: 1, limit: 3, key: '["k1"]' }).items.map((item) => item.offset)).toEqual([37, 34, 31])
  expect(history.prune(1500, 20)).toBe(20)
  expect(history.prune(1500, 20)).toBe(10)
  expect(history.prune(1500, 20)).toBe(0)
  expect(
    reader
      .list({ version: 1, limit: 100 })
      .items.map((item) => item.offset)
      .sort(),
  ).toEqual(Array.from({ length: 10 }, (_, i) => 30 + i))
  expect(reader.list({ version: 1, limit: 1 }).total).toBe(10)
  // All gone, and new rows come: they are not taken for old ones.
  expect(history.prune(2500, 100)).toBe(10)
  clockMs = 3000
  await history.write([row('k', 100, [1, 1, 0])])
  await history.flush()
  expect(history.prune(2500, 100)).toBe(0)
  expect(reader.list({ version: 1, limit: 9 })).toMatchObject({ total: 1, items: [{ offset: 100 }] })
  reader.close()
  await history.close()
})
