import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { formatDurationMs, formatInterval, parseDurationMs, parseInterval, shiftMs } from './interval.ts'

// many random cases: a slow machine must not fail them
vi.setConfig({ testTimeout: 300_000 })

describe('language 11: any unit PostgreSQL takes', () => {
  test.each([
    ['90 seconds', 0, 0, 90_000],
    ['1 day 2:03:04.5', 0, 1, 7_384_500],
    ['3h', 0, 0, 10_800_000],
    ['2 weeks', 0, 14, 0],
    ['1 year 2 mons', 14, 0, 0],
    ['1-6', 18, 0, 0],
    ['1 century', 1200, 0, 0],
    ['1.5 hours', 0, 0, 5_400_000],
    ['1.5 days', 0, 1, 43_200_000],
    ['1.5 months', 1, 15, 0],
    ['0.5 year', 6, 0, 0],
    ['@ 5 min', 0, 0, 300_000],
    ['1 day ago', 0, -1, 0],
    ['-2 hours', 0, 0, -7_200_000],
    ['1500 microseconds 500 us', 0, 0, 2],
    ['90', 0, 0, 90_000],
    ['1 day 2', 0, 1, 2000],
    ['P1Y2M3DT4H5M6S', 14, 3, 14_706_000],
    ['PT90S', 0, 0, 90_000],
  ])('%s', (text, months, days, ms) => {
    expect(parseInterval(text)).toEqual({ months, days, ms })
  })

  test.each(['', 'soon', '3 houres', '1:99', '500 us', 'P', 'PT', `${'9'.repeat(30)} years`, '3 hours !'])(
    '"%s" is refused with a sentence',
    (text) => {
      expect(() => parseInterval(text)).toThrow(/\w+ \w+/)
    },
  )

  test('what is written reads back', () => {
    const part = (max: number) => fc.integer({ min: 0, max })
    fc.assert(
      fc.property(part(5000), part(5000), part(10 ** 10), (months, days, ms) => {
        expect(parseInterval(formatInterval({ months, days, ms }))).toEqual({ months, days, ms })
      }),
    )
  })
})

test.each([
  ['2001-03-31', 1, '2001-02-28'],
  ['2004-03-31', 1, '2004-02-29'],
  ['2001-01-31', 2, '2000-11-30'],
  ['2000-02-29', 12, '1999-02-28'],
  ['1970-01-15', 1, '1969-12-15'],
])('months by calendar, clamped to the end of the month: %s minus %i months is %s', (from, months, expected) => {
  expect(shiftMs(Date.parse(from), { months, days: 0, ms: 0 }, -1)).toBe(Date.parse(expected))
})

describe('language 22: durations as intervals, "90 seconds", up to 3650 days', () => {
  test('they read back as written', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 3650 * 86_400_000 }), (ms) => {
        expect(parseDurationMs(formatDurationMs(ms))).toBe(ms)
      }),
    )
  })

  test.each([
    ['3650 days', 3650 * 86_400_000],
    ['0 seconds', 0],
    ['1 minute 30 seconds', 90_000],
  ])('%s', (text, ms) => expect(parseDurationMs(text)).toBe(ms))

  test.each(['3651 days', '-1 second', '1 month', '1 day ago'])('%s is refused', (text) =>
    expect(() => parseDurationMs(text)).toThrow(/duration/),
  )
})
