import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { at } from '../lib/paths.mjs'
import { checkCorePurity, impurities } from './core-purity.mjs'

let base
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'evenflow-rules-'))
})
afterEach(() => rmSync(base, { recursive: true, force: true }))

function write(files) {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(base, name)), { recursive: true })
    writeFileSync(join(base, name), text)
  }
}

/** In a process of its own: the check changes directory. */
function importErrors() {
  const program = `import { checkImports } from ${JSON.stringify(at('scripts/rules/check-imports.mjs'))}; const { errors } = await checkImports(${JSON.stringify(base)}); console.log(JSON.stringify(errors))`
  const done = spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' })
  if (done.status !== 0) throw new Error(done.stderr)
  return JSON.parse(done.stdout)
}

describe('imports go one way', () => {
  test('what the house allows passes', () => {
    write({
      'definition/model.ts': 'export const a = 1\n',
      'contract/api.ts': "import { a } from '../definition/model.ts'\nexport const b = a\n",
      'engine/main.ts': "import { b } from '../contract/api.ts'\nexport const c = b\n",
      'app/page.tsx': "import { b } from '../contract/api.ts'\nexport default function Page() {\n  return <p>{b}</p>\n}\n",
    })
    expect(importErrors()).toEqual([])
  })

  test.each([
    ['console → engine', 'console/a.ts', 'engine/b.ts', 'console-not-engine'],
    ['engine → console', 'engine/a.ts', 'console/b.ts', 'engine-not-console'],
    ['definition → contract', 'definition/a.ts', 'contract/b.ts', 'definition-is-pure'],
    ['contract → db', 'contract/a.ts', 'db/b.ts', 'contract-knows-definition'],
    ['app → engine, from a page', 'app/a.tsx', 'engine/b.ts', 'app-not-engine'],
    ['components → app', 'components/a.tsx', 'app/b.ts', 'components-below-app'],
  ])('%s is refused', (_name, from, to, rule) => {
    write({ [from]: `import { b } from '../${to}'\nexport const a = b\n`, [to]: 'export const b = 1\n' })
    expect(importErrors().join('\n')).toContain(rule)
  })

  test('a file in the core is refused, and a circle too', () => {
    write({
      'engine/task/a.ts': "import { readFileSync } from 'node:fs'\nexport const a = readFileSync\n",
      'engine/report/b.ts': "import { c } from './c.ts'\nexport const b = () => c\n",
      'engine/report/c.ts': "import { b } from './b.ts'\nexport const c = () => b\n",
    })
    const errors = importErrors().join('\n')
    expect(errors).toContain('engine-core-does-no-io')
    expect(errors).toContain('no-circles')
  })
})

describe("the engine's core is pure", () => {
  test.each([
    ['const now = Date.now()', 'Date.now'],
    ['const now = new Date()', 'new Date() without an instant'],
    ['const x = Math.random()', 'Math.random'],
    ['setTimeout(work, 5)', 'a timer'],
    ["import { readFileSync } from 'node:fs'", 'an import of a clock, files, sockets or randomness'],
  ])('%s is found', (source, what) => {
    expect(impurities(`// first line\n${source}\n`)).toEqual([{ line: 2, what }])
  })

  test.each([
    'const day = new Date(ms).getUTCDay()',
    '// no Date.now here',
    "throw new Error('never call Date.now()')",
    'clock.setTimeoutMs = 5',
  ])('%s is fine', (source) => {
    expect(impurities(source)).toEqual([])
  })

  test('the place is named; tests may do as they like', () => {
    write({ 'engine/state/deep/a.ts': '\nexport const now = Date.now()\n', 'engine/task/a.test.ts': 'Date.now()\n' })
    expect(checkCorePurity(base)).toEqual(["engine/state/deep/a.ts:2: Date.now in the engine's core; take it from what is passed in"])
  })

  test('in this checkout', () => {
    expect(checkCorePurity()).toEqual([])
  })
})
