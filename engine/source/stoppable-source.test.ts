import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openEmbeddedLog } from './embedded-log.ts'
import { openEmbeddedSource } from './embedded-source.ts'
import { columnsOf } from './event-columns.ts'
import { stoppableSource } from './stoppable-source.ts'

const COUNTS = [700, 300, 0]

test('stopped and let go at any positions, with any sizes of poll, every record is handed out once, in order, and none beyond a stop', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'stoppable-'))
  const log = openEmbeddedLog({ dataDir, stream: 's', partitions: COUNTS.length })
  for (const [partition, count] of COUNTS.entries())
    for (let from = 0; from < count; from += 90)
      await log.append(partition, columnsOf(Array.from({ length: Math.min(90, count - from) }, (_, i) => `${from + i}`)), 0)
  const stops = fc.array(fc.tuple(fc.nat(COUNTS[0]!), fc.nat(COUNTS[1]!)), { maxLength: 4 })
  await fc.assert(
    fc.asyncProperty(stops, fc.integer({ min: 1, max: 200 }), async (cuts, size) => {
      const source = stoppableSource(openEmbeddedSource({ dataDir, stream: 's', partitions: COUNTS.length }))
      const next: Record<string, number> = { 0: 0, 1: 0, 2: 0 }
      source.open(next)
      const readOn = (until: readonly number[]) => {
        for (let batches = source.poll(size); batches.length > 0; batches = source.poll(size))
          for (const { partition, baseOffset, offsetDelta, count, nextOffset } of batches) {
            for (let i = 0; i < count; i++) expect(baseOffset + offsetDelta[i]!).toBe(next[partition]! + i)
            expect(nextOffset).toBeLessThanOrEqual(until[partition]!)
            next[partition] = nextOffset
          }
        expect(Object.values(next)).toEqual(until)
      }
      for (const cut of cuts) {
        const until = [Math.max(next[0]!, cut[0]), Math.max(next[1]!, cut[1]), 0]
        source.stopAt(next, Object.fromEntries(until.entries()))
        readOn(until)
        expect(source.partitions().map(({ end }) => end)).toEqual(COUNTS)
      }
      source.stopAt(next, null)
      readOn(COUNTS)
      await source.close()
    }),
    { numRuns: 20 },
  )
  await log.close()
  rmSync(dataDir, { recursive: true, force: true })
})
