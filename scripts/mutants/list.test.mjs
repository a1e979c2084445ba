/** The mutants keep fitting the sources that they change, and the tests that must find them are there. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { applied } from './apply.mjs'
import { mutants } from './list.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))
const source = (path) => readFileSync(join(root, path), 'utf8')
const REQUIRED =
  'barrier-alignment position-plus-one fsync-before-manifest window-lower-bound later-ties subtract-min late-dropped-silently idle-watermark epoch-not-checked key-group-hash ttl-reset-on-restore timer-lost-on-rescale null-counted division-by-zero extractor-duplicate-key'

it('every mutant that is asked for is there, once', () => {
  const names = mutants.map(({ name }) => name)
  expect(new Set(names).size).toBe(names.length)
  expect(names).toEqual(expect.arrayContaining(REQUIRED.split(' ')))
})

it.each(mutants)('$name: its search text stands in the source exactly once', ({ file, edits }) => {
  expect(applied(source(file), edits)).toHaveProperty('text')
})

it.each(mutants)('$name: its test file names the line that it breaks', ({ by, test }) => {
  const words = test.replace(/^(plain|planned) road /, '').split(/: |, /)
  expect(words.some((word) => source(by).includes(word) || source('engine/sink/sink-contract.ts').includes(word))).toBe(true)
})
