import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { operations } from '../../contract/openapi.ts'
import { page, withTables } from './http-api.mjs'

const text = readFileSync(page, 'utf8')

it('the tables of docs/reference/http-api.md are those of the contracts: node scripts/docs/http-api.mjs writes them', () => {
  expect(text).toBe(withTables(text))
})

it('every route of the contracts stands in the table', () => {
  for (const { method, path } of operations) expect(text).toContain(`| \`${method.toUpperCase()} ${path}\` |`)
})

it('every address that an example calls is a route', () => {
  const called = [...text.matchAll(/localhost:3000(\/[^\s'"?]*)/g)].map((match) => match[1])
  const patterns = operations.map(({ path }) => new RegExp(`^${path.replaceAll('.', '\\.').replace(/\{\w+\}/g, '[^/]+')}$`))
  expect(called.length).toBeGreaterThan(8)
  for (const path of called)
    expect(
      patterns.filter((pattern) => pattern.test(path)),
      path,
    ).not.toEqual([])
})
