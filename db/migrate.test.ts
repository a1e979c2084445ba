import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { openDatabase } from './client.ts'
import { migrate } from './migrate.ts'
import { readTables } from './schema/introspect.ts'
import { parseSchema } from './schema/parse-schema.ts'
import { describeDatabases } from './testing/test-databases.ts'

const scratch = mkdtempSync(join(tmpdir(), 'evenflow-migrate-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))
const prisma = join(import.meta.dirname, '..', 'prisma')

await describeDatabases('the migrator', (databases, kind) => {
  const ours = join(prisma, kind === 'mysql' ? 'migrations' : 'sqlite/migrations')
  /** Our migrations and one more. */
  const withOneMore = (name: string, sql: string) => {
    const directory = join(scratch, kind, name)
    cpSync(ours, directory, { recursive: true })
    mkdirSync(join(directory, `29990101000000_${name}`))
    writeFileSync(join(directory, `29990101000000_${name}`, 'migration.sql'), sql)
    return directory
  }

  it('makes the tables once and finds nothing to do then', async () => {
    const url = await databases.empty()
    expect(await migrate({ url })).toHaveLength(1)
    expect(await migrate({ url })).toEqual([])
  })

  it('makes exactly what the schema says: tables, columns, types, nullability, keys, indexes, references', async () => {
    const { db } = await databases.migrated()
    const schema = readFileSync(join(prisma, kind === 'mysql' ? 'schema.prisma' : 'sqlite/schema.prisma'), 'utf8')
    const { actual, expected } = await readTables(db, kind, parseSchema(schema))
    expect(expected.length).toBeGreaterThan(20)
    expect(actual).toEqual(expected)
  })

  it('two processes that migrate at once: one does it, the other finds it done', async () => {
    const url = await databases.empty()
    const both = await Promise.all([migrate({ url }), migrate({ url })])
    expect(both.map((applied) => applied.length).sort()).toEqual([0, 1])
  })

  it('applies what a newer version brings, and the older version then refuses', async () => {
    const url = await databases.empty()
    await migrate({ url })
    const newer = withOneMore('newer', 'CREATE TABLE extra (id INTEGER PRIMARY KEY);\n')
    expect(await migrate({ url, directory: newer })).toEqual(['29990101000000_newer'])
    await expect(migrate({ url })).rejects.toThrow(/newer version of Evenflow.*29990101000000_newer.*Nothing was changed/)
  })

  it('a migration that fails is told, and nothing goes on over half of it', async () => {
    const url = await databases.empty()
    await migrate({ url })
    const broken = withOneMore('broken', 'CREATE TABLE half (id INTEGER PRIMARY KEY);\nCREATE TABLE half (id INTEGER PRIMARY KEY);\n')
    await expect(migrate({ url, directory: broken })).rejects.toThrow(/29990101000000_broken failed/)
    if (kind === 'mysql') return expect(migrate({ url, directory: broken })).rejects.toThrow(/began and did not finish/)
    // SQLite takes back the half that was done: the same migration, mended, runs
    const mended = withOneMore('mended', 'CREATE TABLE half (id INTEGER PRIMARY KEY);\n')
    expect(await migrate({ url, directory: mended })).toEqual(['29990101000000_mended'])
  })

  it("refuses a database that holds somebody else's tables, and leaves it as it was", async () => {
    const url = await databases.empty()
    const db = await openDatabase({ url })
    await db.$executeRawUnsafe('CREATE TABLE theirs (id INTEGER PRIMARY KEY)')
    await db.$disconnect()
    await expect(migrate({ url })).rejects.toThrow(/tables that are not Evenflow's \(theirs\)/)
  })

  it('refuses a migration whose text is another one than when it was applied', async () => {
    const url = await databases.empty()
    await migrate({ url, directory: withOneMore('text', 'CREATE TABLE a (id INTEGER PRIMARY KEY);\n') })
    const changed = join(scratch, kind, 'text', '29990101000000_text', 'migration.sql')
    writeFileSync(changed, 'CREATE TABLE b (id INTEGER PRIMARY KEY);\n')
    await expect(migrate({ url, directory: join(scratch, kind, 'text') })).rejects.toThrow(/was another text/)
  })
})

it('refuses a file that is no database, and does not touch it', async () => {
  const file = join(scratch, 'notes.db')
  writeFileSync(file, 'my shopping list, not a database')
  await expect(migrate({ url: `file:${file}` })).rejects.toThrow(/not a database of Evenflow's/)
  expect(readFileSync(file, 'utf8')).toBe('my shopping list, not a database')
})
