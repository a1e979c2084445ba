/**
 * The way to the metadata database: one type, `Db`, over MySQL/MariaDB and SQLite.
 * Two rules keep one code working on both: no `skipDuplicates` (SQLite has none), no `createManyAndReturn` (MySQL has none).
 */
import { mkdirSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { PrismaMariaDb } from '@prisma/adapter-mariadb'
import { PrismaClient as MysqlClient } from './generated/mysql/client.ts'
import type { Prisma } from './generated/mysql/client.ts'
import { PrismaClient as SqliteClient } from './generated/sqlite/client.ts'
import { ImmediateLibSql } from './immediate-libsql.ts'

export type Db = MysqlClient
/** What a transaction's body gets: all models, no `$transaction` of its own. */
export type Tx = Prisma.TransactionClient
export type { Prisma } from './generated/mysql/client.ts'

export type DatabaseTarget = { kind: 'mysql'; url: URL } | { kind: 'sqlite'; file: string }

const defaultFile = () => resolve(process.env.EVENFLOW_DATA_DIR ?? './data', 'evenflow.db')

/** `mysql://user:password@host:port/name` or `file:path`; undefined or empty: the SQLite file in the data directory. */
export function databaseTarget(url: string | undefined): DatabaseTarget {
  if (!url) return { kind: 'sqlite', file: defaultFile() }
  if (url.startsWith('file:')) return { kind: 'sqlite', file: resolve(url.slice('file:'.length).replace(/^\/\//, '')) }
  if (/^(mysql|mariadb):\/\//.test(url)) return { kind: 'mysql', url: new URL(url) }
  throw new Error(
    `DATABASE_URL begins with "${url.slice(0, url.indexOf(':') + 1)}", which Evenflow does not know. Give mysql://user:password@host:3306/name or file:path/to/evenflow.db.`,
  )
}

export function mysqlSettings(url: URL) {
  return {
    host: decodeURIComponent(url.hostname),
    port: url.port ? Number(url.port) : 3306,
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database: decodeURIComponent(url.pathname.slice(1)),
    ...(url.searchParams.get('socket') && { socketPath: url.searchParams.get('socket')! }),
    ...(url.searchParams.get('ssl') === 'true' && { ssl: true }),
  }
}

/** Opens the database; the tables must be there (db/migrate.ts). Close with `$disconnect()`. */
export async function openDatabase(options: { url?: string | undefined } = {}): Promise<Db> {
  const target = databaseTarget(options.url)
  const db = target.kind === 'mysql' ? openMysql(target.url) : openSqlite(target.file)
  await db.$connect()
  return db
}

function openMysql(url: URL): Db {
  const settings = mysqlSettings(url)
  const limit = Number(url.searchParams.get('connection_limit') ?? 10)
  const adapter = new PrismaMariaDb(
    { ...settings, connectionLimit: limit, acquireTimeout: 10_000, connectTimeout: 5_000 },
    { database: settings.database },
  )
  return new MysqlClient({ adapter, transactionOptions })
}

function openSqlite(file: string): Db {
  mkdirSync(dirname(file), { recursive: true })
  const adapter = new ImmediateLibSql({ url: `file:${file}` })
  // Same models from the same schema: the two clients differ only in the rules named at the top.
  return new SqliteClient({ adapter, transactionOptions }) as unknown as Db
}

const transactionOptions = { maxWait: 15_000, timeout: 30_000 }
