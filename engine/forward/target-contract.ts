/** What every target of forwarding must do, whichever the adapter: each adapter's test calls this with its own opener. */
import { expect, test } from 'vitest'
import { unionPartition } from '../../definition/union-partitions.ts'
import { Fenced, type ResultRow } from '../sink/port.ts'
import { forwardedRow } from './forwarded-row.ts'
import { type Fence, type ForwardTarget, NOTHING_YET_MS, type Reach } from './port.ts'
import { StagedRows } from './staged-rows.ts'

export interface TargetUnderTest {
  open(): Promise<ForwardTarget>
  /** All rows that a reader of committed ones sees, in order. */
  read(): Promise<Record<string, unknown>[]>
}

const toJson = forwardedRow({ view: 'v', version: 2, keyFields: ['card'], features: ['n', 'shops', 'name'] })

export const resultRow = (offset: number, more: Partial<ResultRow> = {}): ResultRow => ({
  key: JSON.stringify([`k${offset % 3}`]),
  partition: 0,
  offset,
  eventTimeMs: 1000 + offset,
  version: [1000 + offset, offset + 1, 0],
  values: [offset, ['a', null], 'ü"'],
  validUntilMs: null,
  ...more,
})

export function transaction(rows: readonly ResultRow[], upTo: number | Omit<Reach, 'streams'>, fence: Fence = [1, 1], streams = ['pay']) {
  const staged = new StagedRows()
  for (const row of rows) staged.add(row, toJson(row))
  return {
    chunks: staged.take(),
    upTo: { streams, ...(typeof upTo === 'number' ? { positions: { 0: upTo }, beforeMs: null } : upTo) },
    fence,
  }
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => resultRow(from + i))
const offsets = (rows: readonly Record<string, unknown>[]) => rows.map(({ _n }) => Number(_n) - 1)

export function forwardTargetContract(name: string, make: () => TargetUnderTest): void {
  test(`${name}: a row carries its key, features, view, version and epoch`, async () => {
    const under = make()
    const target = await under.open()
    expect(await target.reached()).toBeNull()
    await target.append(transaction([resultRow(4)], 5, [7, 2]))
    expect(await under.read()).toEqual([
      {
        card: 'k1',
        n: 4,
        shops: ['a', null],
        name: 'ü"',
        _view: 'v',
        _view_version: 2,
        _event_time: 1004,
        _as_of: 1004,
        _n: 5,
        _epoch: 7,
      },
    ])
    await target.close()
  })

  test(`${name}: promise 1: a transaction is there whole, once, in order, however often it is appended and by whom`, async () => {
    const under = make()
    const [one, other] = [await under.open(), await under.open()]
    expect(await one.append(transaction(range(0, 2500), 2500))).toEqual({ rows: 2500, skipped: 0 })
    expect(await one.append(transaction(range(0, 2500), 2500))).toEqual({ rows: 0, skipped: 0 })
    // From an older snapshot, cut elsewhere: what lies before is skipped.
    expect(await other.append(transaction(range(1200, 3000), 3000, [1, 2]))).toEqual({ rows: 500, skipped: 1300 })
    await Promise.all([
      other.append(transaction(range(3000, 3100), 3100, [1, 2])),
      other.append(transaction(range(2900, 3200), 3200, [1, 2])),
    ])
    await Promise.all([one.close(), other.close()])
    const again = await under.open()
    expect(await again.reached()).toEqual({ streams: ['pay'], positions: { 0: 3200 }, beforeMs: null })
    expect(offsets(await under.read())).toEqual(Array.from({ length: 3200 }, (_, i) => i))
    await again.close()
  })

  test(`${name}: a reader sees all rows of a transaction or none`, async () => {
    const under = make()
    const target = await under.open()
    let isOver = false
    const reading = (async () => {
      const seen: number[] = []
      while (!isOver) {
        seen.push((await under.read()).length)
        await new Promise(setImmediate)
      }
      return seen
    })()
    for (let i = 0; i < 5; i++) await target.append(transaction(range(i * 3000, (i + 1) * 3000), (i + 1) * 3000))
    isOver = true
    for (const count of await reading) expect(count % 3000).toBe(0)
    await target.close()
  })

  test(`${name}: a transaction without rows moves on how far was forwarded`, async () => {
    const target = await make().open()
    await target.append(transaction([], 10))
    expect(await target.reached()).toEqual({ streams: ['pay'], positions: { 0: 10 }, beforeMs: null })
    expect(await target.append(transaction(range(8, 12), 12))).toEqual({ rows: 2, skipped: 2 })
    await target.close()
  })

  test(`${name}: rows that waited for the watermark are forwarded when it came, by their time and not by their position`, async () => {
    const under = make()
    const target = await under.open()
    await target.append(transaction([], { positions: { 0: 4 }, beforeMs: NOTHING_YET_MS }))
    await target.append(transaction([resultRow(0), resultRow(1)], { positions: { 0: 6 }, beforeMs: 1002 }))
    // Another job says 0 to 5 at once: 0 and 1 had been said, 2 to 5 were still waiting.
    await target.append(transaction(range(0, 6), { positions: { 0: 7 }, beforeMs: 1006 }))
    expect(offsets(await under.read())).toEqual([0, 1, 2, 3, 4, 5])
    await target.close()
  })

  test(`${name}: a window is forwarded at its close, a correction with its late event`, async () => {
    const under = make()
    const target = await under.open()
    const closed = (endMs: number, n: number, late?: ResultRow['late']) =>
      resultRow(n - 1, { window: { startMs: endMs - 10, endMs }, version: [endMs, n, 0], ...(late && { late }) })
    await target.append(transaction([closed(10, 1), closed(20, 2)], { positions: { 0: 5 }, beforeMs: 20 }))
    const late = { partition: 0, offset: 6 }
    await target.append(
      transaction([closed(10, 1), closed(20, 2), closed(20, 3, late), closed(30, 4)], { positions: { 0: 9 }, beforeMs: 30 }),
    )
    await target.append(transaction([closed(20, 3, late), closed(40, 5)], { positions: { 0: 10 }, beforeMs: 40 }))
    expect((await under.read()).map(({ _window_end, _n }) => [_window_end, _n])).toEqual([
      [10, 1],
      [20, 2],
      [20, 3],
      [30, 4],
      [40, 5],
    ])
    await target.close()
  })

  test(`${name}: another version may number its streams otherwise: what was forwarded of a stream stays forwarded`, async () => {
    const under = make()
    const target = await under.open()
    await target.append(transaction(range(0, 4), 4, [1, 1], ['pay']))
    const inBranch = (branch: number, offset: number) => resultRow(offset, { partition: unionPartition(branch, 0) })
    const upTo = { positions: { [unionPartition(0, 0)]: 20, [unionPartition(1, 0)]: 6 }, beforeMs: null }
    // The old stream is the second branch now.
    const rows = [...range(2, 6).map(({ offset }) => inBranch(1, offset)), inBranch(0, 19)]
    expect(await target.append(transaction(rows, upTo, [2, 1], ['refunds', 'pay']))).toEqual({ rows: 3, skipped: 2 })
    expect(offsets(await under.read())).toEqual([0, 1, 2, 3, 4, 5, 19])
    await target.close()
  })

  test(`${name}: semantics 18, promise 11: a lower epoch is refused, of the view's or of the job's`, async () => {
    const under = make()
    const [zombie, current] = [await under.open(), await under.open()]
    await zombie.append(transaction(range(0, 1), 1, [3, 9]))
    await current.take([4, 1])
    for (const fence of [
      [3, 9],
      [4, 0],
    ] as const) {
      await expect(zombie.append(transaction(range(1, 5), 5, fence))).rejects.toThrow(Fenced)
      await expect(zombie.take(fence)).rejects.toThrow(Fenced)
    }
    await current.append(transaction(range(1, 3), 3, [4, 1]))
    expect(offsets(await under.read())).toEqual([0, 1, 2])
    await Promise.all([zombie.close(), current.close()])
  })
}
