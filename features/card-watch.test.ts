import { expect, test } from 'vitest'
import { testFeature } from './testing.ts'

const file = new URL('./card-watch.ts', import.meta.url)
const at = (minutes: number) => Date.UTC(2024, 0, 1) + minutes * 60_000

test('a burst makes a card suspicious, another one blocked, and quiet lowers it step by step', () => {
  const run = testFeature(file)
  const pay = (minute: number, amount = 900) => run.event('4711', at(minute), { amount, shop: null })
  expect([pay(0), pay(1), pay(2)]).toEqual(['idle', 'idle', 'suspicious'])
  expect([pay(10), pay(11), pay(12)]).toEqual(['suspicious', 'suspicious', 'blocked'])
  run.advanceTo(at(42)) // its timer is of this moment, and comes after everything of it
  expect(run.value('4711')).toBe('blocked')
  run.advanceTo(at(42) + 1)
  expect(run.value('4711')).toBe('suspicious')
  run.advanceTo(at(72) + 1)
  expect(run.value('4711')).toBe('idle')
})

test('small payments, slow ones and those in a well-known shop raise nothing', () => {
  const run = testFeature(file)
  for (let i = 0; i < 20; i++) expect(run.event('a', at(i), { amount: 20, shop: 'bakery' })).toBe('idle')
  for (let i = 20; i < 30; i++) expect(run.event('a', at(i), { amount: 900, shop: 'bakery' })).toBe('idle')
  for (let i = 0; i < 10; i++) expect(run.event('b', at(i * 6), { amount: 900, shop: null })).toBe('idle')
})

test('a card that has had no event for 30 days is forgotten, timers and all', () => {
  const run = testFeature(file, { quiet_minutes: 60 * 24 * 40 })
  for (const minute of [0, 1, 2]) run.event('4711', at(minute), { amount: 900, shop: null })
  run.advanceTo(at(2 + 30 * 24 * 60))
  expect(run.value('4711')).toBe('suspicious')
  run.advanceTo(at(2 + 30 * 24 * 60) + 1)
  expect(run.value('4711')).toBeNull()
  run.advanceTo(at(2 + 50 * 24 * 60))
  expect(run.value('4711')).toBeNull()
})
