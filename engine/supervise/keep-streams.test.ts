import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import { expect, test } from 'vitest'
import { FLIGHTS } from '../demo/demo-rows.ts'
import { addStream, openTestDatabase } from '../engine-process.fixture.ts'
import { columnsOf } from '../source/event-columns.ts'
import { openStreamLogs } from '../source/stream-logs.ts'
import { keepStreams } from './keep-streams.ts'
import { readParameters } from './parameter-store.ts'

test('streamRetention: events go when they are older, and not before; a new stream has its log at the next look', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'evenflow-keep-'))
  const db = await openTestDatabase(dataDir)
  let nowMs = 10_000_000
  const now = () => nowMs
  const logs = openStreamLogs({ dataDir, now, onAppended: () => undefined })
  const streams = keepStreams({ db, dataDir, now, log: pino({ level: 'silent' }) }, logs)
  await addStream(db, FLIGHTS)
  const tend = async () => streams.tend(await readParameters(db))
  await tend()
  const stream = { name: FLIGHTS.name, partitions: 1 }
  await logs.append(stream, columnsOf(['{}', '{}']))
  nowMs += 600_000
  await logs.append(stream, columnsOf(['{}']))
  nowMs += 60_000
  await tend()
  expect(logs.log(stream).stats()[0]).toMatchObject({ start: 0, end: 3 })
  await db.parameter.create({ data: { key: 'streamRetention', scope: 'stream:flights', value: 120_000, updatedBy: 'test' } })
  nowMs += 10_000
  await tend()
  expect(logs.log(stream).stats()[0]).toMatchObject({ start: 2, end: 3 })
  await logs.close()
  await db.$disconnect()
  rmSync(dataDir, { recursive: true, force: true })
})
