/**
 * Writes the tables of docs/reference/http-api.md from the contracts: `node scripts/docs/http-api.mjs`. What stands outside the two
 * markers is written by hand. http-api.test.mjs fails where the page is not what this writes.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { errorStatus } from '../../contract/errors.ts'
import { operations } from '../../contract/openapi.ts'

export const page = fileURLToPath(new URL('../../docs/reference/http-api.md', import.meta.url))

const cell = (text) => text.replaceAll('|', '\\|')

function routes() {
  const rows = operations.map(({ method, path, summary, query, open }) => {
    const asked = Object.keys(query ?? {})
      .map((name) => `\`${name}\``)
      .join(', ')
    return `| \`${method.toUpperCase()} ${path}\` | ${cell(summary)}${open ? ' *(open)*' : ''} | ${asked} |`
  })
  return ['| route | | query |', '|---|---|---|', ...rows].join('\n')
}

function errors() {
  const rows = Object.entries(errorStatus).map(([code, status]) => `| \`${code}\` | ${status} |`)
  return ['| code | status |', '|---|---|', ...rows].join('\n')
}

const between = (text, name, table) =>
  text.replace(new RegExp(`(<!-- ${name} -->\\n)[\\s\\S]*?(<!-- /${name} -->)`), (_, from, to) => `${from}${table}\n${to}`)

export const withTables = (text) => between(between(text, 'routes', routes()), 'errors', errors())

if (import.meta.main) writeFileSync(page, withTables(readFileSync(page, 'utf8')))
