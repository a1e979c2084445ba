/** What the migrator needs of a database, for MySQL/MariaDB and SQLite. Nothing here knows which migrations there are. */
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { PrismaLibSql } from '@prisma/adapter-libsql'
import { PrismaMariaDb } from '@prisma/adapter-mariadb'
import type { DatabaseTarget } from './client.ts'
import { mysqlSettings } from './client.ts'
import { driverPatienceMs, withBusyRetry } from './busy-retry.ts'

export type Row = Record<string, unknown>
export interface MigrationConnection {
  /** for messages: which database */
  readonly label: string
  tables(): Promise<string[]>
  query(sql: string, args?: (string | number | null)[]): Promise<Row[]>
  script(sql: string): Promise<void>
  createMigrationTable(): Promise<void>
  /** notes the failure where it outlives it (MySQL: tables don't roll back; SQLite: everything does) */
  failed(id: string, message: string): Promise<void>
  time(date: Date): string
  exclusively<T>(work: () => Promise<T>): Promise<T>
  close(): Promise<void>
}

export async function connectForMigration(target: DatabaseTarget): Promise<MigrationConnection> {
  return target.kind === 'mysql' ? connectMysql(target.url) : connectSqlite(target.file)
}

async function connectMysql(url: URL): Promise<MigrationConnection> {
  const settings = mysqlSettings(url)
  const factory = new PrismaMariaDb({
    ...settings,
    connectionLimit: 1,
    multipleStatements: true,
    bigIntAsNumber: true,
    acquireTimeout: 10_000,
    connectTimeout: 5_000,
  })
  const adapter = await factory.connect()
  const pool = adapter.underlyingDriver()
  const query = async (sql: string, args: (string | number | null)[] = []) => (await pool.query(sql, args)) as Row[]
  const lock = `evenflow-migrate-${settings.database}`.slice(0, 64)
  const label = `the database ${settings.database} on ${settings.host}:${settings.port}`
  try {
    await query('SELECT 1')
  } catch (error) {
    await adapter.dispose()
    throw new Error(
      `Could not open ${label} as ${settings.user}: ${(error as Error).message}. Check that the server runs there, and the name, password and database in DATABASE_URL.`,
      { cause: error },
    )
  }
  return {
    label,
    tables: async () =>
      (
        await query(
          "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE'",
        )
      ).map((row) => String(row.name)),
    query,
    script: async (sql) => void (await pool.query(sql)),
    createMigrationTable: async () =>
      void (await query(
        'CREATE TABLE _prisma_migrations (id VARCHAR(36) PRIMARY KEY NOT NULL, checksum VARCHAR(64) NOT NULL, finished_at DATETIME(3), migration_name VARCHAR(255) NOT NULL, logs TEXT, rolled_back_at DATETIME(3), started_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3), applied_steps_count INTEGER UNSIGNED NOT NULL DEFAULT 0) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci',
      )),
    failed: async (id, message) =>
      void (await query('UPDATE _prisma_migrations SET logs = ? WHERE id = ?', [message.slice(0, 60_000), id])),
    time: (date) => date.toISOString().slice(0, 23).replace('T', ' '),
    async exclusively(work) {
      const [row] = await query('SELECT GET_LOCK(?, 120) AS got', [lock])
      if (Number(row?.got) !== 1)
        throw new Error(`Another process has been migrating ${settings.database} for two minutes. Look at that process, then start again.`)
      try {
        return await work()
      } finally {
        await query('SELECT RELEASE_LOCK(?)', [lock])
      }
    },
    close: () => adapter.dispose(),
  }
}

async function connectSqlite(file: string): Promise<MigrationConnection> {
  refuseForeignFile(file)
  mkdirSync(dirname(file), { recursive: true })
  const url = `file:${file}`
  const client = new PrismaLibSql({ url }).createClient({ url, timeout: driverPatienceMs } as { url: string })
  const query = async (sql: string, args: (string | number | null)[] = []) => (await client.execute({ sql, args })).rows as unknown as Row[]
  return {
    label: `the database ${file}`,
    tables: async () =>
      (await query("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")).map((row) => String(row.name)),
    query,
    // one by one: the client's own way of running a script ends the transaction around it
    async script(sql) {
      for (const statement of sql.split(/;[ \t]*\n/)) if (statement.replace(/^--.*$/gm, '').trim() !== '') await client.execute(statement)
    },
    createMigrationTable: async () =>
      void (await query(
        'CREATE TABLE "_prisma_migrations" ("id" TEXT PRIMARY KEY NOT NULL, "checksum" TEXT NOT NULL, "finished_at" DATETIME, "migration_name" TEXT NOT NULL, "logs" TEXT, "rolled_back_at" DATETIME, "started_at" DATETIME NOT NULL DEFAULT current_timestamp, "applied_steps_count" INTEGER UNSIGNED NOT NULL DEFAULT 0)',
      )),
    failed: async () => {},
    time: (date) => String(date.getTime()),
    async exclusively(work) {
      await withBusyRetry(
        () => client.execute('BEGIN IMMEDIATE'),
        () => client.reconnect(),
      )
      try {
        const result = await work()
        await client.execute('COMMIT')
        return result
      } catch (error) {
        await client.execute('ROLLBACK').catch(() => {})
        throw error
      }
    },
    close: async () => client.close(),
  }
}

/** Reads the first bytes only: SQLite itself would take an empty or foreign file as its own, or say so less clearly. */
function refuseForeignFile(file: string): void {
  if (!existsSync(file)) return
  const head = readFileSync(file).subarray(0, 16)
  if (head.length === 0 || head.toString('latin1') === 'SQLite format 3\0') return
  throw new Error(
    `${file} is not a database of Evenflow's (it does not begin as an SQLite file does). Nothing was changed. Move it away, or point EVENFLOW_DATA_DIR at another directory.`,
  )
}
