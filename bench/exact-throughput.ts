/**
 * Exact windows on one core: 150-byte JSON → COUNT, SUM, AVG, MAX over 1 hour, 100,000 keys → nobody. The idiomatic way does the same
 * work on the same bytes in the same run. Rates are of processor time, garbage collection included, so that a busy machine does not decide.
 */
import type { RecordBatch } from '../engine/source/port.ts'
import { amountsOver, type Batch, EngineOnly } from './support/engine-only.ts'
import { type Bench, percentile } from './support/harness.ts'
import { IdiomaticWindows } from './support/idiomatic-windows.ts'
import { Payments } from './support/payments.ts'

const hourMs = 3_600_000
const keys = 100_000
const batchEvents = 1000
/** so that 2.5 million rows are in the window */
const stepMs = hourMs / 2_500_000
const warmBatches = 3500
const timedBatches = 1500

/** The same events for either side, the window filled before the clock runs. */
function drive(side: { apply(records: RecordBatch, newestMs: number): void; applyAll(batches: readonly Batch[]): void }): void {
  const payments = new Payments({ keys, stepMs })
  for (let i = 0; i < warmBatches; i++) {
    const records = payments.next(batchEvents)
    side.apply(records, payments.newestMs)
  }
  side.applyAll(payments.batches(timedBatches, batchEvents))
}

export const run: Bench = async ({ say }) => {
  const engine = new EngineOnly(amountsOver(hourMs))
  drive(engine)
  const rate = engine.eventsPerSecond
  say(`${Math.round(rate).toLocaleString('en-US')} events/s`)
  const idiomatic = new IdiomaticWindows(hourMs)
  drive(idiomatic)
  const baseline = {
    value: idiomatic.eventsPerSecond,
    what: 'kafkajs messages, JSON.parse, a Map of arrays per key, running sums, the maximum looked for when it has left',
  }
  const { operator, batchMs } = engine
  const latency = `batches of ${batchEvents} events, p50 ${percentile(batchMs, 0.5).toFixed(2)} ms, p99.9 ${percentile(batchMs, 0.999).toFixed(2)} ms`
  return [
    {
      name: 'exact-throughput',
      value: rate,
      unit: 'events/s',
      bar: { atLeast: 400_000 },
      baseline,
      note: `${keys.toLocaleString('en-US')} keys, 2.5 M rows in the window`,
    },
    { name: 'exact-idiomatic-ratio', value: rate / baseline.value, unit: '×', bar: null, note: 'of exact windows' },
    { name: 'exact-batch-p99', value: percentile(batchMs, 0.99), unit: 'ms', bar: { atMost: 10 }, note: latency },
    {
      name: 'exact-bytes-per-key',
      value: operator.stateBytes() / operator.keys(),
      unit: 'bytes',
      bar: null,
      note: 'exact windows, 25 rows of 32 bytes a key on average',
    },
  ]
}
