import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatBytes, formatCompact, formatCount, formatDuration, formatEventTime, formatFigure, formatShare } from './format.ts'

describe('numbers for people', () => {
  it('groups counts and shortens for axes', () => {
    expect(formatCount('en', 1_204_331)).toBe('1,204,331')
    expect(formatCompact('en', 2_413_870)).toBe('2.41M')
    expect(formatCompact('zh-CN', 2_413_870)).toBe('241万')
    expect(formatFigure('en', 0.4321)).toBe('0.432')
    expect(formatShare('en', 0.0123)).toBe('1.2 %')
    expect(formatShare('en', 1)).toBe('100 %')
  })
  it('gives bytes a unit', () => {
    expect(formatBytes('en', 0)).toBe('0 B')
    expect(formatBytes('en', 999)).toBe('999 B')
    expect(formatBytes('en', 999_999)).toBe('1 MB')
    expect(formatBytes('en', 212_345_678)).toBe('212 MB')
  })
  it('never shows a mantissa of a thousand or more below the largest unit', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e15 }), (bytes) => {
        const mantissa = Number(formatBytes('en', bytes).split(' ')[0]?.replaceAll(',', ''))
        expect(mantissa).toBeLessThan(1000)
      }),
    )
  })
  it('gives durations at most two units', () => {
    expect(formatDuration('en', 0.42)).toBe('0.42 ms')
    expect(formatDuration('en', 12)).toBe('12 ms')
    expect(formatDuration('en', 1149)).toBe('1.1 s')
    expect(formatDuration('en', 59_999)).toBe('60 s')
    expect(formatDuration('en', 124_000)).toBe('2 min 04 s')
    expect(formatDuration('en', 3_600_000 * 3 + 300_000)).toBe('3 h 05 min')
    expect(formatDuration('zh-CN', 86_400_000 * 2 + 3_600_000 * 3)).toBe('2 天 3 小时')
    expect(formatDuration('en', -400)).toBe('−400 ms')
  })
  it('writes event time in UTC and keeps milliseconds only where there are any', () => {
    expect(formatEventTime(Date.UTC(2001, 3, 3, 18, 42, 11))).toBe('2001-04-03 18:42:11')
    expect(formatEventTime(Date.UTC(2001, 3, 3, 18, 42, 11, 5))).toBe('2001-04-03 18:42:11.005')
    expect(formatEventTime(Number.POSITIVE_INFINITY)).toBe('Infinity')
  })
})
