import { beforeAll, expect, test } from 'vitest'
import { diffDefinitions } from './diff.ts'
import { loadParser, parseViewSync } from './parse-sql.ts'
import { ALL_TYPES } from './testing/streams.ts'

beforeAll(loadParser)

function view(select: string, { hours = 1, where = '', hint = '' } = {}) {
  const sql = `SELECT ${hint} ${select} FROM events ${where} WINDOW w AS (PARTITION BY k ORDER BY ts RANGE INTERVAL '${hours}' HOUR PRECEDING)`
  const { checked, problems } = parseViewSync(sql, [ALL_TYPES])
  if (!checked) throw new Error(JSON.stringify(problems))
  return checked.definition
}
const short = (before: ReturnType<typeof view>, after: ReturnType<typeof view>) =>
  diffDefinitions(before, after).features.map(({ name, change, was, parts }) =>
    [name, change, ...(was ? [was] : []), ...(parts ?? [])].join(' '),
  )

test('kept, renamed, added, changed, and removed last', () => {
  const before = view('COUNT(*) OVER w AS a, SUM(i) OVER w AS e, MAX(i) OVER w AS f, MIN(i) OVER w AS g')
  const after = view('SUM(i) OVER w AS sum_i, COUNT(*) OVER w AS a, MAX(d) OVER w AS f, AVG(i) OVER w AS h')
  expect(short(before, after)).toEqual(['sum_i renamed e', 'a kept', 'f changed expression', 'h added', 'g removed'])
})

test('a window that changes, changes the features over it and says so', () => {
  const diff = diffDefinitions(view('COUNT(*) OVER w AS a'), view('COUNT(*) OVER w AS a', { hours: 2 }))
  expect(diff.features).toMatchObject([
    {
      change: 'changed',
      parts: ['window'],
      before: "COUNT(*) OVER w  (RANGE BETWEEN INTERVAL '1' HOUR PRECEDING AND CURRENT ROW)",
      after: "COUNT(*) OVER w  (RANGE BETWEEN INTERVAL '2' HOUR PRECEDING AND CURRENT ROW)",
    },
  ])
  expect(diff.other).toMatchObject([{ what: 'window w' }])
})

test('WHERE and order change every feature; the clock of reads none', () => {
  const select = 'COUNT(*) OVER w AS a'
  expect(short(view(select), view(select, { where: 'WHERE b' }))).toEqual(['a changed where'])
  expect(short(view(select), view(select, { hint: "/*+ ORDER('event_time') */" }))).toEqual(['a changed order'])
  const clock = diffDefinitions(view(select), view(select, { hint: "/*+ READ_CLOCK('event') */" }))
  expect(clock).toMatchObject({ same: false, features: [{ change: 'kept' }], other: [{ what: 'readClock', before: null, after: 'event' }] })
})

test('a column that it uses has changed', () => {
  expect(short(view('SUM(i) OVER w AS a, a + 1 AS e'), view('SUM(d) OVER w AS a, a + 1 AS e'))).toEqual([
    'a changed expression',
    'e changed columns',
  ])
})

test('a swap of two names is a rename of neither: both have changed', () => {
  expect(short(view('SUM(i) OVER w AS a, MAX(i) OVER w AS e'), view('MAX(i) OVER w AS a, SUM(i) OVER w AS e'))).toEqual([
    'a changed expression',
    'e changed expression',
  ])
})

test('nothing changed', () => {
  expect(diffDefinitions(view('COUNT(*) OVER w AS a'), view('count(*) over w a'))).toMatchObject({ same: true, other: [] })
})
