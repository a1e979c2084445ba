import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalJson } from '../../definition/feature-id.ts'
import { ALL_FRAMES, arbitraryView } from '../../definition/testing/arbitrary-view.ts'
import { FLIGHTS } from '../../definition/testing/streams.ts'
import { choiceOf, frameOfChoice, panesOf, takesPrecision } from './window-choice.ts'

const TIME = choiceOf({ mode: 'range', start: { kind: 'unbounded' }, end: { kind: 'current' } })
const EVENTS = { ...TIME, by: 'events' as const }

describe('window picker', () => {
  it('says every window, and reads back what it says', () => {
    fc.assert(
      fc.property(arbitraryView(FLIGHTS, { ...ALL_FRAMES, maxWindows: 3 }), ({ windows }) => {
        for (const { name: _, ...frame } of windows) {
          const again = frameOfChoice(choiceOf(frame))
          expect(canonicalJson(again.problem ?? plain(again.frame))).toBe(canonicalJson(plain(frame)))
        }
      }),
      { numRuns: 300 },
    )
  })

  it('counts events: the last ten, and ten before the newest two', () => {
    expect(frameOfChoice({ ...EVENTS, last: '10' })).toEqual({
      frame: { mode: 'rows', start: { kind: 'rows', count: 9 }, end: { kind: 'current' } },
    })
    expect(frameOfChoice({ ...EVENTS, last: '10', skip: '2', exclude: 'ties', maxRows: '5' })).toEqual({
      frame: { mode: 'rows', start: { kind: 'rows', count: 11 }, end: { kind: 'rows', count: 2 }, exclude: 'ties', maxRows: 5 },
    })
    expect(frameOfChoice({ ...EVENTS, last: 'all', skip: '1' })).toMatchObject({ frame: { start: { kind: 'unbounded' } } })
  })

  it.each([
    [{ ...EVENTS, last: '0' }, 'last', 'badCount'],
    [{ ...EVENTS, last: '100001', skip: '1' }, 'last', 'badCount'],
    [{ ...EVENTS, skip: 'x' }, 'skip', 'badSkip'],
    [{ ...TIME, maxRows: '1.5' }, 'maxRows', 'badCap'],
    [{ ...TIME, from: 'three' }, 'until', undefined],
    [{ ...TIME, precision: 'fine' }, 'precision', undefined],
  ])('says which field is wrong: %o', (choice, field, key) => {
    expect(frameOfChoice(choice)).toMatchObject({ problem: { field, ...(key && { key }) } })
  })

  it('keeps panes only where rows need not be told apart', () => {
    expect(takesPrecision({ ...TIME, exclude: 'ties' })).toBe(false)
    expect(frameOfChoice({ ...TIME, from: '30 days', precision: '1 hour', maxRows: '5' })).toMatchObject({ frame: { maxRows: 5 } })
    const { frame } = frameOfChoice({ ...TIME, from: '30 days', precision: '1 hour' }) as { frame: Parameters<typeof panesOf>[0] }
    expect(panesOf(frame)).toBe(721)
    expect(panesOf({ ...frame, precision: undefined })).toBeNull()
  })
})

/** `0 PRECEDING` and an interval of nothing are CURRENT ROW: the picker has one way to say it. */
const plain = (frame: object): unknown =>
  JSON.parse(JSON.stringify(frame), (_key, value) => {
    if (value?.kind === 'rows' && value.count === 0) return { kind: 'current' }
    const isNothing = value?.kind === 'preceding' && Object.values(value.interval).every((part) => part === 0)
    return isNothing ? { kind: 'current' } : value
  })
