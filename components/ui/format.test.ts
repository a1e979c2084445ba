import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  formatBytes,
  formatCell,
  formatCompact,
  formatDuration,
  formatInstant,
  formatNumber,
  formatRate,
  formatRelative,
  toMs,
  zoneLabel,
} from './format.ts'

describe('numbers carry their unit', () => {
  it('counts', () => {
    expect(formatNumber(1_204_331, 'en')).toBe('1,204,331')
    expect(formatCompact(9_999, 'en')).toBe('9,999')
    expect(formatCompact(2_413_870, 'en')).toBe('2.41 M')
    expect(formatCompact(999_600, 'en')).toBe('1 M')
    expect(formatRate(310_000, 'en')).toBe('310 k/s')
    expect(formatRate(310_000, 'zh-CN')).toBe('310 k/秒')
  })
  it('bytes', () => {
    expect(formatBytes(0, 'en')).toBe('0 B')
    expect(formatBytes(1536, 'en')).toBe('1.5 KiB')
    expect(formatBytes(212 * 1024 * 1024, 'en')).toBe('212 MiB')
  })
  it('durations', () => {
    expect(formatDuration(0, 'en')).toBe('0 ms')
    expect(formatDuration(230, 'en')).toBe('230 ms')
    expect(formatDuration(1100, 'en')).toBe('1.1 s')
    expect(formatDuration(124_000, 'en')).toBe('2 m 04 s')
    expect(formatDuration(59_600, 'en')).toBe('1 m 00 s')
    expect(formatDuration(3 * 3_600_000, 'zh-CN')).toBe('3 小时 00 分')
    expect(formatDuration(-1100, 'en')).toBe('−1.1 s')
  })
  it('lists and maps: the first few, and how many more', () => {
    expect(formatCell([1, null, 'a', true], 'en')).toBe('[1, null, a, true]')
    expect(formatCell([1, 2, 3, 4, 5, 6, 7], 'en')).toBe('[1, 2, 3, 4, 5, … +2]')
    expect(formatCell({ x: 3, y: 1 }, 'en')).toBe('{x: 3, y: 1}')
    expect(formatCell([], 'en')).toBe('[]')
  })
  it('unknown is a dash, never a zero', () => {
    for (const format of [formatNumber, formatCompact, formatBytes, formatDuration, formatRate]) {
      expect(format(null, 'en')).toBe('–')
      expect(format(Number.NaN, 'en')).toBe('–')
    }
  })
  it('a positive size never reads as nothing', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2 ** 50 }),
        (n) => !/^0 /.test(formatBytes(n, 'en')) && !/^0 (k|M|G)/.test(formatCompact(n, 'en')),
      ),
    )
  })
})

describe('instants', () => {
  it('UTC text is the ISO text', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -2_208_988_800_000, max: 7_258_118_400_000 }),
        (ms) => formatInstant(ms, 'utc', { millis: true }) === new Date(ms).toISOString().replace('T', ' ').slice(0, 23),
      ),
    )
  })
  it('names the zone', () => {
    expect(formatInstant(0, 'utc', { label: true })).toBe('1970-01-01 00:00:00 UTC')
    expect(zoneLabel('utc', 0)).toBe('UTC')
  })
  it('relative, in the past and to come', () => {
    expect(formatRelative(0, 180_000, 'en')).toBe('3 min. ago')
    expect(formatRelative(5000, 0, 'en')).toBe('in 5 sec.')
    expect(formatRelative(1000, 0, 'zh-CN')).toBe('刚刚')
    expect(formatRelative('nonsense', 0, 'en')).toBe('–')
    expect(toMs('1970-01-01T00:00:01Z')).toBe(1000)
  })
})
