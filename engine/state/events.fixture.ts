/** Random events with NULLs and ties over the stream that has every type, as JSON, as DuckDB rows and for the naive oracle. */
import fc from 'fast-check'
import { ALL_TYPES } from '../../definition/testing/streams.ts'
import type { TestEvent } from '../task/run-view.fixture.ts'
import type { NaiveEvent } from './naive.fixture.ts'

export interface RandomEvent {
  ts: number
  k: string
  n: number
  i: number | null
  d: number | null
  m: number | null
  s: string | null
  b: boolean | null
  t: number | null
}

export const START_MS = Date.UTC(2001, 1, 26, 23, 50)
const sometimes = <T>(values: fc.Arbitrary<T>) => fc.option(values, { freq: 4, nil: null })

/** Times stand close together, and often at the same millisecond; `n` is the row's number. */
export const randomEvents = (most = 50): fc.Arbitrary<RandomEvent[]> =>
  fc
    .array(
      fc.record({
        step: fc.oneof(
          { weight: 3, arbitrary: fc.constant(0) },
          { weight: 6, arbitrary: fc.integer({ min: 1, max: 3000 }) },
          { weight: 2, arbitrary: fc.integer({ min: 60_000, max: 100_000_000 }) },
        ),
        back: fc.oneof({ weight: 6, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: 0, max: 4000 }) }),
        k: fc.constantFrom('x', 'y'),
        i: sometimes(fc.integer({ min: -20, max: 20 })),
        d: sometimes(fc.integer({ min: -400, max: 400 }).map((eighths) => eighths / 8)),
        m: sometimes(fc.integer({ min: -2000, max: 2000 }).map((cents) => cents / 100)),
        s: sometimes(fc.constantFrom('', 'a', 'b', 'A', 'ab', '😀中文', '\uffee', "it's")),
        b: sometimes(fc.boolean()),
        t: sometimes(fc.integer({ min: START_MS - 100_000_000, max: START_MS + 100_000_000 })),
      }),
      { minLength: 1, maxLength: most },
    )
    .map((drawn) => {
      let now = START_MS
      return drawn.map(({ step, back, ...fields }, n) => {
        now += step
        return { ...fields, n, ts: now - back }
      })
    })

export const asTestEvents = (events: readonly RandomEvent[]): TestEvent[] => events.map((event) => ({ value: { ...event } }))

export const asNaive = (events: readonly RandomEvent[]): NaiveEvent[] =>
  events.map((event, offset) => ({
    partition: 0,
    offset,
    timeMs: event.ts,
    fields: ALL_TYPES.fields.map(({ name, type }) => {
      const value = event[name as keyof RandomEvent]
      return type.startsWith('decimal') && value !== null ? Math.round(Number(value) * 100) : value
    }),
  }))

/** By how much an event lies behind the newest one before it, at most. */
export function disorderOf(times: readonly number[]): number {
  let newest = Number.NEGATIVE_INFINITY
  let disorder = 0
  for (const time of times) {
    newest = Math.max(newest, time)
    disorder = Math.max(disorder, newest - time)
  }
  return disorder
}
