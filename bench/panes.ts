/**
 * The pane case: a million cards, a day in panes of an hour of which five have events on average, COUNT, SUM, MAX and APPROX_COUNT_DISTINCT,
 * lateness 0, a pane expiring for each that begins: 150-byte JSON → nobody, one core. The idiomatic way does the same on the same bytes in
 * the same run. Rates are of processor time, garbage collection included, so that a busy machine does not decide.
 */
import { type Bench, percentile } from './support/harness.ts'
import { IdiomaticPanes } from './support/idiomatic-panes.ts'
import { paneCards, paneDayMs, warmPanes } from './support/million-panes.ts'

const batchEvents = 1000
const timedBatches = 1500
const idiomaticBatches = 300

export const run: Bench = async ({ say }) => {
  const { engine, payments } = warmPanes()
  const { operator } = engine
  const timed = payments.batches(timedBatches, batchEvents)
  engine.applyAll(timed)
  const rate = engine.eventsPerSecond
  const bytes = operator.stateBytes() / operator.keys()
  say(`${Math.round(rate).toLocaleString('en-US')} events/s, ${operator.keys().toLocaleString('en-US')} keys of ${bytes.toFixed(0)} bytes`)
  const { batchMs } = engine
  const idiomatic = new IdiomaticPanes(paneDayMs)
  idiomatic.fill(paneCards, timed[0]!.newestMs)
  for (const { records } of timed.slice(0, idiomaticBatches / 3)) idiomatic.apply(records) // compiled by then
  idiomatic.applyAll(timed.slice(idiomaticBatches / 3, idiomaticBatches))
  const baseline = {
    value: idiomatic.eventsPerSecond,
    what: 'kafkajs messages, JSON.parse, a Map of hourly buckets per key, each with count, sum, maximum and a Set, put together at each event',
  }
  const note = `batches of ${batchEvents} events of the pane case, p50 ${percentile(batchMs, 0.5).toFixed(2)} ms, p99.9 ${percentile(batchMs, 0.999).toFixed(2)} ms`
  return [
    {
      name: 'pane-throughput',
      value: rate,
      unit: 'events/s',
      bar: { atLeast: 800_000 },
      baseline,
      note: `${operator.keys().toLocaleString('en-US')} keys`,
    },
    { name: 'idiomatic-ratio', value: rate / baseline.value, unit: '×', bar: { atLeast: 5 }, note: 'of the pane case' },
    { name: 'batch-p99', value: percentile(batchMs, 0.99), unit: 'ms', bar: { atMost: 10 }, note },
    {
      name: 'bytes-per-key',
      value: bytes,
      unit: 'bytes',
      bar: { atMost: 601 },
      note: 'of the pane case, the table of keys and unused room included',
    },
  ]
}
