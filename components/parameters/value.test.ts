import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkNumber, displayValue, editorKind, joinBytes, joinDuration, splitBytes, splitDuration } from './value.ts'

describe('parameter values', () => {
  it('says a value with its unit, and nothing for none', () => {
    expect(displayValue(10_000, 'duration', null, 'en')).toBe('10 s')
    expect(displayValue(2 ** 31, 'bytes', null, 'en')).toBe('2 GiB')
    expect(displayValue(0.5, 'share', null, 'en')).toBe('50 %')
    expect(displayValue(1000, 'int', 'records', 'en')).toBe('1,000 records')
    expect(displayValue('5 seconds', 'duration', null, 'en')).toBe('5 seconds')
    expect(displayValue({ fromMs: 1000, toMs: 60_000 }, 'durationRange', null, 'en')).toBe('1 s – 1 m 00 s')
    expect(displayValue(null, 'duration', null, 'en')).toBeNull()
    expect(displayValue(0, 'duration', null, 'en')).toBe('0 ms')
  })
  it('takes durations and sizes apart and puts them together again without loss', () => {
    fc.assert(
      fc.property(fc.nat(), (n) => {
        const duration = splitDuration(n)
        expect(joinDuration(duration.amount, duration.unit)).toBe(n)
        const bytes = splitBytes(n)
        expect(joinBytes(bytes.amount, bytes.unit)).toBe(n)
      }),
    )
    expect(splitDuration(90_000)).toEqual({ amount: 90, unit: 'seconds' })
    expect(splitDuration(0)).toEqual({ amount: 0, unit: 'seconds' })
    expect(splitBytes(2 ** 31)).toEqual({ amount: 2, unit: 'GiB' })
  })
  it('says what the server would refuse', () => {
    expect(checkNumber(Number.NaN, 'int', {})?.problem).toBe('notANumber')
    expect(checkNumber(1.5, 'int', {})?.problem).toBe('notWhole')
    expect(checkNumber(0, 'int', { min: 1 })?.problem).toBe('tooSmall')
    expect(checkNumber(2, 'share', { max: 1 })?.problem).toBe('tooLarge')
    expect(checkNumber(0.5, 'share', { min: 0, max: 1 })).toBeNull()
  })
  it('chooses the editor by type', () => {
    expect([editorKind('enum', ['a']), editorKind('boolean', undefined), editorKind('int', []), editorKind('stream', undefined)]).toEqual([
      'choice',
      'boolean',
      'number',
      'text',
    ])
  })
})
