import { expect, test } from 'vitest'
import { testFeature } from './testing.ts'

const file = new URL('./since-peak.ts', import.meta.url)

/** The same, written down from the words: over all values so far, with no state. */
function bySentence(events: readonly { atMs: number; value: number }[], n: number, weight: number): number | null {
  let mean: number | null = null
  const peaks: number[] = []
  for (const { atMs, value } of events) {
    if (mean !== null && value > mean) peaks.push(atMs)
    mean = mean === null ? value : mean + weight * (value - mean)
  }
  return peaks.length < n ? null : events.at(-1)!.atMs - peaks.at(-n)!
}

test.each([1, 2, 3])('since the %i. last event above the moving average', (n) => {
  const run = testFeature(file, { n, weight: 0.25 })
  const events = [10, 12, 8, 30, 5, 9, 14, 14, 2, 40].map((value, i) => ({ atMs: 60_000 * (i * i + 1), value }))
  const values = events.map(({ atMs, value }) => run.event('card', atMs, { value }))
  expect(values).toEqual(events.map((_, i) => bySentence(events.slice(0, i + 1), n, 0.25)))
  expect(values.at(-1)).not.toBeNull()
})
