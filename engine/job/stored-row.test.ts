import { describe, expect, test } from 'vitest'
import { storedFeatures } from './stored-row.ts'

const T = Date.UTC(2001, 0, 1)
const view = { features: ['n', 'mean'], hasLifetimeWindow: false }

describe('DESIGN §5.9: what a stored row still says while its job starts again', () => {
  test('by the event clock: at the moment it was made for, decay included, never before it', () => {
    const decayed = { version: [T, 7, 3_600_001] as const, values: [0, null], validUntilMs: null }
    expect(storedFeatures(view, decayed, Number.NEGATIVE_INFINITY)).toMatchObject({
      status: 'EMPTY',
      features: { n: 0, mean: null },
      asOf: '2001-01-01T00:00:00.000Z',
      evaluatedAt: '2001-01-01T01:00:00.001Z',
      ageMs: 3_600_001,
      version: [T, 7, 3_600_001],
      catchingUp: true,
    })
  })

  test('by the wall clock: now, but not beyond the last millisecond at which it is right', () => {
    const row = { version: [T, 1, 0] as const, values: [1, 5], validUntilMs: T + 600_001 }
    expect(storedFeatures(view, row, T + 1000)).toMatchObject({ status: 'PRESENT', ageMs: 1000 })
    expect(storedFeatures(view, row, T + 9_000_000)).toMatchObject({ status: 'PRESENT', ageMs: 600_000 })
  })

  test('what a window that never ends has seen is there for good', () => {
    const row = { version: [T, 1, 0] as const, values: [1, 5], validUntilMs: null }
    expect(storedFeatures({ ...view, hasLifetimeWindow: true }, row, T + 1000)).toMatchObject({ status: 'PRESENT' })
  })
})
