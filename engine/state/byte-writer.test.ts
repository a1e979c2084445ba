import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ByteReader, ByteWriter } from './byte-writer.ts'

const value = fc.oneof(
  fc.record({ kind: fc.constant('u8' as const), value: fc.nat(255) }),
  fc.record({ kind: fc.constant('u32' as const), value: fc.nat() }),
  fc.record({ kind: fc.constant('f64' as const), value: fc.double() }),
  fc.record({ kind: fc.constant('text' as const), value: fc.uint8Array({ maxLength: 300 }) }),
)

test('what was written is read back, however it lies across pieces', () => {
  fc.assert(
    fc.property(fc.array(value, { maxLength: 200 }), fc.integer({ min: 1, max: 64 }), (values, size) => {
      const out = new ByteWriter(size)
      for (const one of values) {
        if (one.kind === 'text') out.text(one.value)
        else out[one.kind](one.value)
      }
      expect(Buffer.concat(out.parts())).toEqual(Buffer.from(out.finish()))
      const input = new ByteReader(out.finish())
      for (const { kind, value } of values) {
        if (kind === 'text') expect([...input.text()]).toEqual([...value])
        else expect(input[kind]()).toBe(value)
      }
      expect(input.atEnd).toBe(true)
    }),
  )
})
