import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { loadParser } from '../../../definition/parse-sql.ts'
import { FORMAT_VERSION } from '../manifest.ts'
import { nodeSnapshotFs } from '../node-fs.ts'
import { restoreSnapshot } from '../restore.ts'
import { finish, GOLDEN, goldenRun, wantedOf, writeGolden } from './golden-views.fixture.ts'

beforeAll(loadParser)

const formats = readdirSync(import.meta.dirname).filter((name) => name.startsWith('format-'))
const savepoints = formats.flatMap((format) => readdirSync(join(import.meta.dirname, format)).map((name) => ({ format, name })))

async function endOf(directory: string, name: string, parallelism: number) {
  const run = await goldenRun(name, parallelism)
  const { source } = await restoreSnapshot(nodeSnapshotFs, directory, await wantedOf(name), run.operators)
  run.source.open(source, 0)
  for (const [partition, position] of Object.entries(source.positions)) run.continueAt(Number(partition), position)
  return finish(run, name)
}

describe('semantics 12: golden savepoints of every format that was ever released', () => {
  test('this format has one of every form of state', () => {
    expect(savepoints.filter(({ format }) => format === `format-${FORMAT_VERSION}`).map(({ name }) => name)).toEqual(
      Object.keys(GOLDEN).sort(),
    )
  })

  for (const { format, name } of savepoints)
    for (const parallelism of [1, 2, 3])
      test(`${format}, ${name}: restored at parallelism ${parallelism}, it goes on as the run that wrote it`, async () => {
        const folder = join(import.meta.dirname, format, name)
        const expected = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8'))
        const { rows, online } = JSON.parse(JSON.stringify(await endOf(join(folder, 'savepoint'), name, parallelism)))
        expect(rows).toEqual(expected.rows)
        const known = new Set(online.map(({ key }: { key: string }) => key))
        expect(online).toEqual(expected.online.filter(({ key }: { key: string }) => known.has(key)))
        expect(known.size).toBeGreaterThan(8)
      })

  test.each(Object.keys(GOLDEN))(
    '%s: what this build writes is of this format: it is read by this build at another parallelism',
    async (name) => {
      const scratch = mkdtempSync(join(tmpdir(), 'evenflow-golden-'))
      try {
        await writeGolden(nodeSnapshotFs, join(scratch, 's'), name)
        const expected = JSON.parse(readFileSync(join(import.meta.dirname, `format-${FORMAT_VERSION}`, name, 'expected.json'), 'utf8'))
        expect(JSON.parse(JSON.stringify((await endOf(join(scratch, 's'), name, 3)).rows))).toEqual(expected.rows)
      } finally {
        rmSync(scratch, { recursive: true, force: true })
      }
    },
  )
})
