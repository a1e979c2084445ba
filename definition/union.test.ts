import { beforeAll, describe, expect, test } from 'vitest'
import { checkDefinition } from './check-view.ts'
import { diffDefinitions } from './diff.ts'
import type { StreamSchema } from './model.ts'
import { loadParser, parseViewSync } from './parse-sql.ts'
import { printView } from './print-sql.ts'
import { shortly } from './testing/problems.ts'
import { sourceSchema } from './union.ts'
import { streamsOf } from './union-partitions.ts'

const PAYMENTS: StreamSchema = {
  name: 'payments',
  eventTime: 'ts',
  fields: [
    { name: 'card', type: 'string' },
    { name: 'ts', type: 'timestamp' },
    { name: 'amount', type: 'double', nullable: true },
    { name: 'Shop', type: 'string', nullable: true },
  ],
}
const REFUNDS: StreamSchema = {
  name: 'refunds',
  eventTime: 'at',
  fields: [
    { name: 'card_no', type: 'string' },
    { name: 'at', type: 'timestamp' },
    { name: 'cents', type: 'int' },
    { name: 'reason', type: 'string', nullable: true },
  ],
}
const STREAMS = [PAYMENTS, REFUNDS]
const WINDOW = "WINDOW w AS (PARTITION BY card ORDER BY event_time RANGE BETWEEN INTERVAL '1' HOUR PRECEDING AND CURRENT ROW)"
const FIRST = 'SELECT card, ts AS event_time, amount FROM payments'
const SECOND = 'SELECT card_no, at, -cents / 100 FROM refunds'

const around = (union: string, select = 'SUM(amount) OVER w AS net', hint = '') =>
  `SELECT ${hint} card, ${select}\nFROM (${union}) AS events\n${WINDOW}`
const read = (union = `${FIRST} UNION ALL ${SECOND}`, ...more: [select?: string, hint?: string]) =>
  parseViewSync(around(union, ...more), STREAMS)
function sound(...args: Parameters<typeof read>) {
  const { checked, problems } = read(...args)
  if (!checked) throw new Error(JSON.stringify(problems))
  return checked
}
const problemsOf = (union: string) => read(union).problems.map((one) => `${shortly(one)}: ${one.message}`)

beforeAll(loadParser)

describe('a union of streams', () => {
  test('is columns that go by position, with the names of the first SELECT', () => {
    const { definition, stream } = sound()
    expect(definition.stream).toBe('events')
    expect(streamsOf(definition)).toEqual(['payments', 'refunds'])
    expect(definition.union?.map(({ columns }) => columns.map(({ name }) => name))).toEqual([
      ['card', 'event_time', 'amount'],
      ['card', 'event_time', 'amount'],
    ])
    expect(stream).toEqual({
      name: 'events',
      eventTime: 'event_time',
      fields: [
        { name: 'card', type: 'string' },
        { name: 'event_time', type: 'timestamp' },
        { name: 'amount', type: 'double', nullable: true },
      ],
      branches: STREAMS,
    })
    expect(sourceSchema(definition, STREAMS)).toEqual(stream)
  })

  test('is printed one SELECT below the other', () => {
    expect(
      printView(sound(`SELECT p.card, ts AS event_time, amount FROM payments AS p WHERE p.amount > 0 UNION ALL (${SECOND})`).definition),
    ).toBe(`SELECT /*+ ORDER('event_time') */
       card,
       SUM(amount) OVER w AS net
FROM (
  SELECT card, ts AS event_time, amount
  FROM payments
  WHERE amount > 0
  UNION ALL
  SELECT card_no AS card, "at" AS event_time, -cents / 100 AS amount
  FROM refunds
) AS events
WINDOW w AS (PARTITION BY card ORDER BY event_time RANGE BETWEEN INTERVAL '1' HOUR PRECEDING AND CURRENT ROW)
`)
  })

  test('may name a stream twice, and qualify by alias, stream or union', () => {
    const twice = 'SELECT p.card, p.ts AS event_time, amount FROM payments p UNION ALL SELECT payments."Shop", ts, NULL FROM payments'
    expect(streamsOf(sound(twice, 'SUM(events.amount) OVER w AS net').definition)).toEqual(['payments', 'payments'])
  })

  test('has the common type of each column: a number, a NULL, a text as a timestamp', () => {
    const types = (a: string, b: string) =>
      sound(`SELECT card, ts AS event_time, ${a} AS x FROM payments UNION ALL SELECT card_no, at, ${b} FROM refunds`, 'LAST(x) OVER w AS y')
        .stream.fields[2]
    expect(types('NULL', 'cents')).toEqual({ name: 'x', type: 'int', nullable: true })
    expect(types('1.25', 'cents')).toEqual({ name: 'x', type: 'decimal(15,2)', nullable: true })
    expect(types('ts', "'2001-01-01'")).toEqual({ name: 'x', type: 'timestamp', nullable: true })
    expect(types('ts', 'at')).toEqual({ name: 'x', type: 'timestamp' })
  })

  test.each([
    ['other columns', `${FIRST} UNION ALL SELECT card_no, at FROM refunds`, 'different_columns'],
    [
      'the same columns in another order',
      `${FIRST} UNION ALL SELECT card_no, cents AS amount, at AS event_time FROM refunds`,
      'different_columns',
    ],
    ['another alias', `${FIRST} UNION ALL SELECT card_no, at, cents AS amuont FROM refunds`, 'different_columns'],
    ['types that do not go together', `${FIRST} UNION ALL SELECT card_no, at, reason FROM refunds`, 'type_mismatch'],
    [
      'a column that is always NULL',
      'SELECT card, ts AS event_time, NULL AS x FROM payments UNION ALL SELECT card_no, at, NULL FROM refunds',
      'type_mismatch',
    ],
    ['no event time', 'SELECT card, ts, amount FROM payments UNION ALL SELECT card_no, at, cents FROM refunds', 'no_event_time'],
    [
      'an event time that is none',
      `SELECT card, amount AS event_time FROM payments UNION ALL SELECT card_no, cents FROM refunds`,
      'no_event_time',
    ],
    ['an unknown stream', `${FIRST} UNION ALL SELECT card_no, at, cents FROM refund`, 'unknown_stream'],
    ['an unknown field', `${FIRST} UNION ALL SELECT card_no, at, cent FROM refunds`, 'unknown_field'],
    ['a field of the other stream', `${FIRST} UNION ALL SELECT payments.card, at, cents FROM refunds`, 'unknown_stream'],
    ['an aggregate', `${FIRST} UNION ALL SELECT card_no, at, SUM(cents) FROM refunds`, 'no_window'],
    [
      'a column without a name',
      'SELECT card, ts AS event_time, amount + 1 FROM payments UNION ALL SELECT card_no, at, cents FROM refunds',
      'no_alias',
    ],
    [
      'two columns of one name',
      'SELECT card, ts AS event_time, ts AS card FROM payments UNION ALL SELECT card_no, at, at FROM refunds',
      'duplicate_alias',
    ],
    ['UNION without ALL', `${FIRST} UNION ${SECOND}`, 'not_yet'],
    ['EXCEPT', `${FIRST} EXCEPT ${SECOND}`, 'not_yet'],
    ['LIMIT', `${FIRST} UNION ALL ${SECOND} LIMIT 3`, 'not_yet'],
    ['GROUP BY inside', `${FIRST} GROUP BY card UNION ALL ${SECOND}`, 'not_yet'],
    ['a union inside', `${FIRST} UNION ALL SELECT card, event_time, amount FROM (${FIRST} UNION ALL ${SECOND}) AS more`, 'not_yet'],
    ['a condition that is none', `${FIRST} UNION ALL ${SECOND} WHERE cents`, 'type_mismatch'],
    ['seventeen branches', Array.from({ length: 17 }, () => FIRST).join(' UNION ALL '), 'too_long'],
  ])('with %s is refused where that stands', (_what, union, code) => {
    const found = read(union).problems.find((one) => one.code === code)
    expect(found?.line).toBe(2)
    expect(found?.column).toBeGreaterThan(6)
  })

  test('says exactly what is wrong', () => {
    expect(problemsOf(`${FIRST} UNION ALL SELECT card_no, cents AS amount, at AS event_time FROM refunds`)).toEqual([
      '2:94 different_columns: here the first SELECT has `event_time`, not `amount`',
    ])
    expect(problemsOf(`${FIRST} UNION ALL SELECT card_no, at, reason FROM refunds`)).toEqual([
      '2:89 type_mismatch: the column `amount` of the union must have one type: double and string do not go together',
    ])
  })

  test('of a form is placed in its text and by path', () => {
    const { definition } = sound()
    const broken = structuredClone(definition)
    broken.union![1]!.columns[2]!.expr = { kind: 'field', name: 'reason' }
    expect(checkDefinition(broken, STREAMS).problems).toMatchObject([
      { code: 'type_mismatch', line: 8, column: 47, path: 'union.1.columns.2.expr' },
    ])
    broken.union![1]!.stream = 'refund'
    expect(checkDefinition(broken, STREAMS).problems).toMatchObject([{ code: 'unknown_stream', line: 9, path: 'union.1.stream' }])
  })

  test('is in order of event time unless arrival is asked for, and that leaves a note', () => {
    expect(sound()).toMatchObject({ definition: { hints: { order: 'event_time' } }, notes: [] })
    expect(sound(undefined, undefined, "/*+ ORDER('arrival') */")).toMatchObject({
      definition: { hints: { order: 'arrival' } },
      notes: ['arrival-union'],
    })
  })
})

describe('a feature over a union keeps its id', () => {
  const idOf = (...args: Parameters<typeof read>) => sound(...args).featureTypes.at(-1)?.id
  const NET = idOf()

  test('when a column is added or renamed, or the union gets another name', () => {
    expect(
      idOf(
        `SELECT "Shop" AS place, card, ts AS event_time, amount FROM payments UNION ALL SELECT NULL, card_no, at, -cents / 100 FROM refunds`,
      ),
    ).toBe(NET)
    expect(idOf(`SELECT card, ts AS event_time, amount AS money FROM payments UNION ALL ${SECOND}`, 'SUM(money) OVER w AS net')).toBe(NET)
    const { checked } = parseViewSync(around(`${FIRST} UNION ALL ${SECOND}`).replace('AS events', 'AS both_of_them'), STREAMS)
    expect(checked?.featureTypes.at(-1)?.id).toBe(NET)
  })

  test.each([
    ['its column is another one in a branch', `${FIRST} UNION ALL SELECT card_no, at, cents / 100 FROM refunds`],
    ['a branch takes other events', `${FIRST} UNION ALL ${SECOND} WHERE cents > 5`],
    ['the event time is another one', `SELECT card, ts + INTERVAL '1' HOUR AS event_time, amount FROM payments UNION ALL ${SECOND}`],
    ['the key is another one', `SELECT lower(card) AS card, ts AS event_time, amount FROM payments UNION ALL ${SECOND}`],
    ['there is one more branch', `${FIRST} UNION ALL ${SECOND} UNION ALL ${SECOND}`],
    [
      'the branches stand in another order',
      `SELECT card_no AS card, at AS event_time, -cents / 100 AS amount FROM refunds UNION ALL ${FIRST}`,
    ],
  ])('but not when %s', (_what, union) => expect(idOf(union)).not.toBe(NET))

  test('and a diff says what changed', () => {
    const more = sound(`${FIRST} UNION ALL ${SECOND} WHERE cents > 5`).definition
    const diff = diffDefinitions(sound().definition, more)
    expect(diff.features).toMatchObject([{ change: 'changed', parts: ['stream'] }])
    expect(diff.other).toMatchObject([{ what: 'stream', after: expect.stringContaining('FROM refunds WHERE cents > 5 ) AS events') }])
    const column = sound(`${FIRST} UNION ALL SELECT card_no, at, cents / 100 FROM refunds`).definition
    expect(diffDefinitions(sound().definition, column).features).toMatchObject([{ change: 'changed', parts: ['columns'] }])
  })
})
