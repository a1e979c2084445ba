import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { renumbered, unionPartition } from '../../definition/union-partitions.ts'
import { openEmbeddedLog } from './embedded-log.ts'
import { columnsOf } from './event-columns.ts'
import { openSource } from './open-source.ts'
import type { Source } from './port.ts'

let dataDir: string
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'evenflow-union-'))
})
afterEach(() => rmSync(dataDir, { recursive: true, force: true }))

const BRANCHES = [
  { name: 'a', partitions: 1 },
  { name: 'b', partitions: 2 },
  { name: 'a', partitions: 1 },
]
const open = () => openSource(dataDir, { name: 'both', partitions: 4 }, BRANCHES)

async function fill(): Promise<void> {
  for (const [stream, partitions, count] of [
    ['a', 1, 900],
    ['b', 2, 5],
  ] as const) {
    const log = openEmbeddedLog({ dataDir, stream, partitions })
    for (let partition = 0; partition < partitions; partition++)
      await log.append(partition, columnsOf(Array.from({ length: count }, (_, i) => `${stream}${partition} ${i}`)), 1)
    await log.close()
  }
}

function read(source: Source, max: number): Map<number, string[]> {
  const seen = new Map<number, string[]>()
  for (;;) {
    const batches = source.poll(max)
    if (batches.length === 0) return seen
    expect(batches.reduce((sum, { count }) => sum + count, 0)).toBeLessThanOrEqual(max)
    for (const { partition, count, data, valueStart, valueEnd } of batches)
      for (let i = 0; i < count; i++)
        seen.set(partition, [...(seen.get(partition) ?? []), Buffer.from(data.subarray(valueStart[i], valueEnd[i])).toString()])
  }
}

test('every branch has its own partitions and positions, a stream that stands in two is read by both, and none waits for another', async () => {
  await fill()
  const source = open()
  expect(source.partitions().map(({ partition, end }) => [partition, end])).toEqual([
    [0, 900],
    [256, 5],
    [257, 5],
    [512, 900],
  ])
  source.open({ 0: 10, 256: 0, 257: 4, 512: 899 })
  const first = source.poll(30)
  expect(new Set(first.map(({ partition }) => partition))).toEqual(new Set([0, 256, 257, 512]))
  source.open({ 0: 10, 256: 0, 257: 4, 512: 899 })
  for (const max of [1, 7, 1000]) {
    source.open({ 0: 10, 256: 0, 257: 4, 512: 899 })
    const seen = read(source, max)
    expect([...seen].map(([partition, values]) => [partition, values.length, values[0]]).toSorted()).toEqual([
      [0, 890, 'a0 10'],
      [256, 5, 'b0 0'],
      [257, 1, 'b1 4'],
      [512, 1, 'a0 899'],
    ])
  }
  await source.close()
})

test('a position that is not in the log is told with its stream', async () => {
  await fill()
  const source = open()
  expect(() => source.open({ 0: 0, 256: 0, 257: 6, 512: 0 })).toThrow(
    'Position 6 of partition 1 of b is not in the log, which holds 0 to 5.',
  )
  await source.close()
})

test("positions of one view's job as another's: the farthest of a stream's, and nothing of what is not read", () => {
  const [a, b] = [unionPartition(0, 0), unionPartition(1, 1)]
  expect(renumbered({ [a]: 5, [b]: 7 }, ['pay', 'back'], ['back', 'fees', 'pay'])).toEqual({ 1: 7, 512: 5 })
  expect(renumbered({ 0: 5, 1: 6 }, ['pay'], ['back', 'pay'])).toEqual({ 256: 5, 257: 6 })
  expect(renumbered({ 0: 5, 256: 9 }, ['pay', 'pay'], ['pay'])).toEqual({ 0: 9 })
  expect(renumbered({ 0: 5, 1: 2 }, ['pay'], ['pay'])).toEqual({ 0: 5, 1: 2 })
})
