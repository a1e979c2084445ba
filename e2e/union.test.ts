/** An analyst's path over two streams, in the browser only: mapped in the form, previewed, checked against DuckDB, released; the job's page names both. */
import type { Browser, BrowserContext, Page } from 'playwright'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { axe, locales, openBrowser, schemes, visitor } from './support/browser.ts'
import { call, type House, startHouse, until } from './support/house.ts'

let house: House
let browser: Browser
let context: BrowserContext
let page: Page
let problems: string[]

const startMs = Math.floor(Date.now() / 60_000) * 60_000 - 1_800_000
const lines = (count: number, of: (i: number, timeMs: number) => object) =>
  Array.from({ length: count }, (_, i) => JSON.stringify(of(i, startMs + i * 60_000))).join('\n')

beforeAll(async () => {
  house = await startHouse()
  const fields = (key: string, amount: string) => [
    { name: key, type: 'string' },
    { name: amount, type: 'double' },
    { name: 'at', type: 'timestamp' },
  ]
  await call(house, '/streams', { name: 'payments', fields: fields('card', 'amount'), eventTime: 'at' })
  await call(house, '/streams', { name: 'refunds', fields: fields('card_no', 'back'), eventTime: 'at' })
  await call(
    house,
    '/streams/payments/events',
    lines(20, (i, at) => ({ card: `c${i % 2}`, amount: 10 + i, at })),
  )
  await call(
    house,
    '/streams/refunds/events',
    lines(10, (i, at) => ({ card_no: `c${i % 2}`, back: 1, at: at + 30_000 })),
  )
  browser = await openBrowser()
  ;({ context, page, problems } = await visitor(browser, house.url))
})
afterAll(async () => {
  await browser?.close()
  await house?.stop()
})

const jobId = async () => {
  const { items } = await call<{ items: { id: number; view: string }[] }>(house, '/jobs')
  return items.find(({ view }) => view === 'net')!.id
}

describe('a view over two streams', () => {
  it('is mapped in the form, and the SQL says it', async () => {
    await page.goto('/features/new?stream=payments')
    const demo = page.getByRole('button', { name: 'Go on as demo user' })
    await Promise.race([demo.waitFor(), page.getByText('in step with the form').waitFor()])
    if (await demo.isVisible()) {
      await demo.click()
      await page.waitForURL((url) => !url.pathname.includes('sign'))
      await page.goto('/features/new?stream=payments')
    }
    await page.getByText('in step with the form').waitFor()
    await page.getByLabel('And another stream').selectOption('refunds')
    await page.getByRole('table', { name: 'What each column is in each stream' }).waitFor()
    await page.getByLabel('card in refunds (2)').fill('card_no')
    await page.getByLabel('amount in refunds (2)').fill('-bakc')
    await page.getByRole('alert').getByText('did you mean `back`').waitFor()
    await page.getByLabel('amount in refunds (2)').fill('-back')
    await page.getByLabel('Only events of payments (1) where').fill('amount > 10')
    await page.getByText('in step with the form').waitFor()
    const sql = await until(
      () => page.locator('.cm-content').innerText(),
      (text) => text.includes('UNION ALL') && text.includes('amount > 10'),
    )
    expect(sql).toContain('card_no AS card, -back AS amount')
  })

  it('is previewed with the events of both, DuckDB agrees, and it is saved and released', async () => {
    const preview = page.getByRole('region', { name: 'Preview' })
    await preview
      .getByText(/^refunds 0:\d+$/)
      .first()
      .waitFor()
    await page.getByRole('tab', { name: /Check against DuckDB/ }).click()
    await page.getByRole('button', { name: 'Check now' }).click()
    await page.getByText('29 rows equal').first().waitFor()
    await page.keyboard.press('ControlOrMeta+s')
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Name of the view').fill('net')
    await dialog.getByRole('button', { name: 'Save version' }).click()
    await page.waitForURL('**/features/net/edit')
    await page.getByText('in step with the form').waitFor()
    await page.getByRole('button', { name: 'Release…' }).click()
    await dialog.getByRole('button', { name: 'Release v1' }).click()
    await page.waitForURL('**/releases/*')
    const id = Number(page.url().split('/').at(-1))
    await until(
      () => call<{ state: string }>(house, `/releases/${id}`),
      (release) => release.state === 'DONE',
    )
  })

  it('names its streams on its page, the page of its job and in its history', async () => {
    await page.goto('/features/net')
    await page.getByRole('link', { name: 'refunds' }).first().waitFor()
    await page.goto(`/jobs/${await jobId()}`)
    const card = page.getByRole('region', { name: 'Partitions' })
    await card.getByRole('link', { name: 'payments' }).waitFor()
    await card.getByRole('link', { name: 'refunds' }).waitFor()
    await page.goto('/features/net?tab=history')
    await page
      .getByText(/^payments 0:\d+$/)
      .first()
      .waitFor()
    expect(problems).toEqual([])
  })
})

describe.each(locales.flatMap((locale) => schemes.map((scheme) => ({ locale, scheme }))))('in $locale, $scheme', (look) => {
  it('its form, its page and the page of its job are clean for axe', async () => {
    const visit = await visitor(browser, house.url, look)
    await visit.context.addCookies((await context.cookies()).filter((cookie) => !cookie.name.startsWith('evenflow-')))
    for (const path of ['/features/net/edit', '/features/net?tab=history', `/jobs/${await jobId()}`]) {
      await visit.page.goto(path)
      await visit.page.getByText('refunds').first().waitFor({ state: 'attached' })
      expect(await axe(visit.page), path).toEqual([])
    }
    expect(visit.problems).toEqual([])
    await visit.context.close()
  })
})
