/** Every variable of ours that a source file reads stands in docs/reference/environment.md, and every one that stands there is read. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const folders = ['app', 'bench', 'console', 'db', 'e2e', 'engine', 'scripts']
/** What our own processes tell each other; nobody sets these. */
const between = new Set(['EVENFLOW_LAUNCHER_PID', 'EVENFLOW_ENGINE_URL', 'EVENFLOW_ROOT', 'EVENFLOW_LOG_FILE', 'EVENFLOW_VERSION'])

const sources = (folder) =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return entry.name === 'generated' || entry.name === 'node_modules' ? [] : sources(path)
    return /\.(ts|tsx|mjs)$/.test(entry.name) && !/\.(test|fixture)\./.test(entry.name) ? [path] : []
  })
const read = new Set(
  folders
    .flatMap((folder) => sources(join(root, folder)))
    .flatMap((file) => readFileSync(file, 'utf8').match(/\b(EVENFLOW_[A-Z]+(_[A-Z]+)*|DATABASE_URL|(ENGINE_)?PORT)\b/g) ?? []),
)
const text = readFileSync(join(root, 'docs', 'reference', 'environment.md'), 'utf8')
const told = new Set([...text.matchAll(/^\| (`[^|]+) \|/gm)].flatMap((match) => match[1].match(/\b[A-Z]+(_[A-Z]+)*\b/g) ?? []))

it('finds variables in the sources', () => expect(read.size).toBeGreaterThan(8))
it('docs/reference/environment.md names each', () => {
  expect([...read].filter((name) => !between.has(name) && !told.has(name))).toEqual([])
})
it('docs/reference/environment.md names no other', () => {
  expect([...told].filter((name) => !read.has(name))).toEqual([])
})
