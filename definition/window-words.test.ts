import fc from 'fast-check'
import { expect, test } from 'vitest'
import { arbitraryView } from './testing/arbitrary-view.ts'
import { FLIGHTS } from './testing/streams.ts'
import type { Window } from './model.ts'
import { frameName, frameOf, windowInEnglish, windowWords } from './window-words.ts'

const hours = (count: number) => ({ months: 0, days: 0, ms: count * 3_600_000 })

test.each([
  [{ kind: 'last', length: hours(3) } as const, 'the last 3 hours', 'w3h'],
  [{ kind: 'last', length: { months: 0, days: 1, ms: 0 } } as const, 'the last day', 'w1d'],
  [
    { kind: 'between', from: hours(3), to: { months: 0, days: 0, ms: 1_800_000 } } as const,
    'from 3 hours ago to 30 minutes ago',
    'w3h_30m',
  ],
  [{ kind: 'lifetime' } as const, 'all time', 'wall'],
  [{ kind: 'until', to: hours(1) } as const, 'all time up to 1 hour ago', 'wall_1h'],
  [{ kind: 'instant' } as const, 'the same millisecond', 'w0s'],
  [{ kind: 'rows', from: 9, to: 0 } as const, 'the last 10 events', 'rows10'],
  [{ kind: 'rows', from: 9, to: 1 } as const, 'from 9 to 1 events back', 'rows9_1'],
  [{ kind: 'rows', from: 1, to: 1 } as const, 'the event 1 back', 'rows1_1'],
  [{ kind: 'rows', from: 0, to: 0 } as const, 'the last event', 'rows1'],
  [{ kind: 'rows', from: 'all', to: 0 } as const, 'all events', 'rowsall'],
  [{ kind: 'rows', from: 'all', to: 5 } as const, 'all events but the last 5', 'rowsall_5'],
])('%o is %s', (words, english, name) => {
  expect(windowInEnglish(frameOf(words))).toBe(english)
  expect(windowWords(frameOf(words))).toEqual(words)
  expect(frameName(frameOf(words))).toBe(name)
})

test('words and frame say the same for every window', () => {
  fc.assert(
    fc.property(arbitraryView(FLIGHTS, { rows: true }), ({ windows }) => {
      for (const { mode, start, end } of windows.filter((window) => !sayTheSameTwice(window)))
        expect(frameOf(windowWords({ mode, start, end } as Window))).toEqual({ mode, start, end })
    }),
  )
})

/** The current row is `CURRENT ROW` and `0 PRECEDING`; words have one way to say it. */
const sayTheSameTwice = ({ start, end }: Window) => [start, end].some((bound) => bound.kind === 'rows' && bound.count === 0)
