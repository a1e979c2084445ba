/** From asking for a page until its heading and its data are there, a fresh visitor each time; the slowest of all pages, median of three each. */
import { openBrowser, visitor } from '../e2e/support/browser.ts'
import { type Bench, percentile } from './support/harness.ts'

const visits = 3

export const run: Bench = async ({ product, say }) => {
  const evenflow = await product()
  const { body: jobs } = await evenflow.call('GET', '/jobs')
  const { body: releases } = await evenflow.call('GET', '/releases')
  const { body: views } = await evenflow.call('GET', '/views')
  const view = views.items[0]?.name
  const job = jobs.items[0]?.id
  const { body: checkpoints } = job ? await evenflow.call('GET', `/jobs/${job}/checkpoints`) : { body: { items: [] } }
  const paths = [
    '/',
    '/streams',
    '/streams/flights',
    '/features',
    '/features/new',
    ...(view ? [`/features/${view}`, `/features/${view}/edit`] : []),
    '/releases',
    ...(releases.items[0] ? [`/releases/${releases.items[0].id}`] : []),
    '/jobs',
    ...(job ? [`/jobs/${job}`] : []),
    '/checkpoints',
    ...(checkpoints.items[0] ? [`/jobs/${job}/checkpoints/${checkpoints.items[0].id}`] : []),
    '/checkpoints/savepoints',
    '/settings/parameters',
    '/settings/users',
    '/settings/tokens',
    '/audit',
  ]
  const browser = await openBrowser()
  const admin = { name: 'Bench', email: 'bench@example.com', password: 'a bench needs ten' }
  const medians: { path: string; seconds: number }[] = []
  try {
    const first = await visitor(browser, evenflow.url)
    await first.context.request.post('/api/v1/setup', { data: admin })
    await first.context.request.post('/api/v1/sign-in', { data: { email: admin.email, password: admin.password } })
    const state = await first.context.storageState()
    for (const path of paths) {
      const times: number[] = []
      for (let visit = 0; visit <= visits; visit++) {
        const context = await browser.newContext({ baseURL: evenflow.url, storageState: state, viewport: { width: 1440, height: 900 } })
        const page = await context.newPage()
        const beganMs = performance.now()
        await page.goto(path, { waitUntil: 'commit' })
        await page.locator('main h1').first().waitFor()
        await page.locator('main [aria-busy=true]').first().waitFor({ state: 'detached' })
        if (visit > 0) times.push((performance.now() - beganMs) / 1000) // the first visit warms the server
        await context.close()
      }
      medians.push({ path, seconds: percentile(times, 0.5) })
    }
  } finally {
    await browser.close()
  }
  medians.sort((a, b) => b.seconds - a.seconds)
  say(
    `${medians.length} pages; slowest: ${medians
      .slice(0, 4)
      .map(({ path, seconds }) => `${path} ${seconds.toFixed(2)} s`)
      .join(', ')}`,
  )
  return [{ name: 'page-usable', value: medians[0]!.seconds, unit: 's', bar: { atMost: 1.5 } }]
}
