/** Three million flights from the log through a released origin_delays, online store and history on: events per second until it has caught up. */
import { until } from '../e2e/support/product.ts'
import { originDelays, readFlights } from './support/flights.ts'
import type { Bench } from './support/harness.ts'
import { naiveOriginDelays } from './support/naive.ts'

const naiveEvents = 200_000

export const run: Bench = async ({ product, say }) => {
  const evenflow = await product()
  const { body: stream } = await evenflow.call('GET', '/streams/flights')
  const total = stream.stats?.events
  if (!total) throw new Error('the stream flights is empty: run ingest-http in the same run')
  const view = await evenflow.call('POST', '/views', { name: 'origin_delays', sql: originDelays })
  if (view.status >= 300) throw new Error(`the view could not be saved: ${JSON.stringify(view.body)}`)
  const release = await evenflow.call('POST', '/releases', { view: 'origin_delays', version: 1, mode: 'automatic' })
  if (release.status >= 300) throw new Error(`the view could not be released: ${JSON.stringify(release.body)}`)

  const jobs = async () => (await evenflow.call('GET', '/jobs')).body.items[0]
  const begun = await until(jobs, (job) => job?.observed === 'RUNNING' && (job.metrics?.eventsTotal ?? 0) > 0, 50)
  const beganMs = performance.now()
  const first = begun.metrics.eventsTotal
  const done = await until(
    jobs,
    (job) => {
      if (job.observed === 'FAILED') throw new Error(`the job failed: ${job.reason}`)
      return job.metrics.eventsTotal >= total && job.lagRecords === 0
    },
    100,
  )
  const seconds = (performance.now() - beganMs) / 1000
  say(`${done.metrics.eventsTotal.toLocaleString('en-US')} events in ${seconds.toFixed(1)} s`)
  const { body: history } = await evenflow.call('GET', '/views/origin_delays/history?limit=1')
  if (!history.total) throw new Error('nothing stands in the history')

  const flights = await readFlights()
  const lines = (await flights.lines(0, naiveEvents)).map((line) => Buffer.from(line))
  flights.close()
  return [
    {
      name: 'replay-flights',
      value: (done.metrics.eventsTotal - first) / seconds,
      unit: 'events/s',
      bar: { atLeast: 30_000 },
      baseline: {
        value: naiveOriginDelays(lines),
        what: `JSON.parse, Map of arrays, windows walked; no store, first ${naiveEvents.toLocaleString('en-US')} flights`,
      },
    },
  ]
}
