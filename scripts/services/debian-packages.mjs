/** Brings the Debian packages that tests need, where this user may install them; elsewhere says what is missing. */
import { existsSync, readdirSync } from 'node:fs'
import { CommandFailed, run } from '../lib/run.mjs'
import { mariadbServer } from './mariadb.mjs'

const packages = [
  // the server's programs alone: the package mariadb-server would also start one
  { name: 'mariadb-server-core', present: () => Boolean(process.env.EVENFLOW_TEST_MYSQL_URL || mariadbServer()) },
  { name: 'chromium', present: () => Boolean(chromiumProgram()) },
  { name: 'fonts-noto-cjk', present: () => hasChineseFont() },
]

/** The browser for tests: EVENFLOW_TEST_CHROMIUM, or Debian's, or Playwright's own where a person installed that. */
export function chromiumProgram() {
  const candidates = [process.env.EVENFLOW_TEST_CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
  return candidates.find((path) => path && existsSync(path)) ?? null
}

function hasChineseFont() {
  const folder = '/usr/share/fonts/opentype/noto'
  return existsSync(folder) && readdirSync(folder).some((name) => name.includes('CJK'))
}

/** @returns {Promise<string[]>} names of what is still missing */
export async function ensureDebianPackages(onLine) {
  const missing = packages.filter((entry) => !entry.present()).map((entry) => entry.name)
  if (missing.length === 0) return []
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return missing
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const apt = (what, args) =>
    run('apt-get', ['-q', '-o', 'DPkg::Lock::Timeout=300', '-o', 'Acquire::Retries=3', ...args], { what, env, onLine })
  try {
    await apt('apt-get update', ['update'])
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error // an old list may still do
  }
  for (const name of missing) {
    try {
      await apt(`apt-get install ${name}`, ['install', '-y', '--no-install-recommends', name])
    } catch (error) {
      if (!(error instanceof CommandFailed)) throw error
      onLine(error.output.split('\n').slice(-5).join('\n'))
    }
  }
  return packages.filter((entry) => !entry.present()).map((entry) => entry.name)
}
