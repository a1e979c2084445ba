/**
 * `npm test`: everything, from a clean checkout on a bare machine: packages, services, checks, tests, the built console in a browser.
 * Each step and each test counts as one; the last line is `N passed, N failed`.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build, buildIsCurrent } from './build.mjs'
import { runChecks } from './check.mjs'
import { generate } from './generate.mjs'
import { ensureInstalled, nodeProgram } from './lib/install.mjs'
import { at, toolEnvironment } from './lib/paths.mjs'
import { run } from './lib/run.mjs'
import { chromiumProgram, ensureDebianPackages } from './services/debian-packages.mjs'
import { startMariadb } from './services/mariadb.mjs'

const beganMs = Date.now()
const total = { passed: 0, failed: 0, skipped: 0 }
const failures = []
const scratch = mkdtempSync(join(tmpdir(), 'evenflow-test-'))
let mariadb = null

const minutes = () =>
  `${String(Math.floor((Date.now() - beganMs) / 60_000)).padStart(2, ' ')}:${String(Math.floor((Date.now() - beganMs) / 1000) % 60).padStart(2, '0')}`
const tell = (text) => console.log(`[${minutes()}] ${text}`)

function failed(name, output) {
  total.failed++
  failures.push({ name, output })
  tell(`✗ ${name}\n${output}`)
}

/** One step that passes or fails as a whole. @returns whether it passed */
async function step(name, work) {
  try {
    await work()
    total.passed++
    tell(`✓ ${name}`)
    return true
  } catch (error) {
    failed(name, error.output?.trim() || error.message || String(error))
    return false
  }
}

/** A vitest run; counts its tests, and a run that broke down as one failure more. */
async function tests(name, args, env) {
  const report = join(scratch, `${name.replace(/\W+/g, '-')}.json`)
  tell(`… ${name}`)
  let broken = null
  try {
    await run(
      nodeProgram(),
      [at('node_modules', 'vitest', 'vitest.mjs'), 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...args],
      {
        what: name,
        onLine: (line) => /✓/.test(line) || !line.trim() || console.log(`        ${line}`),
        env: toolEnvironment({ ...env, NO_COLOR: '1', FORCE_COLOR: undefined }),
      },
    )
  } catch (error) {
    broken = error
  }
  if (!existsSync(report)) return failed(name, broken?.output ?? 'vitest left no report')
  const result = JSON.parse(readFileSync(report, 'utf8'))
  total.passed += result.numPassedTests
  total.skipped += result.numPendingTests + (result.numTodoTests ?? 0)
  for (const file of result.testResults) {
    const bad = file.assertionResults.filter((test) => test.status === 'failed')
    for (const test of bad) failures.push({ name: `${relative(file.name)} › ${test.fullName}`, output: test.failureMessages.join('\n') })
    total.failed += bad.length
    if (file.status === 'failed' && bad.length === 0) failed(relative(file.name), file.message || 'the file could not be run')
  }
  if (broken && result.numFailedTests === 0 && !result.testResults.some((file) => file.status === 'failed'))
    failed(name, broken.output.split('\n').slice(-40).join('\n'))
  tell(`${result.numFailedTests === 0 && !broken ? '✓' : '✗'} ${name}: ${result.numPassedTests} passed, ${result.numFailedTests} failed`)
}

const relative = (path) => path.replace(`${at()}/`, '')

async function all() {
  if (!(await step('packages installed as the lock file says', ensureInstalled))) return
  let missing = []
  await step('programs for tests', async () => {
    missing = await ensureDebianPackages((line) => /^(Setting up|E:|W:)/.test(line) && console.log(`        ${line}`))
    const needed = missing.filter((name) => !name.startsWith('fonts-'))
    if (needed.length) throw new Error(`Missing: ${needed.join(', ')}. Install them, e.g. apt-get install ${needed.join(' ')}.`)
  })
  if (!(await step('database clients generated', generate))) return

  for (const check of await runChecks()) await step(check.name, () => (check.ok ? undefined : Promise.reject({ output: check.output })))

  const env = { CI: process.env.CI ?? '', EVENFLOW_TEST_CHROMIUM: chromiumProgram() ?? '' }
  await step('a private MariaDB', async () => {
    mariadb = await startMariadb()
    env.EVENFLOW_TEST_MYSQL_URL = mariadb.url
  })
  await tests('unit, property, differential, contract and crash tests', [], env)
  if (!(await step('the console builds', () => (buildIsCurrent() ? undefined : build())))) return
  if (existsSync(at('e2e'))) await tests('browser tests', ['--config', 'vitest.e2e.config.ts'], env)
}

async function cleanUp() {
  await mariadb?.stop()
  rmSync(scratch, { recursive: true, force: true })
}

for (const signal of ['SIGINT', 'SIGTERM'])
  process.once(signal, async () => {
    await cleanUp()
    process.exit(130)
  })

try {
  await all()
} catch (error) {
  failed('npm test', error.stack ?? String(error))
} finally {
  await cleanUp()
}
if (failures.length) {
  console.log(`\nWhat failed:`)
  for (const { name, output } of failures)
    console.log(
      `\n✗ ${name}\n${String(output)
        .split('\n')
        .slice(0, 25)
        .map((line) => `    ${line}`)
        .join('\n')}`,
    )
}
tell('end\n')
console.log(`${total.passed} passed, ${total.failed} failed${total.skipped ? `, ${total.skipped} skipped` : ''}`)
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0
