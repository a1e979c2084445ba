import fc from 'fast-check'
import { expect, it } from 'vitest'
import { rangeOf } from './positions.ts'

it('finds the word at a line and column', () => {
  const text = 'SELECT a,\n  dleay\nFROM t'
  const { from, to } = rangeOf(text, { line: 2, column: 3 })
  expect(text.slice(from, to)).toBe('dleay')
})
it('counts code points, not UTF-16 units', () => {
  const text = "SELECT '😀😀', bad"
  const { from, to } = rangeOf(text, { line: 1, column: 14, endColumn: 17 })
  expect(text.slice(from, to)).toBe('bad')
})
it('always stays inside the text', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme' }),
      fc.integer({ min: -2, max: 9 }),
      fc.integer({ min: -2, max: 99 }),
      (text, line, column) => {
        const { from, to } = rangeOf(text, { line, column })
        return from >= 0 && from <= to && to <= text.length
      },
    ),
  )
})
