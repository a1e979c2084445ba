import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { inferSchema } from './infer-schema.ts'

// many random cases: a slow machine must not fail them
vi.setConfig({ testTimeout: 300_000 })

const lines = (...events: unknown[]) => events.map((event) => JSON.stringify(event)).join('\n')
const fieldsOf = (text: string) => inferSchema(text).fields.map(({ name, type, nullable }) => `${name} ${type}${nullable ? '?' : ''}`)

describe('fields, types and nullability from pasted events', () => {
  test.each([
    ['int, and 5.0 is one', lines({ a: 5 }, { a: 5.0 }), ['a int']],
    ['double', lines({ a: 5 }, { a: 2.5 }), ['a double']],
    ['string, and "5" is one', lines({ a: '5' }), ['a string']],
    ['boolean', lines({ a: true }), ['a boolean']],
    [
      'timestamps: epoch milliseconds or ISO 8601 with zone',
      lines({ a: 983404800000, b: '2001-03-01T00:00:00Z' }, { a: '2001-03-01T01:00:00+01:00', b: '2001-03-01 00:00:00.5Z' }),
      ['a timestamp', 'b timestamp'],
    ],
    ['a time without zone is text', lines({ a: '2001-03-01T00:00:00' }), ['a string']],
    ['null or missing: nullable', lines({ a: 1, b: 1 }, { a: null }), ['a int?', 'b int?']],
    ['null in every event', lines({ a: null }), ['a string?']],
    ['nested values are left out', lines({ a: 1, b: { c: 1 }, d: [1] }), ['a int']],
    ['mostly numbers', lines({ a: 1 }, { a: 2 }, { a: 'x' }), ['a int']],
    ['a JSON array', '[{"a":1},\n{"a":2}]', ['a int']],
    ['one event over several lines', '{\n "a": 1,\n "b": "x"\n}', ['a int', 'b string']],
    ['a byte-order mark and blank lines', '\uFEFF{"a":1}\r\n\r\n{"a":2}\r\n', ['a int']],
  ])('%s', (_what, text, expected) => {
    expect(fieldsOf(text)).toEqual(expected)
  })

  test('the event time: what is in every event, what is named like a time first, with the reason', () => {
    const text = lines(
      { born: '1990-01-01T00:00:00Z', id: 1, updated_at: 983404800000, maybe: 983404800000 },
      { born: '1991-01-01T00:00:00Z', id: 2, updated_at: 983404800001, maybe: null },
    )
    expect(inferSchema(text).eventTimeCandidates).toEqual([
      { field: 'updated_at', why: 'epoch milliseconds, in every event; named like a time' },
      { field: 'born', why: 'ISO 8601 with a zone, in every event' },
    ])
  })

  test.each([
    ['epoch seconds', lines({ ts: 983404800 }), /`ts` looks like epoch seconds, milliseconds are needed/],
    ['no zone', lines({ ts: '2001-03-01 10:00:00' }), /`ts` has no zone/],
    ['nothing', lines({ a: 1 }), /no event time found/],
    ['types are mixed', lines({ ts: 983404800000, a: 1 }, { ts: 983404800000, a: 'x' }), /`a` is not of one type/],
    ['an identifier beyond 2^53', '{"ts":983404800000,"a":99999999999999999999}', /beyond 2\^53/],
    ['a line that is not JSON', '{"ts":983404800000}\nnot json', /not JSON/],
    ['a line that is no object', '{"ts":983404800000}\n[1]', /not a JSON object/],
    ['a broken array', '[{"a":1},', /not a JSON array/],
    ['nothing pasted', ' \n', /paste some events/],
  ])('says what is wrong: %s', (_what, text, message) => {
    expect(
      inferSchema(text)
        .problems.map((problem) => problem.message)
        .join('\n'),
    ).toMatch(message)
  })

  test('the line of a mistake is its own', () => {
    expect(inferSchema('{"ts":983404800000}\n\nnot json').problems).toMatchObject([{ line: 3 }])
  })

  test('any text gets an answer', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.array(fc.json()).map((all) => all.join('\n')),
        ),
        (text) => {
          const { events, problems } = inferSchema(text)
          expect(events + problems.length).toBeGreaterThan(0)
        },
      ),
    )
  })
})
