/**
 * Brings a database to this version's tables: applies what `prisma/migrations` (MySQL) or `prisma/sqlite/migrations` hold
 * and `_prisma_migrations` does not, as `prisma migrate deploy` does, which needs an engine that can't be downloaded everywhere.
 * Command line: `node db/migrate.ts`, reads DATABASE_URL. Safe to run from several processes at once: one does it, the others wait.
 */
import { createHash, randomUUID } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { databaseTarget } from './client.ts'
import type { MigrationConnection } from './migration-connection.ts'
import { connectForMigration } from './migration-connection.ts'

/** The database can't be used as it is; the message says why and what to do. Nothing was changed. */
export class MigrationRefused extends Error {
  override readonly name = 'MigrationRefused'
}

export type Migration = { name: string; sql: string; checksum: string }
type AppliedRow = { migration_name: string; checksum: string; finished_at: unknown; rolled_back_at: unknown }

export function readMigrations(directory: string): Migration[] {
  return readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(directory, entry.name, 'migration.sql')))
    .map((entry) => {
      const bytes = readFileSync(join(directory, entry.name, 'migration.sql'))
      return { name: entry.name, sql: bytes.toString('utf8'), checksum: createHash('sha256').update(bytes).digest('hex') }
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

const directoryOf = (kind: 'mysql' | 'sqlite') =>
  join(import.meta.dirname, '..', 'prisma', kind === 'mysql' ? 'migrations' : 'sqlite/migrations')

/** Names of the migrations applied now; [] when there was nothing to do. Throws MigrationRefused or the database's own error. */
export async function migrate(options: { url?: string | undefined; directory?: string } = {}): Promise<string[]> {
  const target = databaseTarget(options.url)
  const migrations = readMigrations(options.directory ?? directoryOf(target.kind))
  const connection = await connectForMigration(target)
  try {
    return await connection.exclusively(async () => {
      const pending = await decide(connection, migrations)
      for (const migration of pending) await apply(connection, migration)
      return pending.map((migration) => migration.name)
    })
  } finally {
    await connection.close()
  }
}

async function decide(connection: MigrationConnection, migrations: readonly Migration[]): Promise<Migration[]> {
  const tables = await connection.tables()
  if (!tables.includes('_prisma_migrations')) {
    if (tables.length > 0)
      throw new MigrationRefused(
        `${connection.label} holds tables that are not Evenflow's (${tables.slice(0, 3).join(', ')}). Nothing was changed. Point DATABASE_URL or EVENFLOW_DATA_DIR at an empty place.`,
      )
    await connection.createMigrationTable()
    return [...migrations]
  }
  const rows = (await connection.query(
    'SELECT migration_name, checksum, finished_at, rolled_back_at FROM _prisma_migrations ORDER BY started_at',
  )) as AppliedRow[]
  const current = rows.filter((row) => row.rolled_back_at === null)
  const known = new Map(migrations.map((migration) => [migration.name, migration]))
  for (const row of current) {
    const ours = known.get(row.migration_name)
    if (!ours)
      throw new MigrationRefused(
        `${connection.label} was written by a newer version of Evenflow: it has had the migration ${row.migration_name}, which this version does not know. Nothing was changed. Start that version again, or restore a backup made before it.`,
      )
    if (row.finished_at === null)
      throw new MigrationRefused(
        `The migration ${row.migration_name} of ${connection.label} began and did not finish. Nothing was changed now. Restore a backup, or repair the tables by hand and set rolled_back_at of its row in _prisma_migrations.`,
      )
    if (row.checksum !== ours.checksum)
      throw new MigrationRefused(
        `The migration ${row.migration_name} was another text when ${connection.label} had it. Nothing was changed. Use the checkout that made this database, or start with an empty one.`,
      )
  }
  const done = new Set(current.map((row) => row.migration_name))
  return migrations.filter((migration) => !done.has(migration.name))
}

async function apply(connection: MigrationConnection, migration: Migration): Promise<void> {
  const id = randomUUID()
  await connection.query(
    'INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, applied_steps_count) VALUES (?, ?, ?, ?, 0)',
    [id, migration.checksum, migration.name, connection.time(new Date())],
  )
  try {
    await connection.script(migration.sql)
  } catch (error) {
    await connection.failed(id, error instanceof Error ? error.message : String(error))
    throw new Error(
      `The migration ${migration.name} failed on ${connection.label}: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    )
  }
  await connection.query('UPDATE _prisma_migrations SET finished_at = ?, applied_steps_count = 1 WHERE id = ?', [
    connection.time(new Date()),
    id,
  ])
}

if (import.meta.main) {
  try {
    const applied = await migrate({ url: process.env.DATABASE_URL })
    console.log(applied.length === 0 ? 'The database is up to date.' : `Applied ${applied.join(', ')}.`)
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    process.exitCode = 1
  }
}
