/** Latency of a feature read of one key at 500 reads/s while 10,000 events/s come in; each read is timed from when it was due. */
import { originDelays } from './support/flights.ts'
import { type Bench, percentile } from './support/harness.ts'
import { until } from '../e2e/support/product.ts'

const readsPerSecond = 500
const consoleReadsPerSecond = 50 // the console's own road is for people and scripts; readers ask the engine
const eventsPerSecond = 10_000
const seconds = 20
const warmUpSeconds = 5
const airports = [
  'ORD',
  'DFW',
  'ATL',
  'LAX',
  'PHX',
  'STL',
  'DTW',
  'MSP',
  'LAS',
  'BOS',
  'DEN',
  'IAH',
  'CLT',
  'SFO',
  'LGA',
  'EWR',
  'PHL',
  'PIT',
  'DCA',
  'SEA',
]

export const run: Bench = async ({ product, say }) => {
  const evenflow = await product()
  const name = 'live_flights'
  const fields = [
    { name: 'event_time', type: 'timestamp' },
    { name: 'origin', type: 'string' },
    { name: 'destination', type: 'string' },
    { name: 'delay', type: 'int' },
  ]
  await evenflow.call('POST', '/streams', { name, fields, eventTime: 'event_time' })
  const sql = originDelays.replace("ORDER('event_time') READ_CLOCK('event')", "ORDER('arrival')").replace('FROM flights', `FROM ${name}`)
  const view = await evenflow.call('POST', '/views', { name: 'live_delays', sql })
  if (view.status >= 300) throw new Error(JSON.stringify(view.body))
  await evenflow.call('POST', '/releases', { view: 'live_delays', version: 1, mode: 'automatic' })
  await until(
    async () => (await evenflow.call('GET', '/views/live_delays')).body,
    (body) => body.runningJobId !== undefined,
  )

  const headers = { authorization: `Bearer ${evenflow.apiToken}`, 'content-type': 'application/json' }
  let stopped = false
  const feeding = every(
    10,
    () => !stopped,
    async (tick) => {
      const lines = Array.from({ length: eventsPerSecond / 100 }, (_, i) =>
        JSON.stringify({
          event_time: Date.now(),
          origin: airports[(tick + i) % airports.length],
          destination: airports[(tick * 7 + i) % airports.length],
          delay: (i * 13) % 90,
        }),
      )
      const response = await fetch(`${evenflow.engineUrl}/streams/${name}/events`, { method: 'POST', headers, body: lines.join('\n') })
      if (!response.ok) throw new Error(`events were refused: ${await response.text()}`)
      await response.arrayBuffer()
    },
  )
  const readAt = async (url: string, rate: number): Promise<number[]> => {
    const latencies: number[] = []
    const pending: Promise<void>[] = []
    const errors: string[] = []
    const beganMs = performance.now()
    const reads = (warmUpSeconds + seconds) * rate
    for (let read = 0; read < reads; ) {
      const dueNow = Math.min(reads, Math.floor(((performance.now() - beganMs) / 1000) * rate) + 1)
      for (; read < dueNow; read++) {
        const dueMs = beganMs + (read * 1000) / rate
        const measured = read >= warmUpSeconds * rate
        const body = JSON.stringify({ view: 'live_delays', keys: [{ origin: airports[read % airports.length] }] })
        pending.push(
          fetch(url, { method: 'POST', headers, body })
            .then(async (response) => {
              const text = await response.text()
              if (!response.ok) throw new Error(`a read failed: ${response.status} ${text}`)
              if (measured) latencies.push(performance.now() - dueMs)
            })
            .catch((error: Error) => void errors.push(`${error.message} ${String(error.cause ?? '')}`)),
        )
      }
      await new Promise((done) => setTimeout(done, 1))
    }
    await Promise.all(pending)
    if (errors.length) throw new Error(`${errors.length} of ${reads} reads of ${url} failed: ${errors[0]}`)
    return latencies
  }
  const [engine, console_] = await (async () => {
    try {
      return [
        await readAt(`${evenflow.engineUrl}/features`, readsPerSecond),
        await readAt(`${evenflow.url}/api/v1/features`, consoleReadsPerSecond),
      ]
    } finally {
      stopped = true
      await feeding
    }
  })()
  say(
    `engine: p50 ${percentile(engine, 0.5).toFixed(2)} ms, p99 ${percentile(engine, 0.99).toFixed(2)} ms; through the console: p50 ${percentile(console_, 0.5).toFixed(2)} ms, p99 ${percentile(console_, 0.99).toFixed(2)} ms`,
  )
  return [
    { name: 'read-p99-under-load', value: percentile(engine, 0.99), unit: 'ms', bar: { atMost: 5 } },
    {
      name: 'read-p99-console',
      value: percentile(console_, 0.99),
      unit: 'ms',
      bar: null,
      note: `through /api/v1 of the console, at ${consoleReadsPerSecond} reads/s`,
    },
  ]
}

async function every(ms: number, goOn: () => boolean, work: (tick: number) => Promise<void>): Promise<void> {
  const beganMs = performance.now()
  for (let tick = 0; goOn(); tick++) {
    const waitMs = beganMs + tick * ms - performance.now()
    if (waitMs > 0) await new Promise((done) => setTimeout(done, waitMs))
    await work(tick)
  }
}
