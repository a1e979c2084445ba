/**
 * Exact windows on one core: 150-byte JSON → COUNT, SUM, AVG, MAX over 1 hour, 100,000 keys → nobody. The idiomatic way does the same
 * work on the same bytes in the same run, in turns, so that a busy machine slows both.
 */
import { amountsOver, EngineOnly } from './support/engine-only.ts'
import { type Bench, type Measured, percentile } from './support/harness.ts'
import { IdiomaticWindows } from './support/idiomatic-windows.ts'
import { Payments } from './support/payments.ts'

const hourMs = 3_600_000
const keys = 100_000
const batchEvents = 1000
/** so that 2.5 million rows are in the window */
const stepMs = hourMs / 2_500_000
const warmBatches = 3500
const timedBatches = 2000

export const run: Bench = async ({ say }) => {
  const payments = new Payments({ keys, stepMs })
  const engine = new EngineOnly(amountsOver(hourMs))
  const idiomatic = new IdiomaticWindows(hourMs)
  for (let i = 0; i < warmBatches + timedBatches; i++) {
    if (i === warmBatches) {
      engine.restart()
      idiomatic.restart()
    }
    const records = payments.next(batchEvents)
    engine.apply(records, payments.newestMs)
    idiomatic.apply(records)
  }
  const note = `${keys.toLocaleString('en-US')} keys, ${(engine.events / 1e6).toFixed(1)} M events timed, the window full before`
  say(
    `${Math.round(engine.eventsPerSecond).toLocaleString('en-US')} events/s; idiomatic ${Math.round(idiomatic.eventsPerSecond).toLocaleString('en-US')}`,
  )
  const baseline = {
    value: idiomatic.eventsPerSecond,
    what: 'JSON.parse, a Map of arrays per key, running sums, the maximum of the window looked for when it left',
  }
  const rows: Measured[] = [
    { name: 'exact-throughput', value: engine.eventsPerSecond, unit: 'events/s', bar: { atLeast: 400_000 }, baseline, note },
    { name: 'idiomatic-ratio', value: engine.eventsPerSecond / idiomatic.eventsPerSecond, unit: '×', bar: { atLeast: 5 } },
    {
      name: 'batch-p99',
      value: percentile(engine.batchMs, 0.99),
      unit: 'ms',
      bar: { atMost: 10 },
      note: `batches of ${batchEvents} events, p50 ${percentile(engine.batchMs, 0.5).toFixed(2)} ms, p99.9 ${percentile(engine.batchMs, 0.999).toFixed(2)} ms`,
    },
    {
      name: 'exact-bytes-per-key',
      value: engine.operator.stateBytes() / engine.operator.keys(),
      unit: 'bytes',
      bar: null,
      note: '25 rows of 32 bytes a key on average',
    },
  ]
  return rows
}
