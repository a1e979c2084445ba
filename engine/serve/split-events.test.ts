import fc from 'fast-check'
import { expect, test } from 'vitest'
import { splitEvents } from './split-events.ts'

const texts = (body: string): string[] => {
  const { data, start, end } = splitEvents(Buffer.from(body))
  return start.map((from, i) => data.toString('utf8', from, end[i]))
}

test('the elements of any JSON array are those that JSON.parse sees', () => {
  const space = fc.constantFrom('', ' ', '\n', '\t\r\n')
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.jsonValue(), space, space), { maxLength: 20 }), space, (items, before) => {
      const body = `${before}[${items.map(([value, a, b]) => a + JSON.stringify(value) + b).join(',')}]${before}`
      expect(texts(body).map((text) => JSON.parse(text))).toEqual(items.map(([value]) => JSON.parse(JSON.stringify(value))))
    }),
  )
})

test('lines keep their numbers: blank ones are skipped and counted, a byte-order mark is skipped', () => {
  const { line } = splitEvents(Buffer.from('\ufeff{"a":1}\r\n\n  \n {"a":2} \n{"a":3}'))
  expect(line).toEqual([1, 4, 5])
  expect(texts('\ufeff{"a":1}\r\n\n  \n {"a":2} \n{"a":3}')).toEqual(['{"a":1}', '{"a":2}', '{"a":3}'])
  expect(texts('not json\n}{')).toEqual(['not json', '}{'])
})

test('an array that is not whole is refused, and nothing of it taken', () => {
  for (const body of ['[{"a":1}', '[{"a":1},]', '[,1]', '[1] 2', '["x', '[1,,2]'])
    expect(() => splitEvents(Buffer.from(body)), body).toThrow(/JSON array that/)
  expect(texts(' [ ] ')).toEqual([])
})
