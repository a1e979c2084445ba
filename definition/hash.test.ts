import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sha256Hex } from './hash.ts'

test('our SHA-256 is SHA-256', () => {
  const unit = fc.constantFrom('a', '0', 'é', '中', '😀', '\n')
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 200 }), (text) => {
      expect(sha256Hex(text)).toBe(createHash('sha256').update(text).digest('hex'))
    }),
  )
})
