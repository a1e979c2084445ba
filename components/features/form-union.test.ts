import { beforeAll, describe, expect, it } from 'vitest'
import type { Stream } from '../../contract/http-api.ts'
import { loadParser, parseViewSync } from '../../definition/parse-sql.ts'
import { formOf, sqlOf } from './form-model.ts'
import { columnsOf, unionWith, withColumn, withoutColumn, withStream } from './form-union.ts'
import { sourceOfView, streamNames, wordsOf } from './view-source.ts'

const stream = (name: string, eventTime: string, fields: Stream['fields']): Stream =>
  ({ name, eventTime, fields, stats: null }) as unknown as Stream
const PAY = stream('pay', 'ts', [
  { name: 'card', type: 'string' },
  { name: 'ts', type: 'timestamp' },
  { name: 'Amount', type: 'double', nullable: true },
])
const BACK = stream('back', 'at', [
  { name: 'card_no', type: 'string' },
  { name: 'at', type: 'timestamp' },
  { name: 'amount', type: 'int' },
])
const STREAMS = [PAY, BACK]
const SQL = `SELECT card, SUM(amount) OVER w AS net, COUNT(*) OVER w AS n
FROM (SELECT card, ts AS event_time, "Amount" AS amount FROM pay WHERE "Amount" > 0
      UNION ALL SELECT card_no, at, -amount FROM back) AS money
WINDOW w AS (PARTITION BY card ORDER BY event_time RANGE BETWEEN INTERVAL '1' HOUR PRECEDING AND CURRENT ROW)`

function read(sql: string) {
  const { checked, problems } = parseViewSync(sql, STREAMS)
  if (!checked) throw new Error(JSON.stringify(problems))
  return checked
}

beforeAll(loadParser)

describe('a union in the form', () => {
  it('is what the SQL says, and is written back with a line for each stream', () => {
    const { definition } = read(SQL)
    const form = formOf(definition)
    expect(form.union).toEqual({
      columns: ['card', 'event_time', 'amount'],
      branches: [
        { stream: 'pay', where: '"Amount" > 0', values: ['card', 'ts', '"Amount"'] },
        { stream: 'back', where: '', values: ['card_no', '"at"', '-amount'] },
      ],
    })
    const { sql, placeByLine } = sqlOf(form)
    expect(read(sql).definition).toEqual(definition)
    const lines = sql.split('\n')
    expect(
      [...placeByLine].filter(([, place]) => place.part === 'branch').map(([line, { id }]) => [id, lines[line - 1]?.trim().slice(0, 16)]),
    ).toEqual([
      [0, 'SELECT card, ts '],
      [1, 'UNION ALL SELECT'],
    ])
  })

  it('begins with the fields of one stream and what the other has of the same name', () => {
    const union = unionWith(PAY, BACK)
    expect(union).toEqual({
      columns: ['card', 'event_time', 'Amount'],
      branches: [
        { stream: 'pay', where: '', values: ['card', 'ts', '"Amount"'] },
        { stream: 'back', where: '', values: ['NULL', '"at"', 'amount'] },
      ],
    })
    const form = { ...formOf(read(SQL).definition), union, stream: 'events' }
    expect(parseViewSync(sqlOf({ ...form, rows: form.rows.slice(1) }).sql, STREAMS).problems).toEqual([])
  })

  it('takes columns and streams in and out; an empty value is NULL', () => {
    const more = withColumn(unionWith(PAY, BACK), 'why')
    expect(more.branches.map(({ values }) => values.at(-1))).toEqual(['NULL', 'NULL'])
    expect(withoutColumn(more, 3)).toEqual(unionWith(PAY, BACK))
    expect(withStream(more, 1, PAY).branches[1]).toEqual({ stream: 'pay', where: '', values: ['card', 'ts', '"Amount"', 'NULL'] })
  })

  it('shows the columns with the type of the field that they are, and the names of all streams', () => {
    const { definition } = read(SQL)
    expect(columnsOf(formOf(definition).union!, STREAMS)).toEqual([
      { name: 'card', type: 'string' },
      { name: 'event_time', type: 'timestamp' },
      { name: 'amount', type: 'double' },
    ])
    expect(sourceOfView(definition, STREAMS)).toMatchObject({ name: 'money', eventTime: 'event_time' })
    expect(streamNames(formOf(definition))).toBe('pay ∪ back')
    expect(wordsOf(formOf(definition), STREAMS).map(({ name }) => name)).toEqual([
      'card',
      'event_time',
      'amount',
      'ts',
      'Amount',
      'card_no',
      'at',
    ])
  })
})
