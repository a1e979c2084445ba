import { describe, expect, it } from 'vitest'
import { ReleaseState } from '../../contract/http-api.ts'
import { matchesFilter, releaseDurationMs, stateFilters, stepsOf } from './steps.ts'

describe('steps of a release', () => {
  const steps = [
    { state: 'CHECKED' as const, startedAtMs: 1000, endedAtMs: 1200 },
    { state: 'CATCHING_UP' as const, startedAtMs: 1200, endedAtMs: null },
    { state: 'DONE' as const, startedAtMs: null, endedAtMs: null },
  ]
  it('times what is done and what is under way, and leaves the rest open', () => {
    expect(stepsOf({ state: 'CATCHING_UP', steps }, 5200)).toEqual([
      { state: 'CHECKED', phase: 'done', durationMs: 200 },
      { state: 'CATCHING_UP', phase: 'now', durationMs: 4000 },
      { state: 'DONE', phase: 'todo', durationMs: null },
    ])
  })
  it('says of an aborted release that the rest will never come, and does not go on counting', () => {
    expect(stepsOf({ state: 'ABORTED', steps }, 99_999).map((step) => [step.phase, step.durationMs])).toEqual([
      ['done', 200],
      ['done', null],
      ['never', null],
    ])
  })
  it('gives an end no length', () => {
    expect(stepsOf({ state: 'DONE', steps: [{ state: 'DONE', startedAtMs: 5, endedAtMs: 5 }] }, 9)).toEqual([
      { state: 'DONE', phase: 'done', durationMs: null },
    ])
  })
  it('measures the whole until it ended, or until now', () => {
    const createdAt = new Date(1000).toISOString()
    expect(releaseDurationMs({ createdAt, endedAt: null }, 4000)).toBe(3000)
    expect(releaseDurationMs({ createdAt, endedAt: new Date(2000).toISOString() }, 4000)).toBe(1000)
  })
  it('puts every state under exactly one of the narrower filters', () => {
    for (const state of ReleaseState.options) {
      expect(stateFilters.filter((filter) => filter !== 'all' && matchesFilter(state, filter))).toHaveLength(1)
    }
  })
})
