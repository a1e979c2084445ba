/**
 * An analyst's path, in the browser only: pasted events become a stream, a feature is made in the form, its SQL appears,
 * the preview shows values on those events and DuckDB agrees, it is saved, released, and its value on the page is the API's.
 */
import type { Browser, BrowserContext, Page } from 'playwright'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { axe, locales, openBrowser, schemes, visitor } from './support/browser.ts'
import { call, type House, startHouse, until } from './support/house.ts'

let house: House
let browser: Browser
let context: BrowserContext
let page: Page
let problems: string[]

const startMs = Math.floor(Date.now() / 60_000) * 60_000 - 3_600_000 // the last hour: a read of now finds it in its windows
const events = Array.from({ length: 60 }, (_, i) =>
  JSON.stringify({
    card: `c${i % 3}`,
    amount: i + 0.5,
    shop: i % 4 === 0 ? null : `s${i % 2}`,
    paid_at: new Date(startMs + i * 60_000).toISOString(),
  }),
)
const lastMs = startMs + 59 * 60_000
/** What a plain scan says of card c2 at its last event: the newest 60 minutes, both ends included. */
const ofCard = events
  .map((line) => JSON.parse(line) as { card: string; amount: number; paid_at: string })
  .filter((event) => event.card === 'c2')
const expected = {
  events_1h: ofCard.filter((event) => Date.parse(event.paid_at) >= lastMs - 3_600_000).length,
  big_amount: ofCard.filter((event) => event.amount > 20).reduce((sum, event) => sum + event.amount, 0),
}

beforeAll(async () => {
  house = await startHouse()
  browser = await openBrowser()
  ;({ context, page, problems } = await visitor(browser, house.url))
})
afterAll(async () => {
  await browser?.close()
  await house?.stop()
})

describe('an analyst', () => {
  it('is met at the door on the first visit, and goes on as the demo user', async () => {
    await page.goto('/streams')
    await page.getByRole('heading', { name: 'Create the first administrator' }).waitFor()
    expect(await axe(page)).toEqual([])
    await page.getByRole('button', { name: 'Go on as demo user' }).click()
    await page.getByRole('heading', { name: 'Streams', exact: true }).waitFor()
    await page.getByText('No streams yet').waitFor()
  })

  it('makes a stream of pasted events; a broken line is told, the rest go in', async () => {
    await page.getByRole('link', { name: 'Add a stream' }).first().click()
    await page.getByLabel('Sample events').fill([...events, '{"card": "c1", "amount":'].join('\n'))
    await page.getByText('60 events read').waitFor()
    await page.getByText('line 61:').waitFor()
    expect(await page.getByLabel('Type of amount').inputValue()).toBe('double')
    expect(await page.getByLabel('shop may be null').isChecked()).toBe(true)
    expect(await page.getByLabel('paid_at is the event time').isChecked()).toBe(true)
    await page.getByLabel('Name').fill('payments')
    await page.getByRole('button', { name: 'Create stream' }).click()
    // The refused line waits where it can be corrected and sent again.
    await page.getByLabel('Events to send').waitFor()
    await until(
      () => page.getByLabel('Events to send').inputValue(),
      (text) => text === '{"card": "c1", "amount":',
    )
    await page.getByRole('tab', { name: /Dead letters/ }).click()
    await page.getByRole('region', { name: 'Dead letters' }).getByText('{"card": "c1", "amount":').waitFor()
    await page.getByRole('tab', { name: 'Events', exact: true }).click()
    await page.getByRole('button', { name: '59', exact: true }).click()
    await page.getByText('"amount": 59.5').waitFor()
  })

  it('adds a feature in the form, and its SQL appears', async () => {
    await page.getByRole('link', { name: 'Add a feature' }).first().click()
    await page.getByText('in step with the form').waitFor()
    await page.getByRole('button', { name: 'Add feature' }).click()
    await page.getByRole('group', { name: 'events', exact: true }).getByLabel('Name').fill('big_amount')
    const row = page.getByRole('group', { name: 'big_amount' })
    await row.getByLabel('What big_amount computes').selectOption({ label: 'sum of' })
    await row.getByLabel('Expression of big_amount').fill('amont')
    await row.getByRole('alert').getByText('did you mean `amount`').waitFor()
    await page.locator('.cm-lintRange-error', { hasText: 'amont' }).waitFor()
    expect(await page.getByRole('button', { name: /Save version/ }).isDisabled()).toBe(true)
    await row.getByLabel('Expression of big_amount').fill('amount')
    await row.getByLabel('big_amount only when').fill('amount > 20')
    await row.getByRole('button', { name: /^Window:/ }).click()
    await page.getByRole('dialog').getByRole('button', { name: '7 days' }).click()
    await page.getByText('in step with the form').waitFor()
    const sql = await until(
      () => page.locator('.cm-content').innerText(),
      (text) => text.includes('OVER w7d'),
    )
    expect(sql).toContain('SUM(amount) FILTER (WHERE amount > 20) OVER w7d AS big_amount')
  })

  it('types SQL, and the form follows; a reload loses nothing', async () => {
    const editor = page.locator('.cm-content')
    await editor.click()
    await page.keyboard.press('ControlOrMeta+a')
    await page.keyboard.insertText(
      "SELECT card, COUNT(*) OVER w1h AS events_1h, SUM(amount) FILTER (WHERE amount > 20) OVER w7d AS big_amount, big_amount / NULLIF(events_1h, 0) AS per_event FROM payments WINDOW w1h AS (PARTITION BY card ORDER BY event_time RANGE BETWEEN INTERVAL '1' HOUR PRECEDING AND CURRENT ROW), w7d AS (PARTITION BY card ORDER BY event_time RANGE BETWEEN INTERVAL '7' DAY PRECEDING AND CURRENT ROW)",
    )
    const formula = page.getByRole('group', { name: 'per_event' }).getByLabel('Expression of per_event')
    await formula.waitFor()
    expect(await formula.inputValue()).toBe('big_amount / NULLIF(events_1h, 0)')
    await page.getByText('kept in this browser').waitFor()
    await page.reload()
    await page.getByText('A draft that you had not saved was restored.').waitFor()
    await page.getByRole('group', { name: 'per_event' }).waitFor()
  })

  it('previews values on the events, and DuckDB agrees', async () => {
    const preview = page.getByRole('region', { name: 'Preview' })
    await preview.getByRole('columnheader', { name: 'big_amount' }).waitFor()
    await preview.getByRole('row').nth(1).getByText('c2').waitFor()
    expect(await preview.getByRole('row').nth(1).getByRole('cell').allInnerTexts()).toContain(String(expected.big_amount))
    await page.getByRole('tab', { name: /Check against DuckDB/ }).click()
    await page.getByRole('button', { name: 'Check now' }).click()
    await page.getByText('60 rows equal').first().waitFor()
  })

  it('saves a version and releases it', async () => {
    await page.keyboard.press('ControlOrMeta+s')
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Name of the view').fill('card_payments')
    await dialog.getByLabel('Note').fill('large payments by card')
    await dialog.getByRole('button', { name: 'Save version' }).click()
    await page.waitForURL('**/features/card_payments/edit')
    await page.getByText('in step with the form').waitFor()
    await page.getByRole('button', { name: 'Release…' }).click()
    await dialog.getByRole('radio', { name: 'Only events at or after a time' }).check()
    await dialog.getByLabel('historyEventTime').fill('no time')
    await dialog.getByText('This is no date or time.').waitFor()
    await dialog.getByLabel('historyEventTime').fill('2020-01-01')
    await dialog.getByRole('button', { name: 'Release v1' }).click()
    await page.waitForURL('**/releases/*')
    const id = Number(page.url().split('/').at(-1))
    await until(
      () => call<{ state: string }>(house, `/releases/${id}`),
      (release) => release.state === 'DONE',
    )
  })

  it('reads the same value on the page as over HTTP, and finds it in the store and in the history', async () => {
    const at = lastMs
    const answer = await until(
      () =>
        call<{ rows: { status: string; features: Record<string, number> }[] }>(house, '/features', {
          view: 'card_payments',
          keys: [{ card: 'c2' }],
          at,
        }),
      (read) => read.rows[0]?.status === 'PRESENT' && read.rows[0].features.big_amount === expected.big_amount,
    )
    expect(answer.rows[0]?.features).toMatchObject(expected)
    await page.goto('/features/card_payments?tab=read')
    await page.getByRole('textbox', { name: 'card' }).fill('c2')
    const shown = await until(
      async () => {
        const now = await call<{ rows: { features: Record<string, number | null> }[] }>(house, '/features', {
          view: 'card_payments',
          keys: [{ card: 'c2' }],
        })
        const value = await page
          .locator('dl > div', { hasText: 'big_amount' })
          .locator('dd')
          .first()
          .innerText()
          .catch(() => '')
        return { value, api: now.rows[0]?.features.big_amount }
      },
      ({ value, api }) => value === (api === null ? 'null' : String(api)),
    )
    expect(shown.value).not.toBe('')
    await page.goto('/features/card_payments?tab=online&search=c2')
    await page.getByRole('region', { name: 'Online store' }).getByRole('row').nth(1).getByText('c2').waitFor()
    await page.goto('/features/card_payments?tab=history')
    await page.getByRole('textbox', { name: 'Only this card' }).fill('c2')
    await page.getByText('20 rows').waitFor()
    const newest = page.getByRole('region', { name: 'History' }).getByRole('row').nth(1)
    await newest.getByText('0:59').waitFor()
    await newest.getByRole('cell', { name: String(expected.big_amount), exact: true }).waitFor()
  })

  it('sees the steps of the start page ticked off', async () => {
    await page.goto('/')
    for (const step of ['Look at the stream', 'Add a feature', 'Preview it', 'Release it', 'Read it'])
      await page.getByRole('link', { name: new RegExp(`${step}.*done`) }).waitFor()
  })

  it('a second author is told of the first, and nothing is lost', async () => {
    await page.goto('/features/card_payments/edit')
    await page.getByText('in step with the form').waitFor()
    await call(house, '/views', {
      name: 'card_payments',
      sql: "SELECT card, COUNT(*) OVER w AS n FROM payments WINDOW w AS (PARTITION BY card ORDER BY event_time RANGE BETWEEN INTERVAL '1' DAY PRECEDING AND CURRENT ROW)",
      baseVersion: 1,
    })
    await page.getByRole('button', { name: 'Add feature' }).click()
    await page.getByText('in step with the form').waitFor()
    await page.getByRole('button', { name: /Save version/ }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('button', { name: 'Save version' }).click()
    await dialog.getByText('Version 2 was saved by').waitFor()
    await dialog.getByRole('button', { name: 'Save mine on top of v2' }).click()
    await dialog.waitFor({ state: 'hidden' })
    await page.goto('/features/card_payments?tab=versions&from=1&to=3')
    await page.getByRole('region', { name: 'Compare versions' }).getByText('added').first().waitFor()
  })

  it('finds its way with the keyboard', async () => {
    await page.goto('/')
    await page.getByRole('heading', { name: 'Overview' }).waitFor()
    await page.keyboard.press('ControlOrMeta+k')
    await page.getByRole('combobox').fill('card_pay')
    await page
      .getByRole('option', { name: /card_payments/ })
      .first()
      .waitFor()
    await page.keyboard.press('Enter')
    await page.waitForURL('**/features/card_payments')
  })

  it('met no exception and no missing message on the way', () => expect(problems).toEqual([]))
})

describe.each(locales.flatMap((locale) => schemes.map((scheme) => ({ locale, scheme }))))('in $locale, $scheme', (look) => {
  it('every analyst page is clean for axe', async () => {
    const visit = await visitor(browser, house.url, look)
    await visit.context.addCookies(await context.cookies().then((all) => all.filter((cookie) => !cookie.name.startsWith('evenflow-'))))
    const paths = [
      '/',
      '/streams',
      '/streams/new',
      '/streams/payments',
      ...['schema', 'send', 'dead-letters', 'readers'].map((tab) => `/streams/payments?tab=${tab}`),
      '/features',
      '/features/new?stream=payments',
      '/features/card_payments/edit',
      ...['definition', 'read', 'online', 'history', 'versions'].map((tab) => `/features/card_payments?tab=${tab}`),
    ]
    const found: string[] = []
    for (const path of paths) {
      await visit.page.goto(path)
      await visit.page.locator('main h1').waitFor()
      await visit.page.locator('main [aria-busy=true]').first().waitFor({ state: 'detached' })
      if (path.includes('edit') || path.includes('new?')) await visit.page.locator('.cm-content').waitFor()
      found.push(...(await axe(visit.page)).map((finding) => `${path} ${finding}`))
    }
    expect(found).toEqual([])
    expect(visit.problems).toEqual([])
    await visit.context.close()
  })
})
