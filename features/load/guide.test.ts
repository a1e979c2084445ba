/** The guide's feature is one: its file has no problem, and its test's values hold. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { testFeature } from '../testing.ts'

test('docs/how-to/your-first-typescript-feature.md', () => {
  const guide = readFileSync(join(import.meta.dirname, '../../docs/how-to/your-first-typescript-feature.md'), 'utf8')
  const [file, itsTest] = [...guide.matchAll(/```ts\n([\s\S]*?)```/g)].map((match) => match[1]!)
  const directory = mkdtempSync(join(tmpdir(), 'evenflow-guide-'))
  try {
    const path = join(directory, 'payments-in-a-row.ts')
    writeFileSync(path, file!)
    const run = testFeature(pathToFileURL(path) as URL, { above: 50 })
    const steps = [...itsTest!.matchAll(/run\.event\('(.+?)', '(.+?)', \{ amount: (\d+) \}\)\)\.toBe\((\d+)\)/g)]
    expect(steps).toHaveLength(4)
    for (const [, key, at, amount, value] of steps) expect(run.event(key!, at!, { amount: Number(amount) })).toBe(Number(value))
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
})
