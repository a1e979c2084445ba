import pino from 'pino'
import { expect, test } from 'vitest'
import { recordWrites } from './record-writes.ts'

const silent = pino({ level: 'silent' })
const away = () => Promise.reject(new Error('connection closed'))

test('while the database is away a write is tried again, and those after it wait their turn', async () => {
  const pauses: number[] = []
  const writes = recordWrites(silent, async (ms) => pauses.push(ms))
  const done: string[] = []
  let failures = 4
  void writes.write('first', () => (failures-- > 0 ? away() : Promise.resolve(done.push('first'))))
  void writes.write('second', async () => done.push('second'))
  await writes.settled()
  expect([done, pauses]).toEqual([
    ['first', 'second'],
    [250, 500, 1000, 2000],
  ])
})

test('what the database refuses, and what it does not take for two minutes, is given up; the next one is written', async () => {
  let waitedMs = 0
  const writes = recordWrites(silent, async (ms) => (waitedMs += ms))
  let attempts = 0
  await writes.write('twice', () => (attempts++, Promise.reject(Object.assign(new Error('unique'), { code: 'P2002' }))))
  expect([attempts, waitedMs]).toEqual([1, 0])
  await writes.write('never', away)
  expect(waitedMs).toBeGreaterThanOrEqual(120_000)
  let isWritten = false
  await writes.write('after', async () => (isWritten = true))
  expect(isWritten).toBe(true)
})

test('an engine that ends waits no longer', async () => {
  let waitedMs = 0
  const writes = recordWrites(silent, async (ms) => (waitedMs += ms))
  writes.hurry()
  await writes.write('last', away)
  expect(waitedMs).toBe(0)
})
