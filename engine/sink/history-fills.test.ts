import fc from 'fast-check'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { BLOCK_ROWS, FillPacker, type FillBlock, StoredFill } from './fill-block.ts'
import { splitBackfill } from './history-backfill.ts'
import { openHistoryReader } from './history-reader.ts'
import { type HistoryRows, type HistoryStore, type HistoryWriterAt, openHistory } from './history.ts'
import { openHistoryThread } from './history-thread.ts'
import type { ResultRow, Value } from './port.ts'
import { PositionSet } from './position-set.ts'

let dataDir: string
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'evenflow-fills-'))
})
afterEach(() => rmSync(dataDir, { recursive: true, force: true }))
let clockMs = 0

const kept = [{ name: 'n', type: 'int', id: 'n' }]
const built = [
  { name: 'mean', type: 'double', id: 'mean' },
  { name: 'seen', type: 'boolean', id: 'seen' },
  { name: 'shop', type: 'string', id: 'shop' },
  { name: 'last', type: 'map(string,int)', id: 'last' },
]
const at = (of: Partial<HistoryWriterAt>): HistoryWriterAt => ({
  dataDir,
  view: 'v',
  version: 1,
  jobId: 1,
  features: kept,
  rowMeaning: 'events of a key',
  rows: 'event' as HistoryRows,
  epoch: 1,
  now: () => clockMs,
  ...of,
})
const row = (partition: number, offset: number, values: Value[]): ResultRow => ({
  key: JSON.stringify([`k${offset % 3}`]),
  partition,
  offset,
  eventTimeMs: offset,
  version: [offset, 1, 0],
  values,
  validUntilMs: null,
})
const valueOf = fc.tuple(
  fc.oneof(fc.constant(null), fc.double({ noNaN: true, noDefaultInfinity: true })),
  fc.oneof(fc.constant(null), fc.boolean()),
  fc.oneof(fc.constant(null), fc.string()),
  fc.oneof(fc.constant(null), fc.constant(JSON.parse('{"x":2,"__proto__":1}'))),
) as fc.Arbitrary<Value[]>

/** As the history thread does it, in this one. */
function backfillInto(history: HistoryStore) {
  const split = splitBackfill(built, { ...history.places!, fill: (block) => history.fill(block) })
  return {
    async write(rows: readonly ResultRow[]) {
      await history.write(split.take(rows))
    },
    async flush() {
      split.flush()
      await history.flush()
    },
  }
}

const list = (version: number, key?: string) => {
  const reader = openHistoryReader({ dataDir, view: 'v' })!
  const page = reader.list({ version, limit: 10_000, key })
  reader.close()
  return page
}

test('semantics 19: whatever stands, however a backfill is torn and repeated, an event has one row with the values of both', async () => {
  const positions = fc.uniqueArray(
    fc.record({ partition: fc.integer({ min: 0, max: 2 }), offset: fc.nat({ max: 200_000 }), stands: fc.boolean(), values: valueOf }),
    {
      selector: ({ partition, offset }) => `${partition}/${offset}`,
      maxLength: 40,
    },
  )
  await fc.assert(
    fc.asyncProperty(positions, fc.nat(), fc.nat(), async (events, torn, again) => {
      rmSync(dataDir, { recursive: true, force: true })
      const first = openHistory(at({}))
      await first.write(events.filter(({ stands }) => stands).map(({ partition, offset }) => row(partition, offset, [offset])))
      await first.close()
      const all = events.map(({ partition, offset, values }) => row(partition, offset, values))
      const cut = events.length === 0 ? 0 : torn % (events.length + 1)
      const restart = cut === 0 ? 0 : again % (cut + 1)
      for (const rows of [all.slice(0, cut), all.slice(restart), all]) {
        const history = openHistory(at({ version: 2, jobId: 2, features: built, isBackfill: true }))
        const backfill = backfillInto(history)
        for (let i = 0; i < rows.length; i += 7) await backfill.write(rows.slice(i, i + 7))
        await backfill.flush()
        await history.close()
      }
      await openHistory(at({ version: 2, jobId: 3, features: [...kept, ...built] })).close()
      const { items, total } = list(2)
      expect(total).toBe(events.length)
      const found = items.map(({ partition, offset, key, values }) => ({ partition, offset, key, values }))
      const wanted = events.map(({ partition, offset, stands, values }) => ({
        partition,
        offset,
        key: row(partition, offset, []).key,
        values: [stands ? offset : null, ...values],
      }))
      const order = (a: { partition: number; offset: number }, b: { partition: number; offset: number }) =>
        a.partition - b.partition || a.offset - b.offset
      expect(found.sort(order)).toEqual(wanted.sort(order))
    }),
    { numRuns: 60 },
  )
})

test('what a row holds itself comes before a block, and the older block before the newer one; by key too', async () => {
  const first = openHistory(at({}))
  await first.write([row(0, 1, [1]), row(0, 2, [2]), row(0, 4, [4])])
  await first.close()
  const owner = openHistory(at({ version: 2, jobId: 3, features: [built[0]!] }))
  await owner.write([row(0, 1, [0.5])])
  await owner.close()
  for (const mean of [1.5, 2.5]) {
    const history = openHistory(at({ version: 2, jobId: 4, features: built, isBackfill: true }))
    history.places!.filled.pages.clear()
    const backfill = backfillInto(history)
    await backfill.write([row(0, 1, [mean, true, 'a', null]), row(0, 2, [null, false, '', null])])
    await backfill.flush()
    await history.close()
  }
  await openHistory(at({ version: 3, jobId: 5, features: [...kept, ...built] })).close()
  expect(list(3).items.map(({ values }) => values)).toEqual([
    [4, null, null, null, null],
    [2, null, false, '', null],
    [1, 0.5, true, 'a', null],
  ])
  expect(list(3, '["k2"]').items.map(({ offset, values }) => [offset, values[2]])).toEqual([[2, false]])
})

test('a backfill in its thread writes blocks for what stands and rows for what does not, and a zombie neither', async () => {
  const rows = BLOCK_ROWS + 500
  const first = openHistory(at({}))
  await first.write(Array.from({ length: rows }, (_, i) => row(0, i, [i])))
  await first.close()
  const backfill = await openHistoryThread(at({ version: 2, jobId: 2, features: built, isBackfill: true }))
  await backfill.write(Array.from({ length: rows + 10 }, (_, i) => row(0, i, [i / 2, i % 2 === 0, `s${i}`, { a: i }])))
  await backfill.flush()
  const db = new DatabaseSync(join(dataDir, 'history', 'v.sqlite'), { readOnly: true })
  expect(db.prepare('SELECT "rows" FROM fills ORDER BY id').all()).toEqual([{ rows: BLOCK_ROWS }, { rows: 500 }])
  expect(db.prepare('SELECT count(*) AS n FROM history').get()).toEqual({ n: rows + 10 })
  db.close()
  const later = openHistory(at({ version: 2, jobId: 2, features: built, isBackfill: true, epoch: 2 }))
  await later.close()
  await backfill.write([row(0, 0, [9, null, null, null])])
  await expect(backfill.flush()).rejects.toThrow('may no longer write')
  await backfill.close().catch(() => undefined)
  await openHistory(at({ version: 2, jobId: 3, features: [...kept, ...built] })).close()
  const { items, total } = list(2)
  expect(total).toBe(rows + 10)
  for (const { offset, values } of items)
    expect(values).toEqual([offset < rows ? offset : null, offset / 2, offset % 2 === 0, `s${offset}`, { a: offset }])
})

test('blocks go when the rows that they fill have gone', async () => {
  const first = openHistory(at({}))
  clockMs = 1000
  await first.write([row(0, 1, [1])])
  await first.flush()
  const history = openHistory(at({ version: 2, jobId: 2, features: built, isBackfill: true }))
  const backfill = backfillInto(history)
  await backfill.write([row(0, 1, [1, null, null, null])])
  await backfill.flush()
  await history.close()
  clockMs = 2000
  await first.write([row(0, 2, [2])])
  await first.flush()
  const blocks = () => {
    const db = new DatabaseSync(join(dataDir, 'history', 'v.sqlite'), { readOnly: true })
    const { n } = db.prepare('SELECT count(*) AS n FROM fills').get() as { n: number }
    db.close()
    return n
  }
  first.prune(500)
  expect(blocks()).toBe(1)
  expect(first.prune(1500)).toBe(1)
  expect(blocks()).toBe(0)
  await first.close()
})

test('a set of positions holds what was added, over pages and partitions', () => {
  const position = fc.record({ partition: fc.integer({ min: 0, max: 3 }), offset: fc.oneof(fc.nat({ max: 200_000 }), fc.maxSafeNat()) })
  fc.assert(
    fc.property(fc.array(position), fc.array(position), (added, asked) => {
      const set = new PositionSet()
      for (const { partition, offset } of added) set.add(partition, offset)
      const copy = new PositionSet(structuredClone(set.pages))
      const known = new Set(added.map(({ partition, offset }) => `${partition}/${offset}`))
      for (const { partition, offset } of [...added, ...asked])
        expect(copy.has(partition, offset)).toBe(known.has(`${partition}/${offset}`))
    }),
  )
})

test('a block gives back what was packed, and offsets that lie far apart are in different ones', () => {
  const rows = fc.uniqueArray(fc.record({ offset: fc.oneof(fc.nat({ max: 100 }), fc.maxSafeNat()), values: valueOf }), {
    selector: ({ offset }) => offset,
  })
  fc.assert(
    fc.property(rows, (packed) => {
      const columns = ['number', 'boolean', 'json', 'json'] as const
      const blocks: FillBlock[] = []
      const packer = new FillPacker(columns, (block) => blocks.push(block))
      for (const { offset, values } of packed) packer.add(row(5, offset, values))
      packer.flush()
      expect(blocks.reduce((sum, block) => sum + block.rows, 0)).toBe(packed.length)
      for (const { offset, values } of packed) {
        const found = blocks
          .filter(({ minOffset, maxOffset }) => minOffset <= offset && offset <= maxOffset)
          .flatMap((block) => new StoredFill(columns, block).valuesAt(offset) ?? [])
        expect(found).toEqual(values)
      }
    }),
  )
})
