/**
 * The engine's core has no clock, no randomness, no timers and no files of its own: they are passed in, so that every run can be
 * repeated from a seed. Looks at the text of the sources; comments and strings are left out first.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { argv } from 'node:process'
import { fileURLToPath } from 'node:url'
import { root } from '../lib/paths.mjs'

export const coreFolders = ['engine/plan', 'engine/compile', 'engine/task', 'engine/state']

const forbidden = [
  { pattern: /\bDate\s*\.\s*now\b/, what: 'Date.now' },
  { pattern: /\bnew\s+Date\s*(\(\s*\)|(?!\s*\())/, what: 'new Date() without an instant' },
  { pattern: /\bMath\s*\.\s*random\b/, what: 'Math.random' },
  { pattern: /\bperformance\s*\.\s*now\b/, what: 'performance.now' },
  { pattern: /\bprocess\s*\.\s*hrtime\b/, what: 'process.hrtime' },
  { pattern: /\b(setTimeout|setInterval|setImmediate)\s*\(/, what: 'a timer' },
  {
    pattern: /\bfrom\s+'(node:)?(fs|fs\/promises|net|http|https|child_process|dgram|timers|timers\/promises|crypto)'/,
    what: 'an import of a clock, files, sockets or randomness',
    keepStrings: true,
  },
]

/** Problems in one source text: `{ line, what }`. */
export function impurities(source) {
  const bare = blank(source, true)
  const withStrings = blank(source, false)
  return forbidden.flatMap(({ pattern, what, keepStrings }) =>
    (keepStrings ? withStrings : bare).split('\n').flatMap((line, index) => (pattern.test(line) ? [{ line: index + 1, what }] : [])),
  )
}

/** The source with comments (and strings) turned into blanks, lines kept. Good enough for code that the formatter has seen. */
function blank(source, strings) {
  const token = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"/g
  return source.replace(token, (text) => (text.startsWith('/') || strings ? text.replace(/[^\n]/g, ' ') : text))
}

export function checkCorePurity(base = root) {
  const problems = []
  const look = (path) => {
    for (const entry of readdirSync(join(base, path), { withFileTypes: true })) {
      const inside = `${path}/${entry.name}`
      if (entry.isDirectory()) look(inside)
      else if (/\.ts$/.test(entry.name) && !/\.test\.ts$/.test(entry.name) && !/\/(testing|test-support)\//.test(inside))
        for (const { line, what } of impurities(readFileSync(join(base, inside), 'utf8')))
          problems.push(`${inside}:${line}: ${what} in the engine's core; take it from what is passed in`)
    }
  }
  for (const folder of coreFolders) if (existsSync(join(base, folder))) look(folder)
  return problems
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  const problems = checkCorePurity()
  for (const problem of problems) console.error(problem)
  process.exitCode = problems.length ? 1 : 0
}
