import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { PARAMETER_KEYS } from '../../definition/parameters.ts'
import { page, parametersPage } from './parameters.mjs'

it('docs/reference/parameters.md is what the registry says: node scripts/docs/parameters.mjs writes it', () => {
  expect(readFileSync(page, 'utf8')).toBe(parametersPage())
})

it('has a heading for every parameter', () => {
  const headings = [...parametersPage().matchAll(/^### (\w+)$/gm)].map((match) => match[1])
  expect(headings).toEqual(PARAMETER_KEYS)
})
