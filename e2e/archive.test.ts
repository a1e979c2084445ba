/** A release begins with an archive, from the dialog to the job's page: what does not fit is said before, what is refused is counted after. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { writeArchive } from '../engine/archive/archive.fixture.ts'
import { axe, locales, openBrowser, schemes, visitor } from './support/browser.ts'
import { call, type House, startHouse, until } from './support/house.ts'

const sql = `SELECT card, COUNT(*) OVER w AS payments_30d FROM pay
WINDOW w AS (PARTITION BY card ORDER BY event_time RANGE BETWEEN INTERVAL '30' DAY PRECEDING AND CURRENT ROW)`
const startMs = Date.UTC(2026, 0, 1)
const event = (i: number) => ({ card: `c${i % 7}`, amount: i, ts: startMs + i * 60_000 })

let dataDir: string
let house: House
let browser: Browser
let context: BrowserContext
let page: Page
let problems: string[]
let releaseId: number

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'evenflow-e2e-archive-'))
  house = await startHouse({ EVENFLOW_DATA_DIR: dataDir })
  browser = await openBrowser()
  ;({ context, page, problems } = await visitor(browser, house.url))
  const admin = { name: 'Ada', email: 'ada@example.com', password: 'correct horse battery' }
  const headers = { origin: house.url }
  for (const path of ['/setup', '/sign-in']) {
    const entered = await context.request.post(`/api/v1${path}`, { data: admin, headers })
    expect(entered.ok(), await entered.text()).toBe(true)
  }
  const fields = [
    { name: 'card', type: 'string' },
    { name: 'amount', type: 'double' },
    { name: 'ts', type: 'timestamp' },
  ]
  await call(house, '/streams', { name: 'pay', fields, eventTime: 'ts' })
  const lines = Array.from({ length: 200 }, (_, i) => JSON.stringify(event(300 + i)))
  await call(house, '/streams/pay/events', lines.join('\n'))
  await call(house, '/views', { name: 'card_pay', sql })
  const past = Array.from({ length: 350 }, (_, i) => event(i))
  await writeArchive(dataDir, 'pay.parquet', past, 'card, amount::DOUBLE AS amount, make_timestamp(ts * 1000) AS ts')
})

afterAll(async () => {
  await browser?.close()
  await house?.stop()
  rmSync(dataDir, { recursive: true, force: true })
})

async function openDialog(on: Page, name: RegExp) {
  await on.goto('/features/card_pay')
  await on.getByRole('button', { name }).click()
  const dialog = on.getByRole('dialog')
  await dialog.getByRole('checkbox').check()
  return dialog
}

it('in both languages, light and dark: nothing for axe, no sentence missing', async () => {
  const found: string[] = []
  for (const locale of locales)
    for (const scheme of schemes) {
      const visit = await visitor(browser, house.url, { locale, scheme })
      await visit.context.addCookies(await context.cookies())
      await visit.context.addCookies([{ name: 'evenflow-locale', value: locale, url: house.url }])
      const dialog = await openDialog(visit.page, locale === 'en' ? /^Release/ : /^发布/)
      for (const kind of [
        locale === 'en' ? 'a table of a DuckDB database' : 'DuckDB 数据库中的表',
        locale === 'en' ? 'a SELECT over a DuckDB database' : 'DuckDB 数据库上的 SELECT',
      ])
        await dialog.getByRole('radio', { name: kind }).check()
      found.push(...(await axe(visit.page)), ...visit.problems)
      await visit.context.close()
    }
  expect(found).toEqual([])
})

it('says what does not fit, and what is in the archive, before anything begins', async () => {
  const dialog = await openDialog(page, /^Release/)
  await dialog.getByRole('textbox', { name: 'File' }).fill('no.parquet')
  await dialog.getByText('There is no file no.parquet').waitFor()
  expect(await dialog.getByRole('button', { name: 'Release v1' }).isDisabled()).toBe(true)
  await dialog.getByRole('textbox', { name: 'File' }).fill('pay.parquet')
  await dialog.getByText('350 rows of the archive first').waitFor()
  await dialog.getByText('Events of the log up to').waitFor()
  expect(await axe(page)).toEqual([])
  await dialog.getByRole('button', { name: 'Release v1' }).click()
  await page.waitForURL(/\/releases\/\d+$/)
  releaseId = Number(page.url().split('/').at(-1))
})

it('reads the archive first and shows what it refused of the stream, by the release and by its job', async () => {
  const release = await until(
    () => call<{ state: string; failure: string | null; jobs: { job2: number } }>(house, `/releases/${releaseId}`),
    ({ state }) => state === 'DONE' || state === 'FAILED',
  )
  expect(release).toMatchObject({ state: 'DONE', failure: null })
  await page.getByText('50 by maxEventTime').waitFor()
  expect(await axe(page)).toEqual([])
  const { rows } = await call<{ rows: { features: object }[] }>(house, '/features', {
    view: 'card_pay',
    keys: [{ card: 'c3' }],
    at: startMs + 499 * 60_000,
  })
  const payments = Array.from({ length: 500 }, (_, i) => event(i)).filter(({ card }) => card === 'c3').length
  expect(rows[0]!.features).toEqual({ payments_30d: payments })
  await page.goto(`/jobs/${release.jobs.job2}`)
  await page.getByRole('cell', { name: 'archive' }).waitFor()
  expect(problems).toEqual([])
})
