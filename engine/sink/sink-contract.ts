/** What every online store and every history must do, whichever the adapter: each adapter's test calls these with its own opener. */
import { expect, test } from 'vitest'
import { Fenced, type ResultRow, type Sink, type StoredOnlineRow } from './port.ts'

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
  open(epoch: number, version: number, features?: typeof contractFeatures, rowMeaning?: string): Promise<Sink>
  rows(version: number): Promise<{
    features: readonly string[]
    items: readonly { key: string; offset: number; eventTimeMs: number; values: readonly unknown[] }[]
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
