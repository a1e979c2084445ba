/**
 * The guide "Your first TypeScript feature", followed in the browser: its file is known at once, its SQL previews on real events, is
 * saved and released, and the value that is served is the one that the guide's own test says.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { axe, openBrowser, visitor } from './support/browser.ts'
import { call, type House, startHouse, until } from './support/house.ts'

const guide = readFileSync(join(import.meta.dirname, '../docs/how-to/your-first-typescript-feature.md'), 'utf8')
const [file] = [...guide.matchAll(/```ts\n([\s\S]*?)```/g)].map((match) => match[1]!)
const [sql] = [...guide.matchAll(/```sql\n([\s\S]*?)```/g)].map((match) => match[1]!)
const above = Number(/above => (\d+)/.exec(sql!)![1])

const startMs = Date.now() - 600_000
/** two runs of card c1: the second one, which counts, has three */
const amounts = [above + 1, above + 2, above - 1, above + 3, above + 4, above + 5]
const events = amounts.flatMap((amount, i) =>
  [
    { card: 'c1', amount },
    { card: 'c2', amount: above - 1.5 },
  ].map((event, j) => JSON.stringify({ ...event, event_time: new Date(startMs + i * 1000 + j).toISOString() })),
)

let features: string
let house: House
let browser: Browser
let context: BrowserContext
let page: Page
let problems: string[]
beforeAll(async () => {
  features = mkdtempSync(join(tmpdir(), 'evenflow-features-'))
  house = await startHouse({ EVENFLOW_FEATURES_DIR: features })
  browser = await openBrowser()
  ;({ context, page, problems } = await visitor(browser, house.url))
})
afterAll(async () => {
  await context?.close()
  await browser?.close()
  await house?.stop()
  rmSync(features, { recursive: true, force: true })
})

it('the events come in', async () => {
  await page.goto('/streams')
  await page.getByRole('button', { name: 'Go on as demo user' }).click()
  await page.getByText('No streams yet').waitFor()
  await page.getByRole('link', { name: 'Add a stream' }).first().click()
  await page.getByLabel('Sample events').fill(events.join('\n'))
  await page.getByText(`${events.length} events read`).waitFor()
  await page.getByLabel('Name').fill('payments')
  await page.getByRole('button', { name: 'Create stream' }).click()
  await page.getByRole('tab', { name: 'Events', exact: true }).waitFor()
})

it('the file of the guide is known without a restart', async () => {
  writeFileSync(join(features, 'payments-in-a-row.ts'), file!)
  await page.goto('/features')
  await page.getByText('payments_in_a_row').first().waitFor()
  expect(await axe(page)).toEqual([])
})

it('the SQL of the guide previews, is saved and released', async () => {
  await page.goto('/features/new?stream=payments')
  await page.getByText('in step with the form').waitFor()
  await page.locator('.cm-content').click()
  await page.keyboard.press('ControlOrMeta+a')
  await page.keyboard.insertText(sql!)
  const preview = page.getByRole('region', { name: 'Preview' })
  await preview.getByRole('columnheader', { name: 'run' }).waitFor()
  await preview.getByRole('cell', { name: '3', exact: true }).first().waitFor()
  await page.keyboard.press('ControlOrMeta+s')
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Name of the view').fill('payment_runs')
  await dialog.getByRole('button', { name: 'Save version' }).click()
  await page.waitForURL('**/features/payment_runs/edit')
  await page.getByRole('button', { name: 'Release…' }).click()
  await dialog.getByRole('button', { name: 'Release v1' }).click()
  await page.waitForURL('**/releases/*')
  const id = Number(page.url().split('/').at(-1))
  const ended = await until(
    () => call<{ state: string }>(house, `/releases/${id}`),
    ({ state }) => state === 'DONE' || state === 'FAILED',
  )
  expect(ended.state).toBe('DONE')
})

it('its value is served, on the page as over HTTP', async () => {
  const read = (card: string) =>
    call<{ rows: { features: { run: number } }[] }>(house, '/features', { view: 'payment_runs', keys: [{ card }] })
  const answer = await until(
    () => read('c1'),
    ({ rows }) => rows[0]?.features.run === 3,
  )
  expect(answer.rows[0]?.features).toEqual({ run: 3 })
  expect((await read('c2')).rows[0]?.features).toEqual({ run: 0 })
  await page.goto('/features/payment_runs?tab=read')
  await page.getByRole('textbox', { name: 'card' }).fill('c1')
  await page.locator('dl > div', { hasText: 'run' }).locator('dd').filter({ hasText: /^3$/ }).first().waitFor()
  expect(problems).toEqual([])
})
