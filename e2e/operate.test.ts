/** An operator's path through the console: release, job, savepoint with the button, restart from it, checkpoint page, stop and start, parameters, audit. */
import type { Browser, BrowserContext, Page } from 'playwright'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { axe, locales, openBrowser, schemes, visitor } from './support/browser.ts'
import { call, type House, startHouse, until } from './support/house.ts'

let house: House
let browser: Browser
let context: BrowserContext
let page: Page
let problems: string[]
let jobId: number
let releaseId: number

const admin = { name: 'Ada', email: 'ada@example.com', password: 'correct horse battery' }
/** A write of the browser names its origin, as its own pages do. */
const post = (context: BrowserContext, path: string, data: unknown) =>
  context.request.post(`/api/v1${path}`, { data, headers: { origin: house.url } })
const enter = async (context: BrowserContext) => {
  context.setDefaultTimeout(240_000) // the test's own limit ends it, not the machine's pace
  const entered = await post(context, '/sign-in', { email: admin.email, password: admin.password })
  expect(entered.ok(), await entered.text()).toBe(true)
}
const sql = `SELECT card, COUNT(*) OVER w AS payments_1h, SUM(amount) OVER w AS amount_1h FROM pay
WINDOW w AS (PARTITION BY card ORDER BY event_time RANGE BETWEEN INTERVAL '1' HOUR PRECEDING AND CURRENT ROW)`

type Job = { id: number; observed: string; run: number; authoritative: boolean; metrics: { eventsTotal: number } | null }
const job = () => call<Job>(house, `/jobs/${jobId}`)

beforeAll(async () => {
  house = await startHouse()
  browser = await openBrowser()
  ;({ context, page, problems } = await visitor(browser, house.url))
  const made = await post(context, '/setup', admin)
  expect(made.ok(), await made.text()).toBe(true)
  await enter(context)
  await call(house, '/streams', {
    name: 'pay',
    fields: [
      { name: 'card', type: 'string' },
      { name: 'amount', type: 'double' },
      { name: 'ts', type: 'timestamp' },
    ],
    eventTime: 'ts',
  })
  const startMs = Date.UTC(2026, 0, 1)
  const events = Array.from({ length: 500 }, (_, i) => JSON.stringify({ card: `c${i % 7}`, amount: i, ts: startMs + i * 1000 }))
  expect(await call(house, '/streams/pay/events', events.join('\n'))).toMatchObject({ accepted: 500 })
  await call(house, '/views', { name: 'card_pay', sql })
  releaseId = (await call<{ id: number }>(house, '/releases', { view: 'card_pay', version: 1 })).id
})

afterAll(async () => {
  await browser?.close()
  await house?.stop()
})

describe('an operator', () => {
  it('watches a release until it is done', async () => {
    await page.goto(`/releases/${releaseId}`)
    await page.getByRole('heading', { name: 'card_pay' }).waitFor()
    await page.getByText('is authoritative from now on').waitFor()
    await page.locator('.chip').getByText('done').waitFor()
    const release = await call<{ jobs: { job2: number } }>(house, `/releases/${releaseId}`)
    jobId = release.jobs.job2
    await page.goto('/releases')
    await page.getByRole('link', { name: `R-${releaseId}` }).waitFor()
    await page.getByText('The new version is authoritative.').waitFor()
  })

  it('releases another version, cuts over by hand, and rolls back while it soaks', async () => {
    await call(house, '/parameters/gateSamples', { value: 1 }, 'PUT')
    await call(house, '/views', { name: 'card_pay', sql: sql.replace('FROM pay', ', MAX(amount) OVER w AS top FROM pay') })
    await page.goto('/features/card_pay')
    const dialog = page.getByRole('dialog')
    await page.getByRole('button', { name: 'Release…' }).click()
    const fates = dialog.getByRole('region', { name: 'What becomes of each feature' }).getByRole('row')
    await fates.filter({ hasText: 'payments_1h' }).getByText('kept').waitFor()
    await fates.filter({ hasText: 'top' }).getByText('all it reads is kept already').waitFor()
    expect(await axe(page)).toEqual([])
    await dialog.getByRole('button', { name: 'Release v2' }).click()
    await page.waitForURL('**/releases/*')
    const id = Number(page.url().split('/').at(-1))
    await page.getByText('Both jobs are at the same event time').waitFor()
    const button = (name: string) => page.getByRole('button', { name, exact: true })
    for (const [action, outcome] of [
      ['Cut over', 'stays warm, in case'],
      ['Roll back', 'Rolled back by'],
    ] as const) {
      await page.locator('button:enabled', { hasText: action }).first().waitFor()
      await button(action).click()
      await page.getByRole('dialog').getByRole('button', { name: action }).click()
      await page.getByText(outcome).first().waitFor()
    }
    expect(await call<{ state: string; jobs: { authoritative: number } }>(house, `/releases/${id}`)).toMatchObject({
      state: 'ROLLED_BACK',
      jobs: { authoritative: jobId },
    })
  })

  it('rescales the job to two subtasks while it runs', async () => {
    await page.goto(`/jobs/${jobId}`)
    await page.getByRole('button', { name: 'Rescale…' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Parallelism').fill('2')
    await dialog.getByRole('radio', { name: 'Cut over by itself' }).check()
    await dialog.getByRole('button', { name: 'Rescale' }).click()
    await page.waitForURL('**/releases/*')
    const id = page.url().split('/').at(-1)
    await page.locator('button:enabled', { hasText: 'Finish' }).first().waitFor()
    await page.getByRole('button', { name: 'Finish', exact: true }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Finish' }).click()
    await page.locator('.chip').getByText('done').waitFor()
    jobId = (await call<{ jobs: { authoritative: number } }>(house, `/releases/${id}`)).jobs.authoritative
    expect(await call(house, `/jobs/${jobId}`)).toMatchObject({ parallelism: 2, authoritative: true, observed: 'RUNNING' })
  })

  it('approves as a second person what a script has asked for, and it goes on by itself', async () => {
    await call(house, '/parameters/releaseApproval', { value: true }, 'PUT')
    const { id } = await call<{ id: number }>(house, '/releases', { view: 'card_pay', version: 1, mode: 'automatic' })
    await call(house, '/parameters/releaseApproval', { value: null }, 'PUT')
    await page.goto(`/releases/${id}`)
    await page.getByText('Ready, and waits until a second person approves it.').waitFor()
    await page.getByRole('button', { name: 'Approve', exact: true }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Approve' }).click()
    await page.getByText(`Approved by ${admin.email}.`).waitFor()
    await page.locator('button:enabled', { hasText: 'Finish' }).first().waitFor()
    await page.getByRole('button', { name: 'Finish', exact: true }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Finish' }).click()
    await page.locator('.chip').getByText('done').waitFor()
    jobId = (await call<{ jobs: { authoritative: number } }>(house, `/releases/${id}`)).jobs.authoritative
  })

  it('takes a savepoint with the button and finds it kept', async () => {
    await page.goto('/jobs')
    await page.getByRole('link', { name: `Job ${jobId}` }).click()
    await page.getByRole('heading', { name: `Job ${jobId}`, exact: true }).waitFor()
    await page.getByRole('button', { name: 'Savepoint', exact: true }).click()
    await page.getByLabel('Name').fill('before the test')
    await page.getByLabel('Note').fill('a note')
    expect(await axe(page)).toEqual([])
    await page.getByRole('button', { name: 'Take savepoint' }).click()
    await page.getByText('Savepoint asked for').first().waitFor()
    await page.goto('/checkpoints/savepoints')
    await page
      .getByRole('row', { name: /before the test/ })
      .getByText('completed')
      .waitFor()
    await page.getByText('a note').waitFor()
  })

  it('restarts the job from that savepoint', async () => {
    const before = await job()
    const savepoint = page.getByRole('row', { name: /before the test/ })
    await savepoint.getByRole('button', { name: 'Start from it' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('radio', { name: 'a savepoint' }).waitFor()
    expect(await axe(page)).toEqual([])
    await dialog.getByRole('button', { name: 'Restart' }).click()
    await dialog.waitFor({ state: 'hidden' })
    const after = await until(job, (now) => now.run > before.run && now.observed === 'RUNNING')
    await page.goto(`/jobs/${jobId}`)
    const runs = page.getByRole('region', { name: 'Runs' })
    await runs.getByRole('row').nth(1).getByText('savepoint').first().waitFor()
    expect(await runs.getByRole('row').nth(1).getByRole('cell').first().textContent()).toBe(String(after.run))
  })

  it('takes a checkpoint now and reads it per operator and subtask', async () => {
    await page.getByRole('button', { name: 'Checkpoint now' }).click()
    await page.getByText('Checkpoint completed.').first().waitFor()
    await page.getByRole('link', { name: 'All checkpoints' }).click()
    await page.getByRole('region', { name: 'History' }).getByText('completed').first().waitFor()
    await page
      .getByRole('region', { name: 'History' })
      .locator('tbody tr')
      .filter({ hasText: 'completed' })
      .first()
      .getByRole('link')
      .first()
      .click()
    const operators = page.getByRole('region', { name: 'Operators' })
    for (const name of ['Source', 'Keyed state', 'Sinks']) await operators.getByRole('cell', { name }).waitFor()
    await page.getByRole('heading', { name: 'Where the time went' }).waitFor()
    const positions = page.getByRole('region', { name: 'Positions' })
    await positions.getByRole('cell', { name: '500', exact: true }).waitFor()
    await page.getByRole('button', { name: /^Async/ }).click()
    await page
      .getByRole('columnheader', { name: /^Async/ })
      .and(page.locator('[aria-sort=descending]'))
      .waitFor()
  })

  it('stops the job, after being told what that means, and starts it again with nothing lost', async () => {
    await page.goto(`/jobs/${jobId}`)
    await page.getByRole('button', { name: 'Stop', exact: true }).click()
    await page.getByRole('dialog').getByText('nothing is lost').waitFor()
    await page.getByRole('dialog').getByRole('button', { name: 'Stop', exact: true }).click()
    await until(job, (now) => now.observed === 'STOPPED')
    await page.locator('.chip').getByText('stopped').first().waitFor()
    expect(await page.getByRole('button', { name: 'Savepoint', exact: true }).isDisabled()).toBe(true)
    await page.getByRole('button', { name: 'Start', exact: true }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Start', exact: true }).click()
    await until(job, (now) => now.observed === 'RUNNING')
    await page.locator('.chip').getByText('running').first().waitFor()
    const { rows } = await until(
      () =>
        call<{ rows: { status: string; catchingUp?: boolean; features: Record<string, number> }[] }>(house, '/features', {
          view: 'card_pay',
          keys: [{ card: 'c3' }],
          at: Date.UTC(2026, 0, 1) + 499_000,
        }),
      (answer) => answer.rows[0]?.catchingUp !== true,
    )
    expect(rows[0]).toMatchObject({ status: 'PRESENT', features: { payments_1h: 71 } })
  })

  it('changes a parameter, sees where its value comes from, and takes it back', async () => {
    await page.goto('/settings/parameters')
    await page.getByRole('button', { name: 'Change checkpointInterval' }).click()
    await page.getByLabel('Value of checkpointInterval', { exact: true }).fill('0')
    await page.getByText('below the smallest value').waitFor()
    await page.getByLabel('Value of checkpointInterval', { exact: true }).fill('30')
    await page.getByRole('button', { name: 'Save for system' }).click()
    const row = page.getByRole('row', { name: /checkpointInterval/ })
    await row.getByText('30 s').waitFor()
    await row.getByText(admin.name).waitFor()
    await page.goto('/audit?find=checkpointInterval')
    await page.getByRole('cell', { name: 'parameters.put' }).first().waitFor()
    await page.goto('/settings/parameters')
    await row.getByRole('button', { name: 'Reset' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Reset' }).click()
    await row.getByText('10 s').waitFor()
  })

  it('makes a token that is shown once and works until it is revoked', async () => {
    await page.goto('/settings/tokens')
    await page.getByRole('button', { name: 'Make a token' }).click()
    await page.getByLabel('Name').fill('scoring')
    await page.getByRole('button', { name: 'Make token' }).click()
    const token = (await page.getByRole('dialog').locator('pre').textContent())?.trim() ?? ''
    const asked = () => fetch(`${house.url}/api/v1/jobs`, { headers: { authorization: `Bearer ${token}` } })
    expect((await asked()).status).toBe(200)
    await page.getByRole('button', { name: 'I have stored it' }).click()
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    expect((await page.content()).includes(token)).toBe(false)
    await page
      .getByRole('row', { name: /scoring/ })
      .getByRole('button', { name: 'Revoke' })
      .click()
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click()
    await page
      .getByRole('row', { name: /scoring/ })
      .getByText('revoked')
      .waitFor()
    expect((await asked()).status).toBe(401)
  })

  it('met no exception and no missing message on the way', () => expect(problems).toEqual([]))
})

describe.each(locales.flatMap((locale) => schemes.map((scheme) => ({ locale, scheme }))))('in $locale, $scheme', (look) => {
  it('every operating page is clean for axe', async () => {
    const { context, page, problems } = await visitor(browser, house.url, look)
    await enter(context)
    const history = await call<{ items: { id: number }[] }>(house, `/jobs/${jobId}/checkpoints`)
    const paths = [
      '/releases',
      `/releases/${releaseId}`,
      '/jobs',
      `/jobs/${jobId}`,
      '/checkpoints',
      `/jobs/${jobId}/checkpoints/${history.items[0]?.id}`,
      '/checkpoints/savepoints',
      '/settings/parameters',
      '/settings/users',
      '/settings/tokens',
      '/audit',
    ]
    const found: string[] = []
    for (const path of paths) {
      await page.goto(path)
      await page.locator('main h1').waitFor()
      await page.locator('main [aria-busy=true]').first().waitFor({ state: 'detached' })
      found.push(...(await axe(page)))
    }
    expect(found).toEqual([])
    expect(problems).toEqual([])
    await context.close()
  })
})
