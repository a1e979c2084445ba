import fc from 'fast-check'
import { expect, test } from 'vitest'
import { HLL_MOST_BYTES, hllAdd, hllEstimate } from '../compile/hyper-log-log.ts'
import { ByteWriter } from './byte-writer.ts'
import { SKETCH_BYTES, SketchSlab } from './sketch-slab.ts'

const hash = fc.oneof(fc.integer({ min: 0, max: 0xffff_ffff }), fc.integer({ min: 0, max: 0x3_ffff }))
const PANES = 6
const change = fc.record({ pane: fc.nat(PANES - 1), hashes: fc.array(hash, { maxLength: 150, size: 'max' }), clears: fc.boolean() })

test('sketches that share a slab hold what each was given, in few bytes or many, and together what all were given', () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 12 }), (changes) => {
      const slab = new SketchSlab()
      const bytes = new Uint8Array(PANES * SKETCH_BYTES)
      const given = Array.from({ length: PANES }, () => new Set<number>())
      const estimate = (hashes: Iterable<number>) => {
        const sketch = new Uint8Array(HLL_MOST_BYTES)
        for (const one of hashes) hllAdd(sketch, 0, HLL_MOST_BYTES, one)
        return hllEstimate(sketch, 0)
      }
      for (const { pane, hashes, clears } of changes) {
        if (clears) {
          slab.clear(bytes, pane * SKETCH_BYTES)
          given[pane]!.clear()
        }
        for (const one of hashes) {
          slab.add(bytes, pane * SKETCH_BYTES, one)
          given[pane]!.add(one)
        }
        for (let p = 0; p < PANES; p++) expect(slab.estimate(bytes, p * SKETCH_BYTES)).toBe(estimate(given[p]!))
        const all = given.flatMap((hashes) => [...hashes])
        expect(slab.estimateOf(bytes, 0, bytes.length, SKETCH_BYTES)).toBe(estimate(all))
        const copy = new Uint8Array(SKETCH_BYTES)
        const out = new ByteWriter()
        slab.writeTo(out, bytes, pane * SKETCH_BYTES)
        const written = out.finish()
        slab.put(copy, 0, written, 4, written.length - 4)
        expect(slab.estimate(copy, 0)).toBe(estimate(given[pane]!))
        slab.merge(copy, 0, bytes, 0)
        expect(slab.estimate(copy, 0)).toBe(estimate([...given[pane]!, ...given[0]!]))
        slab.clear(copy, 0)
      }
    }),
    { numRuns: 100 },
  )
})
