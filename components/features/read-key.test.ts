import { describe, expect, it } from 'vitest'
import { readCurl, typedKey } from './read-key.ts'

const fields = [
  { name: 'card', type: 'string' },
  { name: 'shop', type: 'int' },
  { name: 'vip', type: 'boolean' },
]

describe('typedKey', () => {
  it('gives each field its type', () =>
    expect(typedKey(['card', 'shop', 'vip'], { card: '5', shop: '5', vip: 'true' }, fields)).toEqual({ card: '5', shop: 5, vip: true }))
  it('the empty string is a key, an empty number is none', () => {
    expect(typedKey(['card'], { card: '' }, fields)).toEqual({ card: '' })
    expect(typedKey(['shop'], { shop: '' }, fields)).toBeNull()
    expect(typedKey(['card'], {}, fields)).toBeNull()
  })
})

it('a quote in a key does not break out of the shell command', () => {
  expect(readCurl('http://x', { view: 'v', keys: [{ card: "o'; rm" }] })).toContain(`"o'\\''; rm"`)
})
