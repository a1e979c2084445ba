/**
 * The SQL that creates all tables of a schema in an empty database, named and typed as `prisma migrate diff --from-empty` does:
 * so that someone with Prisma's own engine at hand finds nothing to change. One thing differs on purpose: text compares by its
 * bytes (utf8mb4_bin), since SQLite does so too and names in the product are exact. First migrations were written with it;
 * later ones are written by hand and checked by the same test (matches-schema.test.ts).
 */
import type { Column, Table } from './parse-schema.ts'

export type Dialect = 'mysql' | 'sqlite'

export function createSql(tables: readonly Table[], dialect: Dialect): string {
  return dialect === 'mysql' ? mysql(tables) : sqlite(tables)
}

const defaultOf = (column: Column, now: string, booleans: readonly [string, string]): string => {
  const value = column.default
  if (value === null || value === 'autoincrement()') return ''
  if (value === 'now()') return ` DEFAULT ${now}`
  if (value === 'true' || value === 'false') return ` DEFAULT ${value === 'true' ? booleans[0] : booleans[1]}`
  return ` DEFAULT ${value.startsWith('"') ? `'${value.slice(1, -1)}'` : value}`
}

function mysqlType(column: Column): string {
  if (column.native) return column.native.toUpperCase()
  const types: Record<string, string> = {
    String: 'VARCHAR(191)',
    Int: 'INTEGER',
    BigInt: 'BIGINT',
    Float: 'DOUBLE',
    Boolean: 'BOOLEAN',
    DateTime: 'DATETIME(3)',
    Json: 'JSON',
  }
  return types[column.type]!
}

function mysql(tables: readonly Table[]): string {
  const q = (name: string) => `\`${name}\``
  const list = (columns: readonly string[]) => columns.map(q).join(', ')
  const created = tables.map((table) => {
    const lines = table.columns.map((c) => {
      const auto = c.default === 'autoincrement()' ? ' AUTO_INCREMENT' : ''
      return `    ${q(c.name)} ${mysqlType(c)} ${c.nullable ? 'NULL' : 'NOT NULL'}${auto}${defaultOf(c, 'CURRENT_TIMESTAMP(3)', ['true', 'false'])},`
    })
    const unique = table.unique.map((u) => `    UNIQUE INDEX ${q(`${table.name}_${u.join('_')}_key`)}(${list(u)}),`)
    const indexes = table.indexes.map((i) => `    INDEX ${q(`${table.name}_${i.join('_')}_idx`)}(${list(i)}),`)
    return `-- CreateTable\nCREATE TABLE ${q(table.name)} (\n${[...lines, '', ...unique, ...indexes].join('\n').replace(/\n\n$/, '\n')}\n    PRIMARY KEY (${list(table.primaryKey)})\n) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;\n`
  })
  const keys = tables.flatMap((table) =>
    table.references.map(
      (r) =>
        `-- AddForeignKey\nALTER TABLE ${q(table.name)} ADD CONSTRAINT ${q(`${table.name}_${r.column}_fkey`)} FOREIGN KEY (${q(r.column)}) REFERENCES ${q(r.table)}(${q(r.target)}) ON DELETE ${r.onDelete} ON UPDATE CASCADE;\n`,
    ),
  )
  return [...created, ...keys].join('\n')
}

function sqlite(tables: readonly Table[]): string {
  const q = (name: string) => `"${name}"`
  const list = (columns: readonly string[]) => columns.map(q).join(', ')
  const types: Record<string, string> = {
    String: 'TEXT',
    Int: 'INTEGER',
    BigInt: 'BIGINT',
    Float: 'REAL',
    Boolean: 'BOOLEAN',
    DateTime: 'DATETIME',
    Json: 'JSONB',
  }
  const created = tables.map((table) => {
    const single = table.primaryKey.length === 1 ? table.primaryKey[0] : null
    const lines = table.columns.map((c) => {
      const key = c.name === single ? ` PRIMARY KEY${c.default === 'autoincrement()' ? ' AUTOINCREMENT' : ''}` : ''
      return `    ${q(c.name)} ${types[c.type]!}${c.nullable ? '' : ' NOT NULL'}${key}${defaultOf(c, 'CURRENT_TIMESTAMP', ['true', 'false'])}`
    })
    if (!single) lines.push(`\n    PRIMARY KEY (${list(table.primaryKey)})`)
    for (const r of table.references)
      lines.push(
        `    CONSTRAINT ${q(`${table.name}_${r.column}_fkey`)} FOREIGN KEY (${q(r.column)}) REFERENCES ${q(r.table)} (${q(r.target)}) ON DELETE ${r.onDelete} ON UPDATE CASCADE`,
      )
    return `-- CreateTable\nCREATE TABLE ${q(table.name)} (\n${lines.join(',\n')}\n);\n`
  })
  const indexes = tables.flatMap((table) => [
    ...table.unique.map(
      (u) => `-- CreateIndex\nCREATE UNIQUE INDEX ${q(`${table.name}_${u.join('_')}_key`)} ON ${q(table.name)}(${list(u)});\n`,
    ),
    ...table.indexes.map((i) => `-- CreateIndex\nCREATE INDEX ${q(`${table.name}_${i.join('_')}_idx`)} ON ${q(table.name)}(${list(i)});\n`),
  ])
  return [...created, ...indexes].join('\n')
}
