/** From the click on Release (the API's call) until the new job runs, other jobs at work. The worst of five. */
import { until } from '../e2e/support/product.ts'
import { originDelays } from './support/flights.ts'
import type { Bench } from './support/harness.ts'

const rounds = 5

export const run: Bench = async ({ product, say }) => {
  const evenflow = await product()
  const times: number[] = []
  for (let round = 1; round <= rounds; round++) {
    const view = `release_${round}`
    const saved = await evenflow.call('POST', '/views', { name: view, sql: originDelays })
    if (saved.status >= 300) throw new Error(`the view could not be saved: ${JSON.stringify(saved.body)}`)
    const beganMs = performance.now()
    const release = await evenflow.call('POST', '/releases', {
      view,
      version: 1,
      mode: 'automatic',
      historyEventTime: '2001-06-30T00:00:00Z',
    })
    if (release.status >= 300) throw new Error(`the view could not be released: ${JSON.stringify(release.body)}`)
    const job = await until(
      async () => (await evenflow.call('GET', '/jobs')).body.items.find((candidate: { view: string }) => candidate.view === view),
      (found) => found?.observed === 'RUNNING' || found?.observed === 'FAILED',
      20,
    )
    times.push((performance.now() - beganMs) / 1000)
    if (job.observed === 'FAILED') throw new Error(`the job failed: ${job.reason}`)
    await evenflow.call('POST', `/jobs/${job.id}/actions/stop`)
  }
  say(times.map((time) => `${time.toFixed(2)} s`).join(', '))
  return [{ name: 'release-running', value: Math.max(...times), unit: 's', bar: { atMost: 2 } }]
}
