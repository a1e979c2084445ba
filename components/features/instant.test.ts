import fc from 'fast-check'
import { expect, it } from 'vitest'
import { parseInstant } from './instant.ts'

it('reads dates and times, UTC unless it says otherwise', () => {
  expect(parseInstant('2001-03-01')).toBe(Date.UTC(2001, 2, 1))
  expect(parseInstant('2001-03-01 12:30')).toBe(Date.UTC(2001, 2, 1, 12, 30))
  expect(parseInstant('2001-03-01T12:30:05.250+0800')).toBe(Date.UTC(2001, 2, 1, 4, 30, 5, 250))
})
it('refuses what is none', () => {
  for (const text of ['', 'yesterday', '2001-02-30', '2001-13-01', '2001-03-01 25:00']) expect(parseInstant(text)).toBeNull()
})
it('reads what toISOString writes', () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 7_258_118_400_000 }), (ms) => parseInstant(new Date(ms).toISOString()) === ms))
})
