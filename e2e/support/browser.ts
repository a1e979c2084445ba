/** A real browser: Debian's Chromium, or the one that EVENFLOW_TEST_CHROMIUM names, or Playwright's own. */
import { mkdirSync } from 'node:fs'
import { AxeBuilder } from '@axe-core/playwright'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright'
import { chromiumProgram } from '../../scripts/services/debian-packages.mjs'
import { at } from '../../scripts/lib/paths.mjs'

export async function openBrowser(): Promise<Browser> {
  const executablePath = chromiumProgram()
  return chromium.launch({
    ...(executablePath && { executablePath }),
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--disable-dev-shm-usage',
    ],
  })
}

export type Look = { theme: 'light' | 'dark'; language: 'en' | 'zh-CN' }
export const looks: Look[] = [
  { theme: 'light', language: 'en' },
  { theme: 'dark', language: 'en' },
  { theme: 'light', language: 'zh-CN' },
  { theme: 'dark', language: 'zh-CN' },
]

/** axe's findings on the page as it stands, one line each; [] when there are none. */
export async function axe(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze()
  return violations.map(
    (violation) =>
      `${violation.id}: ${violation.help} — ${violation.nodes
        .slice(0, 3)
        .map((node) => node.target.join(' '))
        .join(' | ')}`,
  )
}

/** Keeps a picture of a page for whoever looks into a failure. */
export async function picture(page: Page, name: string): Promise<void> {
  mkdirSync(at('test-results'), { recursive: true })
  await page.screenshot({ path: at('test-results', `${name.replace(/\W+/g, '-')}.png`), fullPage: true })
}

export type { Browser, BrowserContext, Page }
