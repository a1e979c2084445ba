/** docs/explanation/semantics.md against the tests: each line of the two lists stands in the title of a test in every file named. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const page = readFileSync(join(root, 'docs/explanation/semantics.md'), 'utf8')

const rowsOf = (heading) =>
  [
    ...page
      .split(`## ${heading}\n`)[1]
      .split('\n## ')[0]
      .matchAll(/^\| (\d+) \|.*\| ([^|]+) \|$/gm),
  ].map(([, number, files]) => ({
    number: Number(number),
    files: [...files.matchAll(/`([^`]+)`/g)].map(([, file]) => file),
  }))

/** `semantics 2, 21: …`, `language 14–16: …` in a title of test, describe, it or their each. */
function numbersIn(file, word) {
  const text = readFileSync(join(root, file), 'utf8')
  const found = new Set()
  for (const [, list] of text.matchAll(new RegExp(`['\`"][^'\`"\\n]*\\b${word} ([0-9][0-9, –]*)`, 'g')))
    for (const part of list.split(',')) {
      const [from, to = from] = part.trim().split('–').map(Number)
      for (let n = from; n <= to; n++) found.add(n)
    }
  return found
}

for (const [word, count] of [
  ['semantics', 24],
  ['language', 23],
]) {
  const rows = rowsOf(word === 'semantics' ? 'Semantics' : 'Language')
  describe(`the lines of ${word}`, () => {
    it('are all there, each once', () => {
      const numbers = rows.map(({ number }) => number).sort((a, b) => a - b)
      expect(numbers).toEqual(Array.from({ length: count }, (_, i) => i + 1))
    })
    it.each(rows)(`${word} $number has a test named after it in each file`, ({ number, files }) => {
      expect(files.length).toBeGreaterThan(0)
      for (const file of files) {
        expect(existsSync(join(root, file)), file).toBe(true)
        expect(numbersIn(file, word), file).toContain(number)
      }
    })
  })
}
