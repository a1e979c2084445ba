/**
 * Empty migrated databases for tests: SQLite in a temporary directory, and a real MariaDB: the server that
 * EVENFLOW_TEST_MYSQL_URL names, else a private one started for this test file. Where neither can be had, the suite
 * is skipped under its reason.
 */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PrismaMariaDb } from '@prisma/adapter-mariadb'
import { afterAll, describe } from 'vitest'
import { startMariadb } from '../../scripts/services/mariadb.mjs'
import type { Db } from '../client.ts'
import { mysqlSettings, openDatabase } from '../client.ts'
import { migrate } from '../migrate.ts'

export type TestDatabase = { kind: 'sqlite' | 'mysql'; url: string; db: Db; open: () => Promise<Db> }
/** Made at the first call in a suite; closed and dropped at its end. */
export type Databases = { empty: () => Promise<string>; migrated: () => Promise<TestDatabase> }

/** Runs the suite once for each kind of database. */
export async function describeDatabases(name: string, suite: (databases: Databases, kind: 'sqlite' | 'mysql') => void): Promise<void> {
  describe(`${name} on SQLite`, () => suite(sqlite(), 'sqlite'))
  let server: Awaited<ReturnType<typeof startMariadb>>
  try {
    server = await startMariadb()
  } catch (error) {
    describe.skip(`${name} on MariaDB: ${error instanceof Error ? error.message : String(error)}`, () => suite(sqlite(), 'mysql'))
    return
  }
  describe(`${name} on MariaDB`, () => suite(mysql(server.url), 'mysql'))
  afterAll(() => server.stop())
}

function collect(kind: 'sqlite' | 'mysql', makeUrl: () => Promise<string>, drop: () => Promise<void>): Databases {
  const opened: Db[] = []
  const open = async (url: string) => {
    const db = await openDatabase({ url })
    opened.push(db)
    return db
  }
  afterAll(async () => {
    for (const db of opened) await db.$disconnect()
    await drop()
  })
  return {
    empty: makeUrl,
    async migrated() {
      const url = await makeUrl()
      await migrate({ url })
      return { kind, url, db: await open(url), open: () => open(url) }
    },
  }
}

function sqlite(): Databases {
  const directories: string[] = []
  const makeUrl = async () => {
    const directory = mkdtempSync(join(tmpdir(), 'evenflow-db-'))
    directories.push(directory)
    return `file:${join(directory, 'test.db')}`
  }
  return collect('sqlite', makeUrl, async () => {
    for (const directory of directories) rmSync(directory, { recursive: true, force: true })
  })
}

function mysql(serverUrl: string): Databases {
  const names: string[] = []
  const run = async (sql: string) => {
    const { database: _, ...server } = mysqlSettings(new URL(serverUrl))
    const adapter = await new PrismaMariaDb({ ...server, connectionLimit: 1 }).connect()
    try {
      await adapter.underlyingDriver().query(sql)
    } finally {
      await adapter.dispose()
    }
  }
  const makeUrl = async () => {
    const name = `evenflow_test_${randomBytes(6).toString('hex')}`
    await run(`CREATE DATABASE ${name}`)
    names.push(name)
    const url = new URL(serverUrl)
    url.pathname = `/${name}`
    return url.href
  }
  return collect('mysql', makeUrl, async () => {
    for (const name of names) await run(`DROP DATABASE ${name}`)
  })
}
