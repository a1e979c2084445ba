import { expect, test } from 'vitest'
import { testFeature } from './testing.ts'

const file = new URL('./longest-delay-run.ts', import.meta.url)
const HOUR = 3_600_000

test('counts consecutive delays above the threshold and keeps the longest run, for each key apart', () => {
  const run = testFeature(file)
  const values = [20, 16, 15, 40, 30, 22, 3].map((delay, i) => run.event('ORD', i * HOUR, { delay }))
  expect(values).toEqual([1, 2, 2, 2, 2, 3, 3])
  expect(run.event('ATL', 8 * HOUR, { delay: 99 })).toBe(1)
  expect(run.value('ORD')).toBe(3)
})

test('an event without a delay is passed over and breaks no run; the threshold is a parameter', () => {
  const run = testFeature(file, { threshold: 0 })
  expect([5, null, 1].map((delay, i) => run.event('ORD', i * HOUR, { delay }))).toEqual([1, 1, 2])
})
