/** Everything in the windows leaves at once: 100,000 keys fall silent for an hour, then all come back while their old rows go. */
import { amountsOver, EngineOnly } from './support/engine-only.ts'
import { type Bench, percentile } from './support/harness.ts'
import { Payments } from './support/payments.ts'

const hourMs = 3_600_000
const batchEvents = 1000

export const run: Bench = async ({ say }) => {
  const payments = new Payments({ keys: 100_000, stepMs: hourMs / 2_500_000 })
  const engine = new EngineOnly(amountsOver(hourMs))
  for (let i = 0; i < 2500; i++) engine.apply(payments.next(batchEvents), payments.newestMs)
  payments.pause(2 * hourMs)
  engine.restart()
  for (let i = 0; i < 1000; i++) engine.apply(payments.next(batchEvents), payments.newestMs)
  const p99 = percentile(engine.batchMs, 0.99)
  say(
    `p50 ${percentile(engine.batchMs, 0.5).toFixed(2)} ms, p99 ${p99.toFixed(2)} ms, longest ${Math.max(...engine.batchMs).toFixed(1)} ms`,
  )
  return [
    {
      name: 'expiry-storm-p99',
      value: p99,
      unit: 'ms',
      bar: { atMost: 10 },
      note: `2.5 M rows expire while batches of ${batchEvents} events come`,
    },
  ]
}
