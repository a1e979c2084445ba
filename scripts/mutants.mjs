/**
 * `npm run test:mutants [NAME…]`: deliberate faults, one at a time, in a copy of the checkout. For each the test that must find it is
 * run; a line says `caught` or `SURVIVED`. Before that the same tests have to be green without any fault. Exit code 1 if one survives.
 */
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { argv } from 'node:process'
import { generate } from './generate.mjs'
import { ensureInstalled, nodeProgram } from './lib/install.mjs'
import { at, root } from './lib/paths.mjs'
import { run } from './lib/run.mjs'
import { applied } from './mutants/apply.mjs'
import { mutants } from './mutants/list.mjs'

const NOT_COPIED = new Set(['node_modules', '.git', '.next', 'data'])

await ensureInstalled()
await generate()
const wanted = argv.slice(2)
const unknown = wanted.filter((name) => !mutants.some((mutant) => mutant.name === name))
if (unknown.length > 0) {
  console.error(`There is no mutant ${unknown.join(', ')}. Those that there are: ${mutants.map(({ name }) => name).join(', ')}.`)
  process.exit(1)
}
const chosen = wanted.length > 0 ? mutants.filter(({ name }) => wanted.includes(name)) : mutants
const scratch = mkdtempSync(join(tmpdir(), 'evenflow-mutants-'))
const copy = join(scratch, 'tree')
let bad = 0
try {
  cpSync(root, copy, { recursive: true, filter: (path) => path === root || !NOT_COPIED.has(basename(path)) })
  symlinkSync(at('node_modules'), join(copy, 'node_modules'))
  if (await greenWithoutFaults()) for (const mutant of chosen) await judge(mutant)
} finally {
  rmSync(scratch, { recursive: true, force: true })
}
console.log(bad === 0 ? `${chosen.length} mutants, all caught` : `${bad} of ${chosen.length} mutants not caught`)
process.exitCode = bad === 0 ? 0 : 1

async function greenWithoutFaults() {
  const red = []
  for (const [file, group] of Map.groupBy(chosen, ({ by }) => by)) {
    const results = await testsOf(
      file,
      group.map(({ test }) => test),
    )
    for (const { name, test } of group) {
      const own = results.tests.filter(({ fullName }) => fullName.includes(test))
      if (own.length === 0) red.push(`${name}: ${file} has no test "${test}"`)
      else if (own.some(({ status }) => status !== 'passed')) red.push(`${name}: "${test}" is red without the mutant`)
    }
  }
  for (const line of red) console.log(`BROKEN    ${line}`)
  bad += red.length
  return red.length === 0
}

async function judge({ name, file, edits, by, test }) {
  const path = join(copy, file)
  const original = readFileSync(path, 'utf8')
  const mutated = applied(original, edits)
  if ('problem' in mutated) {
    bad++
    return console.log(`BROKEN    ${name}  ${file}: ${mutated.problem}`)
  }
  writeFileSync(path, mutated.text)
  const results = await testsOf(by, [test])
  writeFileSync(path, original)
  const failed = results.tests.filter(({ fullName, status }) => status === 'failed' && fullName.includes(test))
  if (failed.length > 0) return console.log(`caught    ${name}  by ${by}: ${failed[0].fullName}`)
  bad++
  console.log(`SURVIVED  ${name}  ${by}: ${results.tests.length > 0 ? test : results.output.split('\n').slice(-20).join('\n')}`)
}

/** Those tests of the file whose titles hold one of the texts. */
async function testsOf(file, titles) {
  const report = join(scratch, 'report.json')
  rmSync(report, { force: true })
  const pattern = titles.map((title) => title.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|')
  const args = [at('node_modules', 'vitest', 'vitest.mjs'), 'run', '--maxWorkers=1', '--reporter=json', `--outputFile=${report}`]
  const output = await run(nodeProgram(), [...args, '-t', pattern, file], {
    what: 'vitest',
    quiet: true,
    cwd: copy,
    timeoutMs: 300_000,
  }).catch((error) => error.output ?? String(error))
  const files = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')).testResults : []
  const tests = files.flatMap(({ assertionResults }) => assertionResults).filter(({ status }) => status === 'passed' || status === 'failed')
  return { tests, output }
}
