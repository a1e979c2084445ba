import { describe, expect, test } from 'vitest'
import type { StreamSchema } from '../../definition/model.ts'
import { planView } from '../plan/plan.ts'
import { compileExtractor, MAX_EVENT_BYTES, MAX_EVENT_TIME_MS, MIN_EVENT_TIME_MS } from './extract.ts'
import type { Value } from './value.ts'

const stream: StreamSchema = {
  name: 's',
  eventTime: 'ts',
  fields: [
    { name: 'ts', type: 'timestamp' },
    { name: 'k', type: 'string', nullable: true },
    { name: 'i', type: 'int', nullable: true },
    { name: 'd', type: 'double', nullable: true },
    { name: 'm', type: 'decimal(5,2)', nullable: true },
    { name: 'b', type: 'boolean', nullable: true },
    { name: 't', type: 'timestamp', nullable: true },
    { name: 'need', type: 'string' },
    { name: 'unused', type: 'int' },
  ],
}
const bare = (name: string) => ({ name: `f_${name}`, expr: { kind: 'field' as const, name } })
const plan = planView(
  {
    stream: 's',
    key: ['k'],
    windows: [{ name: 'w', mode: 'range', start: { kind: 'unbounded' }, end: { kind: 'current' } }],
    features: ['i', 'd', 'm', 'b', 't', 'need'].map(bare),
    hints: {},
  },
  stream,
)
const extractor = compileExtractor(plan)

function extract(text: string | Uint8Array): string | Record<string, Value> {
  const bytes = typeof text === 'string' ? Buffer.from(text) : text
  const padded = Buffer.concat([Buffer.from('xx'), bytes, Buffer.from('yy')])
  const row: Value[] = []
  const refusal = extractor.extract(padded, 2, 2 + bytes.length, row)
  return refusal ? refusal.code : Object.fromEntries(plan.fields.map(({ name }, slot) => [name, row[slot]!]))
}
const field = (name: string, json: string): string | Value => {
  const found = extract(`{"ts":1000,"k":"a","need":"n","${name}":${json}}`)
  return typeof found === 'string' ? found : found[name]!
}

describe('language 18: events are read strictly', () => {
  test.each([
    ['i', '5', 5],
    ['i', '5.0', 5],
    ['i', '-0', 0],
    ['i', '1e3', 1000],
    ['i', '5.5', 'wrong_type'],
    ['i', '"5"', 'wrong_type'],
    ['i', 'true', 'wrong_type'],
    ['i', 'null', null],
    ['i', '9007199254740992', 9007199254740992],
    ['i', '-9007199254740992', -9007199254740992],
    ['i', '9007199254740993', 'number_out_of_range'],
    ['i', '1e300', 'number_out_of_range'],
    ['d', '5', 5],
    ['d', '0.1', 0.1],
    ['d', '1e999', 'number_out_of_range'],
    ['d', '"1"', 'wrong_type'],
    ['m', '1.5', 150],
    ['m', '"1.50"', 150],
    ['m', '-999.99', -99999],
    ['m', '1.500', 150],
    ['m', '1.005', 'number_out_of_range'],
    ['m', '1000', 'number_out_of_range'],
    ['m', '"1,5"', 'wrong_type'],
    ['m', '""', 'wrong_type'],
    ['b', 'true', true],
    ['b', '1', 'wrong_type'],
    ['b', '"true"', 'wrong_type'],
    ['need', '5', 'wrong_type'],
    ['need', '"é😀"', 'é😀'],
    ['need', '{}', 'wrong_type'],
    ['need', '["a"]', 'wrong_type'],
    ['t', '1735689600000', 1735689600000],
    ['t', '-1', -1],
    ['t', '1.5', 'bad_timestamp'],
    ['t', '"2025-01-01T00:00:00Z"', 1735689600000],
    ['t', '"2025-01-01T01:00:00.123456+01:00"', 1735689600123],
    ['t', '"2024-12-31T23:30-0030"', 1735689600000],
    ['t', '"2025-01-01T00:00:00"', 'bad_timestamp'],
    ['t', '"2025-02-29T00:00:00Z"', 'bad_timestamp'],
    ['t', '"2025-01-01"', 'bad_timestamp'],
    ['t', '"0099-01-01T00:00:00Z"', Date.parse('0099-01-01T00:00:00Z')],
    ['t', 'false', 'wrong_type'],
  ])('field %s = %s → %s', (name, json, expected) => expect(field(name, json)).toEqual(expected))

  test('a key that is absent or null is a bad event; the empty string is a key', () => {
    expect(extract('{"ts":1,"need":"n"}')).toBe('missing_key')
    expect(extract('{"ts":1,"need":"n","k":null}')).toBe('missing_key')
    expect(extract('{"ts":1,"need":"n","k":""}')).toMatchObject({ k: '' })
  })

  test('a field that is needed and absent is bad, a nullable one is NULL, one that no view uses is not looked at', () => {
    expect(extract('{"ts":1,"k":"a"}')).toBe('missing_field')
    expect(extract('{"k":"a","need":"n"}')).toBe('missing_field')
    expect(extract('{"ts":1,"k":"a","need":"n","unused":"no int"}')).toMatchObject({ i: null, d: null })
  })

  test('duplicate keys in a JSON object: the last one counts', () => {
    expect(extract('{"ts":1,"k":"a","need":"n","i":1,"i":2}')).toMatchObject({ i: 2 })
    expect(extract('{"ts":1,"k":"a","need":"n","i":1,"i":9007199254740993}')).toBe('number_out_of_range')
    expect(extract('{"ts":1,"k":"a","need":"n","x":{"i":9007199254740993},"i":9007199254740992}')).toMatchObject({ i: 9007199254740992 })
  })

  test('names of Object.prototype are no fields of an event', () =>
    expect(extract('{"ts":1,"k":"a","need":"n","__proto__":{"i":3}}')).toMatchObject({ i: null }))

  test.each([
    ['not_json', 'this is not JSON'],
    ['not_json', ''],
    ['not_json', '{"ts":1'],
    ['not_json', '\ufeff{}'],
    ['not_an_object', '[1]'],
    ['not_an_object', 'null'],
    ['not_an_object', '"text"'],
  ])('%s: %s', (code, text) => expect(extract(text)).toBe(code))

  test('invalid UTF-8 is a bad event', () => {
    const bytes = Buffer.from('{"ts":1,"k":"a","need":"n?"}')
    bytes[bytes.indexOf('?')] = 0xff
    expect(extract(bytes)).toBe('invalid_utf8')
  })

  test('a record without a value, and one beyond 1 MiB', () => {
    expect(extractor.extract(Buffer.alloc(0), 0, -1, [])?.code).toBe('empty_record')
    expect(extract(`{"ts":1,"k":"a","need":"${'x'.repeat(MAX_EVENT_BYTES)}"}`)).toBe('too_large')
  })

  test('language 3: accepted event times are 1900-01-01 to 2200-01-01', () => {
    const at = (ts: number) => extract(`{"ts":${ts},"k":"a","need":"n"}`)
    expect([at(MIN_EVENT_TIME_MS), at(MAX_EVENT_TIME_MS)]).toEqual([expect.any(Object), expect.any(Object)])
    expect([at(MIN_EVENT_TIME_MS - 1), at(MAX_EVENT_TIME_MS + 1)]).toEqual(['event_time_out_of_range', 'event_time_out_of_range'])
  })
})
