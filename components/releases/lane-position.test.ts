import fc from 'fast-check'
import { expect, it } from 'vitest'
import { refusedByPosition, streamShare } from './lane-position.ts'

it('refuses by position what lies before the savepoint that it begins at', () => {
  const state = (payload: Record<string, unknown>) => ({ kind: 'state', payload })
  expect(refusedByPosition([state({ to: 'READY' }), state({ positions: { 0: 5, 1: 7 } }), state({ to: 'CHECKED' })])).toBe(12)
  expect(refusedByPosition([state({ to: 'READY' })])).toBeNull()
})
it('knows nothing without a report', () => {
  expect(streamShare(null)).toBeNull()
  expect(streamShare([])).toBeNull()
})
it('adds up partitions and calls an empty stream read to its end', () => {
  expect(
    streamShare([
      { position: 1, endOffset: 2 },
      { position: 2, endOffset: 4 },
    ]),
  ).toEqual({ position: 3, end: 6, share: 0.5 })
  expect(streamShare([{ position: 0, endOffset: 0 }])?.share).toBe(1)
})
it('stays on the track whatever is reported', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ position: fc.nat(), endOffset: fc.nat() }), { minLength: 1 }), (all) => {
      const share = streamShare(all)?.share ?? -1
      expect(share).toBeGreaterThanOrEqual(0)
      expect(share).toBeLessThanOrEqual(1)
    }),
  )
})
