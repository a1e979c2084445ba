/** What a database really holds, in the words of the schema, beside what the schema says: for the test that they are the same. */
import type { Db } from '../client.ts'
import type { Column, Table } from './parse-schema.ts'

type Row = Record<string, unknown>
type Described = {
  name: string
  columns: { name: string; type: string; nullable: boolean }[]
  primaryKey: string[]
  unique: string[]
  indexes: string[]
  references: string[]
}

export async function readTables(
  db: Db,
  kind: 'mysql' | 'sqlite',
  schema: Table[],
): Promise<{ actual: Described[]; expected: Described[] }> {
  const actual = kind === 'mysql' ? await readMysql(db) : await readSqlite(db)
  return {
    actual: sort(actual.filter(({ name }) => name !== '_prisma_migrations')),
    expected: sort(schema.map((table) => describe(table, kind))),
  }
}

const sort = (tables: Described[]) => tables.sort((a, b) => (a.name < b.name ? -1 : 1))
const text = (value: unknown) => String(value)

function describe(table: Table, kind: 'mysql' | 'sqlite'): Described {
  return {
    name: table.name,
    columns: table.columns.map((column) => ({ name: column.name, type: typeOf(column, kind), nullable: column.nullable })),
    primaryKey: table.primaryKey,
    unique: table.unique.map((columns) => columns.join()).sort(),
    indexes: table.indexes.map((columns) => columns.join()).sort(),
    references: table.references.map((r) => `${r.column} ${r.table}.${r.target} ${r.onDelete}`).sort(),
  }
}

function typeOf({ type, native }: Column, kind: 'mysql' | 'sqlite'): string {
  if (kind === 'sqlite')
    return { String: 'TEXT', Int: 'INTEGER', BigInt: 'BIGINT', Float: 'REAL', Boolean: 'BOOLEAN', DateTime: 'DATETIME', Json: 'JSONB' }[
      type
    ]!
  if (native) return native.toLowerCase()
  // MariaDB keeps JSON as checked longtext and says so
  return {
    String: 'varchar(191)',
    Int: 'int(11)',
    BigInt: 'bigint(20)',
    Float: 'double',
    Boolean: 'tinyint(1)',
    DateTime: 'datetime(3)',
    Json: 'longtext',
  }[type]!
}

async function readSqlite(db: Db): Promise<Described[]> {
  const all = (sql: string) => db.$queryRawUnsafe<Row[]>(sql)
  const tables = await all("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
  const described: Described[] = []
  for (const table of tables) {
    const name = text(table.name)
    const columns = await all(`SELECT name, type, "notnull", pk FROM pragma_table_info('${name}') ORDER BY cid`)
    const indexes = await all(`SELECT name, "unique", origin FROM pragma_index_list('${name}')`)
    const lists = { unique: [] as string[], indexes: [] as string[] }
    for (const index of indexes) {
      if (index.origin === 'pk') continue
      const parts = await all(`SELECT name FROM pragma_index_info('${text(index.name)}') ORDER BY seqno`)
      lists[Number(index.unique) === 1 ? 'unique' : 'indexes'].push(parts.map((part) => text(part.name)).join())
    }
    const keys = await all(`SELECT "from", "table", "to", on_delete FROM pragma_foreign_key_list('${name}')`)
    described.push({
      name,
      columns: columns.map((c) => ({ name: text(c.name), type: text(c.type), nullable: Number(c.notnull) === 0 })),
      primaryKey: columns
        .filter((c) => Number(c.pk) > 0)
        .sort((a, b) => Number(a.pk) - Number(b.pk))
        .map((c) => text(c.name)),
      unique: lists.unique.sort(),
      indexes: lists.indexes.sort(),
      references: keys.map((k) => `${text(k.from)} ${text(k.table)}.${text(k.to)} ${text(k.on_delete)}`).sort(),
    })
  }
  return described
}

async function readMysql(db: Db): Promise<Described[]> {
  const all = (sql: string) => db.$queryRawUnsafe<Row[]>(sql)
  const columns = await all(
    'SELECT table_name AS t, column_name AS name, column_type AS type, is_nullable AS nullable FROM information_schema.columns WHERE table_schema = DATABASE() ORDER BY table_name, ordinal_position',
  )
  const indexes = await all(
    "SELECT table_name AS t, index_name AS name, non_unique AS many, GROUP_CONCAT(column_name ORDER BY seq_in_index SEPARATOR ',') AS parts FROM information_schema.statistics WHERE table_schema = DATABASE() GROUP BY table_name, index_name, non_unique",
  )
  const keys = await all(
    'SELECT k.table_name AS t, k.column_name AS c, k.referenced_table_name AS rt, k.referenced_column_name AS rc, r.delete_rule AS rule FROM information_schema.key_column_usage k JOIN information_schema.referential_constraints r ON r.constraint_schema = k.constraint_schema AND r.constraint_name = k.constraint_name AND r.table_name = k.table_name WHERE k.table_schema = DATABASE()',
  )
  return [...new Set(columns.map((c) => text(c.t)))].map((name) => {
    const own = indexes.filter((index) => index.t === name)
    return {
      name,
      columns: columns.filter((c) => c.t === name).map((c) => ({ name: text(c.name), type: text(c.type), nullable: c.nullable === 'YES' })),
      primaryKey: text(own.find((index) => index.name === 'PRIMARY')?.parts).split(','),
      unique: own
        .filter((index) => index.name !== 'PRIMARY' && Number(index.many) === 0)
        .map((index) => text(index.parts))
        .sort(),
      indexes: own
        .filter((index) => Number(index.many) === 1)
        .map((index) => text(index.parts))
        .sort(),
      references: keys
        .filter((k) => k.t === name)
        .map((k) => `${text(k.c)} ${text(k.rt)}.${text(k.rc)} ${text(k.rule)}`)
        .sort(),
    }
  })
}
