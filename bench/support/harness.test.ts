import { expect, test } from 'vitest'
import { percentile, table, toRow } from './harness.ts'

test('a ratio says how many times better, whichever way is better; the bar decides', () => {
  expect(toRow({ name: 'a', value: 60_000, unit: 'events/s', bar: { atLeast: 50_000 }, baseline: { value: 20_000, what: 'x' } })).toEqual({
    name: 'a',
    value: 60_000,
    unit: 'events/s',
    baseline: 20_000,
    ratio: 3,
    bar: '≥ 50000',
    pass: true,
  })
  expect(toRow({ name: 'b', value: 5, unit: 'ms', bar: { atMost: 5 }, baseline: { value: 10, what: 'x' } })).toMatchObject({
    ratio: 2,
    pass: false,
  })
  expect(toRow({ name: 'c', value: 1, unit: 'ms', bar: null })).toMatchObject({ pass: null, bar: null, ratio: null })
})

test('percentiles are values that were measured', () => {
  const samples = Array.from({ length: 100 }, (_, i) => 100 - i)
  expect(percentile(samples, 0.99)).toBe(99)
  expect(percentile(samples, 0.5)).toBe(50)
  expect(percentile([7], 0.99)).toBe(7)
})

test('the table says NO where a bar is missed', () => {
  expect(table([toRow({ name: 'slow', value: 9, unit: 'ms', bar: { atMost: 5 } })])).toContain(
    '| slow | 9     | ms   | –        | –     | < 5 | NO   |',
  )
})
