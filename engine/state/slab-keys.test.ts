import fc from 'fast-check'
import { expect, test } from 'vitest'
import { murmur3 } from './hash.ts'
import { KeySlab, tableHash } from './slab-keys.ts'

test('keys that are removed are gone, the others are found, and their records are used again', () => {
  const steps = fc.array(fc.tuple(fc.boolean(), fc.nat(400)), { maxLength: 3000, minLength: 1000 })
  fc.assert(
    fc.property(steps, (list) => {
      const slab = new KeySlab(20)
      const known = new Map<string, number>()
      const find = (key: string) => {
        const bytes = Buffer.from(key)
        return slab.find(bytes, 0, bytes.length, tableHash(murmur3(bytes)), 0)
      }
      let most = 0
      for (const [adds, n] of list) {
        // Long and short texts; hashes that meet at the table's end are among so many.
        const key = n % 3 === 0 ? `a key of ${n} that is longer than what a record holds` : `k${n}`
        const slot = known.get(key)
        if (adds && slot === undefined) {
          const bytes = Buffer.from(key)
          known.set(key, slab.insert(bytes, 0, bytes.length, tableHash(murmur3(bytes)), 0))
        } else if (!adds && slot !== undefined) {
          slab.remove(slot)
          known.delete(key)
        }
        most = Math.max(most, known.size)
      }
      for (let n = 0; n <= 400; n++)
        for (const key of [`k${n}`, `a key of ${n} that is longer than what a record holds`])
          expect(find(key), key).toBe(known.get(key) ?? -1)
      for (const [key, slot] of known) expect(slab.text(slot)).toBe(key)
      expect(slab.count).toBe(most)
    }),
    { numRuns: 30 },
  )
})
