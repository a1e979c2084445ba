/**
 * The longest pause of the garbage collector while the pane case runs over a million keys, making its events included: half a minute, or the
 * full ten with `--long`.
 */
import { PerformanceObserver } from 'node:perf_hooks'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { type Bench, percentile } from './support/harness.ts'
import { warmPanes } from './support/million-panes.ts'

const batchEvents = 1000
const shortMs = 30_000
const longMs = 600_000

export const run: Bench = async ({ say, long }) => {
  const { engine, payments } = warmPanes()
  const pauses: number[] = []
  const observer = new PerformanceObserver((list) => pauses.push(...list.getEntries().map(({ duration }) => duration)))
  observer.observe({ entryTypes: ['gc'] })
  const beganMs = performance.now()
  let events = 0
  while (performance.now() - beganMs < (long ? longMs : shortMs)) {
    for (let i = 0; i < 50; i++) engine.apply(payments.next(batchEvents), payments.newestMs)
    events += 50 * batchEvents
    await nextTurn() // what was observed is handed over in between
  }
  pauses.push(...observer.takeRecords().map(({ duration }) => duration))
  observer.disconnect()
  const longest = Math.max(0, ...pauses)
  say(
    `${pauses.length} pauses while ${events.toLocaleString('en-US')} events were made and applied, p99 ${percentile(pauses, 0.99).toFixed(2)} ms`,
  )
  return [
    {
      name: 'gc-pause-max',
      value: longest,
      unit: 'ms',
      bar: { atMost: 50 },
      note: `${long ? 'ten minutes' : 'half a minute, --long watches for ten'}, ${engine.operator.keys().toLocaleString('en-US')} keys, making the events included`,
    },
  ]
}
