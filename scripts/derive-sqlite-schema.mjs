/**
 * prisma/sqlite/schema.prisma from prisma/schema.prisma: another provider, another output, no column types of MySQL's own.
 * One schema is written by hand; the other can't drift.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { argv } from 'node:process'
import { fileURLToPath } from 'node:url'
import { at } from './lib/paths.mjs'

export function deriveSqliteSchema(mysql) {
  return mysql
    .replace(/ *@db\.\w+(\([^)]*\))?/g, '')
    .replace(/provider = "mysql"/, 'provider = "sqlite"')
    .replace('"../db/generated/mysql"', '"../../db/generated/sqlite"')
}

/** Writes the derived file when it differs. */
export function writeSqliteSchema() {
  const derived = deriveSqliteSchema(readFileSync(at('prisma', 'schema.prisma'), 'utf8'))
  const target = at('prisma', 'sqlite', 'schema.prisma')
  let current = ''
  try {
    current = readFileSync(target, 'utf8')
  } catch (error) {
    if (error.code !== 'ENOENT') throw error
  }
  if (current === derived) return false
  writeFileSync(target, derived)
  return true
}

if (argv[1] === fileURLToPath(import.meta.url))
  console.log(writeSqliteSchema() ? 'prisma/sqlite/schema.prisma is written anew' : 'prisma/sqlite/schema.prisma is up to date')
