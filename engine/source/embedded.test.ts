import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { open } from 'lmdb'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openEmbeddedLog, partitionDir } from './embedded-log.ts'
import { openEmbeddedSource } from './embedded-source.ts'
import { columnsOf } from './event-columns.ts'
import { PositionOutOfRange, type Source } from './port.ts'

let dataDir: string
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'evenflow-log-'))
})
afterEach(() => rmSync(dataDir, { recursive: true, force: true }))

const numbers = (from: number, count: number) => columnsOf(Array.from({ length: count }, (_, i) => `{"n":${from + i}}`))

function readAll(source: Source, max: number): { offset: number; partition: number; value: string }[] {
  const seen: { offset: number; partition: number; value: string }[] = []
  for (;;) {
    const batches = source.poll(max)
    if (batches.length === 0) return seen
    expect(batches.reduce((sum, batch) => sum + batch.count, 0)).toBeLessThanOrEqual(max)
    for (const batch of batches)
      for (let i = 0; i < batch.count; i++)
        seen.push({
          partition: batch.partition,
          offset: batch.baseOffset + (batch.offsetDelta[i] as number),
          value: Buffer.from(batch.data.subarray(batch.valueStart[i], batch.valueEnd[i])).toString(),
        })
  }
}

test('what is appended is read once, in order, whatever the batch bound', async () => {
  const log = openEmbeddedLog({ dataDir, stream: 's', partitions: 1 })
  for (const [from, count] of [
    [0, 1],
    [1, 2500],
    [2501, 3],
    [2504, 1],
    [2505, 1],
  ] as const)
    expect(await log.append(0, numbers(from, count), 5)).toBe(from)
  for (const max of [1, 7, 1000, 10_000]) {
    const source = openEmbeddedSource({ dataDir, stream: 's', partitions: 1 })
    source.open({ 0: 0 })
    expect(readAll(source, max).map((event) => event.value)).toEqual(Array.from({ length: 2506 }, (_, i) => `{"n":${i}}`))
    await source.close()
  }
  const source = openEmbeddedSource({ dataDir, stream: 's', partitions: 1 })
  source.open({ 0: 2502 })
  expect(readAll(source, 2).map((event) => event.offset)).toEqual([2502, 2503, 2504, 2505])
  await log.append(0, numbers(2506, 2), 6)
  expect(readAll(source, 100).map((event) => event.offset)).toEqual([2506, 2507])
  await source.close()
  await log.close()
})

test('a partition that was never written reads as empty, and begins when it is', async () => {
  const source = openEmbeddedSource({ dataDir, stream: 's', partitions: 2 })
  expect(source.partitions()).toEqual([
    { partition: 0, logStart: 0, end: 0 },
    { partition: 1, logStart: 0, end: 0 },
  ])
  source.open({ 0: 0, 1: 0 })
  expect(source.poll(10)).toEqual([])
  const log = openEmbeddedLog({ dataDir, stream: 's', partitions: 2 })
  await log.append(1, numbers(0, 3), 1)
  await log.append(0, numbers(0, 2), 1)
  expect(
    readAll(source, 2)
      .map((event) => `${event.partition}:${event.offset}`)
      .sort(),
  ).toEqual(['0:0', '0:1', '1:0', '1:1', '1:2'])
  await source.close()
  await log.close()
})

test('a position below the oldest or above the newest event is refused, never moved', async () => {
  const log = openEmbeddedLog({ dataDir, stream: 's', partitions: 1 })
  await log.append(0, numbers(0, 1500), 100) // two batches: 1000 and 500
  await log.append(0, numbers(1500, 10), 900)
  const reading = openEmbeddedSource({ dataDir, stream: 's', partitions: 1 })
  reading.open({ 0: 0 })
  expect(await log.truncateBefore(500)).toBe(2)
  expect(log.stats()[0]).toMatchObject({ start: 1500, end: 1510 })
  expect(() => reading.poll(10)).toThrow(PositionOutOfRange) // truncated under its feet
  const source = openEmbeddedSource({ dataDir, stream: 's', partitions: 1 })
  for (const position of [0, 1499, 1511]) expect(() => source.open({ 0: position })).toThrow(PositionOutOfRange)
  source.open({ 0: 1510 })
  expect(source.poll(10)).toEqual([])
  await log.truncateBefore(5000)
  expect(source.partitions()[0]).toEqual({ partition: 0, logStart: 1510, end: 1510 }) // an emptied log keeps its place
  await Promise.all([reading.close(), source.close(), log.close()])
})

test('a gap, as an append that failed leaves it, is stepped over', async () => {
  const log = openEmbeddedLog({ dataDir, stream: 's', partitions: 1 })
  for (let i = 0; i < 4; i++) await log.append(0, numbers(i * 10, 10), 1)
  await log.close()
  const env = open({ path: partitionDir(dataDir, 's', 0), maxDbs: 4, noSubdir: false, keyEncoding: 'ordered-binary' })
  await env.openDB<Buffer, number>('records', { encoding: 'binary' }).remove(10)
  await env.close()
  const source = openEmbeddedSource({ dataDir, stream: 's', partitions: 1 })
  for (const [from, expected] of [
    [5, [5, 6, 7, 8, 9, 20, 21, 22]],
    [10, [20, 21, 22]],
    [13, [20, 21, 22]],
  ] as const) {
    source.open({ 0: from })
    const seen: number[] = []
    while (seen.length < expected.length)
      for (const batch of source.poll(expected.length - seen.length))
        for (let i = 0; i < batch.count; i++) seen.push(batch.baseOffset + (batch.offsetDelta[i] as number))
    expect(seen).toEqual(expected)
  }
  await source.close()
})

test('semantics 2: events acknowledged before a kill -9 of the writer are there, once, and offsets go on', async () => {
  const child = fork(join(import.meta.dirname, 'embedded-writer.fixture.ts'), [dataDir], { execArgv: [] })
  let acknowledged = 0
  child.on('message', (end) => {
    acknowledged = Number(end)
    if (acknowledged > 3000) child.kill('SIGKILL')
  })
  await once(child, 'exit')
  expect(acknowledged).toBeGreaterThan(3000)
  const log = openEmbeddedLog({ dataDir, stream: 's', partitions: 1 })
  const { end } = log.stats()[0] as { end: number }
  expect(end).toBeGreaterThanOrEqual(acknowledged)
  await log.append(0, numbers(end, 5), 1)
  const source = openEmbeddedSource({ dataDir, stream: 's', partitions: 1 })
  source.open({ 0: 0 })
  expect(readAll(source, 1000).map((event) => event.value)).toEqual(Array.from({ length: end + 5 }, (_, i) => `{"n":${i}}`))
  await source.close()
  await log.close()
})
