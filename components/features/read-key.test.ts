import { describe, expect, it } from 'vitest'
import { keyText, readCurl, typedKey } from './read-key.ts'

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

describe('keyText', () => {
  const more = [...fields, { name: 'price', type: 'decimal(10,2)' }, { name: 'at', type: 'timestamp' }]
  it('is the JSON array of the values, as the stores hold them', () => {
    expect(keyText(['card', 'shop'], { card: '5', shop: '5' }, more)).toBe('["5",5]')
    expect(keyText(['price', 'at'], { price: '1.25', at: '1970-01-01T00:00:01Z' }, more)).toBe('[125,1000]')
  })
  it('is none while a field is missing or no value of its type', () => {
    expect(keyText(['card', 'shop'], { card: '5' }, more)).toBeNull()
    expect(keyText(['at'], { at: 'soon' }, more)).toBeNull()
  })
})
