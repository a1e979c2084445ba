/** What an event costs must not grow with the rows in its window: the same stream over 1 hour, 6 hours and 24 hours, and on one hot key. */
import { amountsOver, EngineOnly, mediansOver } from './support/engine-only.ts'
import type { Bench } from './support/harness.ts'
import { Payments } from './support/payments.ts'

const hourMs = 3_600_000
const keys = 1000
const stepMs = 30
const batchEvents = 1000

/** Nanoseconds an event, with the window full; a thousand keys, so that caches say little. */
function costNs(windowMs: number, hotShare: number, view = amountsOver): { ns: number; rows: number } {
  const payments = new Payments({ keys, stepMs, hotShare })
  const engine = new EngineOnly(view(windowMs))
  const rows = windowMs / stepMs
  for (let i = 0; i < (rows * 1.1) / batchEvents; i++) engine.apply(payments.next(batchEvents), payments.newestMs)
  engine.restart()
  for (let i = 0; i < 500; i++) engine.apply(payments.next(batchEvents), payments.newestMs)
  return { ns: (engine.workMs * 1e6) / engine.events, rows }
}

export const run: Bench = async ({ say }) => {
  const [small, middle, large] = [1, 6, 24].map((hours) => costNs(hours * hourMs, 0))
  const hot = costNs(24 * hourMs, 0.9)
  say(
    `1 h ${small!.ns.toFixed(0)} ns, 6 h ${middle!.ns.toFixed(0)} ns, 24 h ${large!.ns.toFixed(0)} ns an event; one key with nine of ten events ${hot.ns.toFixed(0)} ns`,
  )
  const [smallMedian, largeMedian] = [1, 24].map((hours) => costNs(hours * hourMs, 0, mediansOver))
  say(`with MEDIAN and QUANTILE 1 h ${smallMedian!.ns.toFixed(0)} ns, 24 h ${largeMedian!.ns.toFixed(0)} ns an event`)
  const note = (rows: number) => `${Math.round(rows).toLocaleString('en-US')} rows in the window`
  return [
    {
      name: 'window-size-cost',
      value: large!.ns / small!.ns,
      unit: '× of 1 h',
      bar: { atMost: 2 },
      note: `24 hours against 1 hour, ${note(large!.rows)} against ${note(small!.rows)}`,
    },
    {
      name: 'window-size-cost-median',
      value: largeMedian!.ns / smallMedian!.ns,
      unit: '× of 1 h',
      bar: { atMost: 4 },
      note: 'the same with MEDIAN and QUANTILE, whose cost grows with the logarithm of the rows and what of them is in caches',
    },
    {
      name: 'hot-key',
      value: 1e9 / hot.ns,
      unit: 'events/s',
      bar: { atLeast: 400_000 },
      baseline: { value: 1e9 / large!.ns, what: 'the same with all keys alike' },
      note: `one key has 90 % of the events, ${note(hot.rows * 0.9)} of its 24 hours`,
    },
  ]
}
