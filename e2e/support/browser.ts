/** One browser for a file of tests, pages in a language and a theme, and axe on what they show. */
import { existsSync } from 'node:fs'
import { AxeBuilder } from '@axe-core/playwright'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright'

const programs = [process.env.EVENFLOW_TEST_CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

export function openBrowser(): Promise<Browser> {
  const executablePath = programs.find((path) => path && existsSync(path))
  const args = [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--no-first-run',
    '--disable-dev-shm-usage',
  ]
  return chromium.launch(executablePath ? { executablePath, args } : { args })
}

export const locales = ['en', 'zh-CN'] as const
export const schemes = ['light', 'dark'] as const
export type Look = { locale: (typeof locales)[number]; scheme: (typeof schemes)[number] }

/** A fresh visitor. `problems` gathers what the page complains about: exceptions, and messages that are missing. */
export async function visitor(
  browser: Browser,
  url: string,
  look: Look = { locale: 'en', scheme: 'light' },
): Promise<{ context: BrowserContext; page: Page; problems: string[] }> {
  const context = await browser.newContext({
    baseURL: url,
    locale: look.locale,
    colorScheme: look.scheme,
    viewport: { width: 1440, height: 900 },
    timezoneId: 'UTC',
  })
  context.setDefaultTimeout(120_000) // a slow machine is no failure
  await context.addCookies([{ name: 'evenflow-locale', value: look.locale, url }])
  const page = await context.newPage()
  goesOnOnceUsable(page)
  const problems: string[] = []
  page.on('pageerror', (error) => problems.push(`${page.url()}: ${error.message}`))
  page.on('console', (message) => {
    if (/MISSING_MESSAGE|FORMATTING_ERROR|INVALID_MESSAGE|Hydration|hydrat/.test(message.text()))
      problems.push(`${page.url()}: ${message.text()}`)
  })
  return { context, page, problems }
}

/** A page drawn by the server takes no key and no text until React has taken over what a hand can touch: `goto` and `reload` wait for that. */
function goesOnOnceUsable(page: Page): void {
  const usable = () =>
    page.waitForFunction(() => {
      const touchable = [...document.querySelectorAll('main button, main input, main textarea, main a[href]')]
      return touchable.length > 0 && touchable.every((element) => Object.keys(element).some((key) => key.startsWith('__reactProps')))
    })
  for (const name of ['goto', 'reload'] as const) {
    const go = page[name].bind(page) as (...args: unknown[]) => ReturnType<Page['goto']>
    page[name] = async (...args: unknown[]) => {
      const response = await go(...args)
      await usable()
      return response
    }
  }
}

/** What axe finds on the page as it stands, a line each. */
export async function axe(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze()
  return violations.flatMap((violation) =>
    violation.nodes.map((node) => `${page.url()} ${violation.id}: ${node.target.join(' ')} ${node.html.slice(0, 160)}`),
  )
}
