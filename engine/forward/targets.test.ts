import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openEmbeddedLog } from '../source/embedded-log.ts'
import { forwardedRows } from './forwarded-rows.fixture.ts'
import { MemoryTarget } from './memory-target.fixture.ts'
import { openStreamTarget } from './stream-target.ts'
import { forwardTargetContract, resultRow, transaction } from './target-contract.ts'

let dataDir: string
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'evenflow-forward-'))
})
afterEach(() => rmSync(dataDir, { recursive: true, force: true }))
let nowMs = 0

const open = () => openStreamTarget({ dataDir, stream: 'out', now: () => nowMs })

forwardTargetContract('embedded stream', () => ({ open: async () => open(), read: () => forwardedRows(dataDir, 'out') }))
forwardTargetContract('memory', () => {
  const memory = new MemoryTarget()
  return { open: async () => memory.open(), read: async () => memory.rows.map((row) => JSON.parse(row) as Record<string, unknown>) }
})

test('the engine sees what a job has forwarded, removes what is old, and appends nothing itself', async () => {
  const target = open()
  const log = openEmbeddedLog({ dataDir, stream: 'out', partitions: 1, isFed: true })
  nowMs = 1000
  const rows = Array.from({ length: 1500 }, (_, i) => resultRow(i))
  await target.append(transaction(rows, 1500))
  const [before] = log.stats()
  expect(before).toMatchObject({ start: 0, end: 1500, newestTimestampMs: 1000 })
  nowMs = 2000
  await target.append(transaction([resultRow(1500)], 1501))
  expect(await log.truncateBefore(2000)).toBe(2)
  const [after] = log.stats()
  expect(after).toMatchObject({ start: 1500, end: 1501, newestTimestampMs: 2000 })
  expect(after!.bytes).toBeLessThan(before!.bytes / 100)
  await expect(log.append(0, { data: Buffer.from('{}'), start: Int32Array.of(0), end: Int32Array.of(2), count: 1 }, 1)).rejects.toThrow(
    'fed by a view',
  )
  await target.append(transaction([resultRow(1501)], 1502))
  expect((await forwardedRows(dataDir, 'out')).map(({ _n }) => _n)).toEqual([1501, 1502])
  await Promise.all([target.close(), log.close()])
})
