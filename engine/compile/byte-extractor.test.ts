import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { StreamSchema, ViewDefinition } from '../../definition/model.ts'
import { planView } from '../plan/plan.ts'
import { compileByteExtractor } from './byte-extractor.ts'
import { compileExtractor } from './extract.ts'
import { FieldColumns } from './field-columns.ts'
import type { Value } from './value.ts'

const stream: StreamSchema = {
  name: 's',
  eventTime: 'ts',
  fields: [
    { name: 'key', type: 'string' },
    { name: 'ts', type: 'timestamp' },
    { name: 'i', type: 'int', nullable: true },
    { name: 'd', type: 'double', nullable: true },
    { name: 'm', type: 'decimal(8,2)', nullable: true },
    { name: 'b', type: 'boolean', nullable: true },
    { name: 'té', type: 'string', nullable: true },
    { name: '__proto__', type: 'timestamp', nullable: true },
  ],
}
const definition: ViewDefinition = {
  stream: 's',
  key: ['key'],
  windows: [{ name: 'w', mode: 'range', start: { kind: 'unbounded' }, end: { kind: 'current' } }],
  features: stream.fields
    .slice(2)
    .map(({ name }, n) => ({ name: `f${n}`, expr: { kind: 'aggregate', fn: 'last', args: [{ kind: 'field', name }], window: 'w' } })),
  hints: {},
}
const plan = planView(definition, stream)

/** What both extractors say of the bytes, with noise around them that neither may look at. */
function both(bytes: Uint8Array): { fast: unknown; plain: unknown } {
  const data = Buffer.concat([Buffer.from('1"}'), bytes, Buffer.from('"}1')])
  const columns = new FieldColumns(plan, 4)
  columns.begin(data)
  const [start, end] = [3, 3 + bytes.length]
  const fastRow: Value[] = []
  const fast = compileByteExtractor(plan, columns).extract(data, start, end, 2)
  if (fast === null)
    columns.getRow(
      2,
      fastRow,
      plan.fields.map((_, slot) => slot),
    )
  const row: Value[] = []
  const plain = compileExtractor(plan).extract(data, start, end, row)
  return { fast: fast ?? fastRow, plain: plain ?? row }
}

const expectEqual = (text: string | Uint8Array) => {
  const { fast, plain } = both(typeof text === 'string' ? Buffer.from(text) : text)
  expect(fast).toStrictEqual(plain)
}

const number = fc.oneof(
  fc.double().map(String),
  fc.integer().map(String),
  fc.maxSafeInteger().map(String),
  fc.stringMatching(/^-?\d{1,18}(\.\d{1,18})?([eE][+-]?\d{1,3})?$/),
)
const blank = fc.constantFrom('', '', '', ' ', '\t', '\n ', '\r')
const string = fc.oneof(
  fc.string({ unit: 'binary' }).map((text) => JSON.stringify(text)),
  fc.string({ unit: 'grapheme-ascii' }).map((text) => `"${text}"`),
  fc.constantFrom('"a"', '""', '"\\u0061"', '"\\ud800"', '"x\u0001"', '"\\q"', '"é"'),
)
const time = fc.oneof(
  fc.integer({ min: -3e12, max: 8e12 }).map(String),
  fc.date({ noInvalidDate: true, min: new Date('1890-01-01'), max: new Date('2210-01-01') }).map((date) => JSON.stringify(date)),
  fc.constantFrom(
    '"2024-02-29T00:00:00Z"',
    '"2023-02-29T00:00:00Z"',
    '"1900-02-29T00:00:00.000Z"',
    '"2024-01-01T00:00:00+08:00"',
    '"2024-01-01T24:00:00Z"',
    '"2024-01-01T00:00:00.12Z"',
  ),
)
const value = fc.oneof(
  number,
  string,
  time,
  fc.constantFrom('null', 'true', 'false', 'nul', 'tru', '01', '-', '1.', '.5', '-0', '5.0', '{}', '[]'),
  fc.jsonValue().map((json) => JSON.stringify(json)),
)
const keyOf = (name: string) =>
  fc.oneof(
    { weight: 20, arbitrary: fc.constant(JSON.stringify(name)) },
    { weight: 1, arbitrary: fc.constant(`"\\u${name.charCodeAt(0).toString(16).padStart(4, '0')}${name.slice(1)}"`) },
  )
const fieldOf = (name: string, good: fc.Arbitrary<string>) =>
  fc.tuple(keyOf(name), fc.oneof({ weight: 12, arbitrary: good }, { weight: 1, arbitrary: value }))
const event = fc
  .tuple(
    fieldOf('key', string),
    fieldOf('ts', time),
    fc.array(
      fc.oneof(
        fieldOf('i', number),
        fieldOf('d', number),
        fieldOf('m', number),
        fieldOf('b', fc.constantFrom('true', 'false', 'null')),
        fieldOf('té', string),
        fieldOf('__proto__', time),
        fieldOf('other', value),
      ),
      { maxLength: 7 },
    ),
  )
  .chain(([key, ts, rest]) =>
    fc.tuple(fc.shuffledSubarray([key, ts, ...rest], { minLength: rest.length + 1 }), fc.array(blank, { minLength: 60, maxLength: 60 })),
  )
  .map(([fields, blanks]) => {
    let b = 0
    const space = () => blanks[b++] ?? ''
    return `${space()}{${fields.map(([name, text]) => `${space()}${name}${space()}:${space()}${text}${space()}`).join(',')}}${space()}`
  })

test('the byte extractor takes, reads and refuses exactly what the plain one does', () => {
  fc.assert(fc.property(event, expectEqual), { numRuns: 3000 })
})

test('the same for events with bytes cut off, changed or repeated', () => {
  const damaged = fc
    .tuple(event, fc.nat(), fc.nat(255), fc.constantFrom('cut', 'change', 'repeat', 'drop'))
    .map(([text, at, byte, how]) => {
      const bytes = Buffer.from(text)
      const i = at % (bytes.length + 1)
      if (how === 'cut') return bytes.subarray(0, i)
      if (how === 'repeat') return Buffer.concat([bytes.subarray(0, i), bytes.subarray(Math.max(0, i - 9))])
      if (how === 'drop') return Buffer.concat([bytes.subarray(0, i), bytes.subarray(i + 1)])
      if (i < bytes.length) bytes[i] = byte
      return bytes
    })
  fc.assert(fc.property(damaged, expectEqual), { numRuns: 3000 })
})

test('language 18: a field given twice: the last one counts', () => {
  const { fast } = both(Buffer.from('{"key":"a","ts":1,"i":1,"i":2}'))
  expect((fast as Value[])[plan.fields.findIndex(({ name }) => name === 'i')]).toBe(2)
})

test('an ordinary event does not reach the plain extractor', () => {
  const columns = new FieldColumns(plan, 1)
  const text = '{"other":[1,{"x":"y"}],"key":"a","ts":"2024-05-06T07:08:09.123Z","i":-12,"d":1.25,"m":10.5,"b":true,"té":"ü"}'
  const data = Buffer.from(text)
  columns.begin(data)
  expect(compileByteExtractor(plan, columns).extract(data, 0, data.length, 0)).toBeNull()
  expect(columns.starts[plan.keySlots[0]!]![0]).toBe(text.indexOf('"a"') + 1) // a range of the record itself, nothing copied
  expect(columns.numbers[plan.eventTimeSlot]![0]).toBe(Date.UTC(2024, 4, 6, 7, 8, 9, 123))
})
