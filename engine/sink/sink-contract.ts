/** What every online store and every history must do, whichever the adapter: each adapter's test calls these with its own opener. */
import { expect, test } from 'vitest'
import type { HistoryRows } from './history.ts'
import { Fenced, type ResultRow, type Sink, type StoredOnlineRow, type WindowSpan } from './port.ts'

export const row = (
  key: string,
  offset: number,
  version: readonly [number, number, number],
  values: ResultRow['values'] = [offset, null, true, 'x'],
): ResultRow => ({
  key: JSON.stringify([key]),
  partition: 0,
  offset,
  eventTimeMs: version[0],
  version,
  values,
  validUntilMs: null,
})

export const contractFeatures = [
  { name: 'count_1h', type: 'int', id: 'c1' },
  { name: 'avg_1h', type: 'double', id: 'a1' },
  { name: 'seen', type: 'boolean', id: 's' },
  { name: 'Name "x"', type: 'string', id: 'n' },
]

/** A key that JavaScript would take for something else is one of the map's. */
const COLLECTIONS: ResultRow['values'] = [[1, null, 'ä"', true, 0.25], JSON.parse('{"x":2,"__proto__":1,"10":3}'), [], null]

export interface OnlineUnderTest extends Sink {
  get(key: string): StoredOnlineRow | null | Promise<StoredOnlineRow | null>
}

export function onlineStoreContract(name: string, open: (epoch: number) => Promise<OnlineUnderTest>): void {
  test(`${name}: semantics 19: only a newer version is written, compared as asOf, n, step`, async () => {
    const store = await open(1)
    const versions: [number, number, number][] = [
      [5, 2, 1],
      [4, 9, 9],
      [5, 1, 9],
      [5, 2, 0],
      [5, 2, 2],
      [5, 2, 2],
      [6, 1, 0],
    ]
    const wins: [number, number, number][] = [
      [5, 2, 1],
      [5, 2, 1],
      [5, 2, 1],
      [5, 2, 1],
      [5, 2, 2],
      [5, 2, 2],
      [6, 1, 0],
    ]
    for (let i = 0; i < versions.length; i++) {
      await store.write([row('a', i, versions[i] as [number, number, number])])
      await store.flush()
      expect((await store.get('["a"]'))?.version).toEqual(wins[i])
    }
    await store.close()
  })

  test(`${name}: flushed rows are there after a reopen; values, null and long keys come back as they were`, async () => {
    const long = 'k'.repeat(5000)
    const store = await open(1)
    await store.write([row('a', 1, [1, 1, 0], [3, 0.1, false, '中 " \\']), row(long, 2, [2, 1, 0]), row(`${long}!`, 3, [3, 1, 0])])
    await store.flush()
    await store.close()
    const again = await open(1)
    expect(await again.get('["a"]')).toMatchObject({ version: [1, 1, 0], values: [3, 0.1, false, '中 " \\'] })
    expect((await again.get(JSON.stringify([long])))?.version).toEqual([2, 1, 0])
    expect((await again.get(JSON.stringify([`${long}!`])))?.version).toEqual([3, 1, 0])
    expect(await again.get('["unknown"]')).toBeNull()
    await again.close()
  })

  test(`${name}: a row of a window has its edges, buffered, flushed and after a reopen; one without them has none`, async () => {
    const window = { startMs: -60_000, endMs: 0 }
    const long = 'k'.repeat(5000)
    const store = await open(1)
    await store.write([{ ...row('a', 1, [0, 3, 0]), window }, { ...row(long, 1, [0, 3, 0]), window }, row('b', 2, [1, 1, 0])])
    expect((await store.get('["a"]'))?.window).toEqual(window)
    await store.flush()
    await store.close()
    const again = await open(1)
    expect((await again.get('["a"]'))?.window).toEqual(window)
    expect(await again.get(JSON.stringify([long]))).toMatchObject({ window, version: [0, 3, 0] })
    expect((await again.get('["b"]'))?.window).toBeUndefined()
    await again.close()
  })

  test(`${name}: lists and maps come back as they were`, async () => {
    const store = await open(1)
    await store.write([row('a', 1, [1, 1, 0], COLLECTIONS)])
    await store.flush()
    await store.close()
    const again = await open(1)
    expect((await again.get('["a"]'))?.values).toEqual(COLLECTIONS)
    await again.close()
  })

  test(`${name}: semantics 18, promise 11: a lower epoch is refused`, async () => {
    const zombie = await open(3)
    const current = await open(4)
    await current.write([row('a', 1, [1, 1, 0])])
    await current.flush()
    const refused = (async () => {
      await zombie.write([row('a', 9, [9, 9, 0])])
      await zombie.flush()
    })()
    await expect(refused).rejects.toThrow(Fenced)
    expect((await current.get('["a"]'))?.version).toEqual([1, 1, 0])
    await expect((async () => open(3))()).rejects.toThrow(Fenced)
    await Promise.allSettled([zombie.close(), current.close()])
  })
}

export interface HistoryUnderTest {
  open(epoch: number, version: number, features?: typeof contractFeatures, rowMeaning?: string, rows?: HistoryRows): Promise<Sink>
  rows(version: number): Promise<{
    features: readonly string[]
    items: readonly { key: string; offset: number; window: WindowSpan | null; eventTimeMs: number; values: readonly unknown[] }[]
    total: number
  }>
}

export function historyContract(name: string, make: () => HistoryUnderTest): void {
  test(`${name}: semantics 19: a row written twice stands once and unchanged`, async () => {
    const history = make()
    const sink = await history.open(1, 1)
    const rows = Array.from({ length: 137 }, (_, i) => row(`k${i % 5}`, i, [1000 + i, i, 0]))
    await sink.write(rows)
    await sink.flush()
    await sink.write([
      ...rows.slice(100).map((r) => ({ ...r, values: [0, 0, false, 'other'] })),
      row('new', 137, [5000, 1, 0], [7, 0.25, null, null]),
    ])
    await sink.flush()
    await sink.close()
    const { items, total, features } = await history.rows(1)
    expect(features).toEqual(contractFeatures.map((feature) => feature.name))
    expect(total).toBe(138)
    expect(items[0]).toMatchObject({ key: '["new"]', offset: 137, eventTimeMs: 5000, values: [7, 0.25, null, null] })
    for (const item of items.slice(1)) expect(item.values).toEqual([item.offset, null, true, 'x'])
  })

  test(`${name}: a later version fills in its own features, and leaves what stands`, async () => {
    const history = make()
    const first = await history.open(1, 1)
    await first.write([row('a', 1, [1, 1, 0]), row('a', 2, [2, 2, 0], [null, 0.5, null, 'z'])])
    await first.flush()
    const changed = contractFeatures.map((feature) => (feature.name === 'count_1h' ? { ...feature, type: 'double', id: 'c2' } : feature))
    const second = await history.open(1, 2, [{ name: 'extra', type: 'double', id: 'e' }, ...changed])
    const filled = [row('a', 1, [1, 1, 0], [0.5, 1.5, null, true, 'y']), row('a', 3, [3, 3, 0], [2.5, 3.5, 4.5, false, 'w'])]
    for (let time = 0; time < 2; time++) {
      await second.write(filled)
      await second.flush()
    }
    await first.write([row('a', 3, [3, 3, 0], [9, 4.5, false, 'w']), row('a', 4, [4, 4, 0])])
    await first.flush()
    await Promise.all([first.close(), second.close()])
    const ofFirst = await history.rows(1)
    expect(ofFirst.total).toBe(4)
    expect(ofFirst.items.toReversed().map((item) => item.values)).toEqual([
      [1, null, true, 'x'],
      [null, 0.5, null, 'z'],
      [9, 4.5, false, 'w'],
      [4, null, true, 'x'],
    ])
    expect((await history.rows(2)).items.toReversed().map((item) => item.values)).toEqual([
      [0.5, 1.5, null, true, 'x'],
      [null, null, 0.5, null, 'z'],
      [2.5, 3.5, 4.5, false, 'w'],
      [null, null, null, true, 'x'],
    ])
  })

  const ofWindow = (startMs: number, endMs: number, count: number, values: ResultRow['values']): ResultRow => ({
    ...row('a', 7, [endMs, count, 0], values),
    eventTimeMs: endMs - 1,
    window: { startMs, endMs },
  })

  test(`${name}: semantics 4: one row a key and window, which a correction takes the place of, and nothing older does`, async () => {
    const history = make()
    const sink = await history.open(1, 1, contractFeatures, 'windows', 'window')
    const rows = [
      ofWindow(-10, 0, 1, [1, null, null, 'old']),
      ofWindow(0, 10, 2, [2, 0.5, true, 'x']),
      ofWindow(5, 15, 2, [2, 0.5, true, 'of the same events']),
      ofWindow(-10, 0, 2, [2, 1.5, false, 'corrected']),
    ]
    for (let time = 0; time < 2; time++) {
      await sink.write(rows)
      await sink.flush()
    }
    await sink.write([ofWindow(0, 10, 1, [1, null, null, 'older'])])
    await sink.close()
    const { items, total } = await history.rows(1)
    expect(total).toBe(3)
    expect(items.toReversed().map(({ window, values }) => [window?.startMs, window?.endMs, values[0], values[3]])).toEqual([
      [-10, 0, 2, 'corrected'],
      [0, 10, 2, 'x'],
      [5, 15, 2, 'of the same events'],
    ])
  })

  test(`${name}: a later version fills in its own features of a window, and corrects them`, async () => {
    const history = make()
    const [first, second] = [
      { ...contractFeatures[0]!, id: 'one' },
      { ...contractFeatures[0]!, id: 'two' },
    ]
    const one = await history.open(1, 1, [first], 'windows', 'window')
    const two = await history.open(1, 2, [second], 'windows', 'window')
    await one.write([ofWindow(0, 10, 2, [2])])
    await one.flush()
    await two.write([ofWindow(0, 10, 2, [20])])
    await two.flush()
    await one.write([ofWindow(0, 10, 3, [3])])
    await one.flush()
    await two.write([ofWindow(0, 10, 3, [30])])
    await two.flush()
    await Promise.all([one.close(), two.close()])
    expect((await history.rows(1)).items).toMatchObject([{ values: [3] }])
    expect((await history.rows(2)).items).toMatchObject([{ values: [30] }])
  })

  test(`${name}: a session that has grown takes the place of those it has swallowed`, async () => {
    const history = make()
    const sink = await history.open(1, 1, contractFeatures, 'sessions', 'session')
    const early = [
      ofWindow(0, 10, 1, [1, null, null, 'a']),
      ofWindow(20, 30, 1, [1, null, null, 'b']),
      ofWindow(40, 50, 1, [1, null, null, 'c']),
    ]
    const grown = ofWindow(0, 30, 3, [3, null, null, 'a and b'])
    for (let time = 0; time < 2; time++) {
      await sink.write(early)
      await sink.flush()
      await sink.write([grown, { ...ofWindow(20, 30, 1, [9, null, null, 'of another key']), key: '["b"]' }])
      await sink.flush()
    }
    await sink.close()
    const { items, total } = await history.rows(1)
    expect(total).toBe(3)
    expect(items.map(({ key, window, values }) => `${key} ${window?.startMs}–${window?.endMs} ${values[3]}`).sort()).toEqual([
      '["a"] 0–30 a and b',
      '["a"] 40–50 c',
      '["b"] 20–30 of another key',
    ])
  })

  test(`${name}: lists and maps come back as they were`, async () => {
    const history = make()
    const types = ['string[]', 'map(string,int)', 'int[]', 'decimal(10,2)[]']
    const sink = await history.open(
      1,
      1,
      contractFeatures.map((feature, i) => ({ ...feature, type: types[i]! })),
    )
    await sink.write([row('a', 1, [1, 1, 0], COLLECTIONS)])
    await sink.flush()
    await sink.close()
    expect((await history.rows(1)).items[0]?.values).toEqual(COLLECTIONS)
  })

  test(`${name}: versions whose rows are other rows do not see each other's`, async () => {
    const history = make()
    const first = await history.open(1, 1)
    const second = await history.open(
      1,
      2,
      contractFeatures.map((feature) => ({ ...feature, id: `${feature.id} of another key` })),
      'another key',
    )
    await first.write([row('a', 1, [1, 1, 0])])
    await second.write([row('a', 1, [1, 1, 0], [7, null, null, null]), row('b', 2, [1, 1, 0])])
    for (const sink of [first, second]) {
      await sink.flush()
      await sink.close()
    }
    expect(await history.rows(1)).toMatchObject({ total: 1, items: [{ values: [1, null, true, 'x'] }] })
    expect((await history.rows(2)).total).toBe(2)
  })

  test(`${name}: semantics 18, promise 11: a lower epoch is refused`, async () => {
    const history = make()
    const zombie = await history.open(1, 1)
    const current = await history.open(2, 1)
    await zombie.write([row('a', 1, [1, 1, 0])])
    await expect(zombie.flush()).rejects.toThrow(Fenced)
    await expect((async () => history.open(1, 1))()).rejects.toThrow(Fenced)
    await current.close()
    expect((await history.rows(1)).total).toBe(0)
    await zombie.close().catch(() => undefined)
  })
}
