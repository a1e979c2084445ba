import { beforeAll, describe, expect, test } from 'vitest'
import { definitionHash } from './feature-id.ts'
import { loadParser, parseViewSync } from './parse-sql.ts'
import { ALL_TYPES } from './testing/streams.ts'

beforeAll(loadParser)

const WINDOWS =
  "w AS (PARTITION BY k ORDER BY ts RANGE INTERVAL '1' HOUR PRECEDING), v AS (PARTITION BY k ORDER BY ts RANGE INTERVAL '2' HOUR PRECEDING)"
function view(select: string, windows = WINDOWS, where = '', hint = '') {
  const { checked, problems } = parseViewSync(`SELECT ${hint} ${select} FROM events ${where} WINDOW ${windows}`, [ALL_TYPES])
  if (!checked) throw new Error(JSON.stringify(problems))
  return checked
}
const idOf = (...args: Parameters<typeof view>) => view(...args).featureTypes.at(-1)?.id
const SUM = idOf('SUM(i) OVER w AS x')

describe('a feature keeps its id, a hash of its meaning, through', () => {
  test.each([
    ['another name', 'SUM(i) OVER w AS renamed'],
    ['another place in the list', 'COUNT(*) OVER v AS c, SUM(i) OVER w AS x'],
    ['other letters, spaces and parentheses', 'sum( ( "i" ) )  over  W as x'],
    ['a qualifier', 'SUM(events.i) OVER w AS x'],
  ])('%s', (_what, select) => expect(idOf(select)).toBe(SUM))

  test('another name of its window, or 60 minutes for an hour', () => {
    expect(
      idOf(
        'SUM(i) OVER other AS x',
        "other AS (PARTITION BY k ORDER BY event_time RANGE BETWEEN INTERVAL '60 minutes' PRECEDING AND CURRENT ROW)",
      ),
    ).toBe(SUM)
    expect(idOf("SUM(i) OVER (PARTITION BY k ORDER BY ts RANGE INTERVAL '3600' SECOND PRECEDING) AS x")).toBe(SUM)
  })

  test('24 hours for a day', () => {
    const id = (length: string) => idOf('SUM(i) OVER w AS x', `w AS (PARTITION BY k ORDER BY ts RANGE INTERVAL '${length}' PRECEDING)`)
    expect(id('24 hours')).toBe(id('1 day'))
    expect(id('1 month')).not.toBe(id('30 days'))
  })

  test('columns written out or named', () => {
    expect(idOf('SUM(i) OVER w AS a, COUNT(*) OVER w AS c, a / c AS x')).toBe(idOf('SUM(i) OVER w / COUNT(*) OVER w AS x'))
    expect(idOf('SUM(i) OVER w AS p, COUNT(*) OVER w AS q, p / q AS x')).toBe(idOf('COUNT(*) OVER w AS c, SUM(i) OVER w AS a, a / c AS x'))
  })

  test('CURRENT ROW for no row back', () => {
    const id = (frame: string) => idOf('SUM(i) OVER w AS x', `w AS (PARTITION BY k ORDER BY ts ROWS ${frame})`)
    expect(id('BETWEEN 5 PRECEDING AND 0 PRECEDING')).toBe(id('5 PRECEDING'))
    expect(id('4 PRECEDING')).not.toBe(id('5 PRECEDING'))
  })

  test('the order that is the default, and the clock of reads', () => {
    expect(idOf('SUM(i) OVER w AS x', WINDOWS, '', "/*+ ORDER('arrival') READ_CLOCK('event') */")).toBe(SUM)
  })
})

describe('and gets another one with another', () => {
  test.each([
    ['aggregate', idOf.bind(null, 'MAX(i) OVER w AS x')],
    ['argument', idOf.bind(null, 'SUM(d) OVER w AS x')],
    ['window', idOf.bind(null, 'SUM(i) OVER v AS x')],
    ['FILTER', idOf.bind(null, 'SUM(i) FILTER (WHERE b) OVER w AS x')],
    ['WHERE', idOf.bind(null, 'SUM(i) OVER w AS x', WINDOWS, 'WHERE b')],
    ['row cap', idOf.bind(null, 'SUM(i) OVER w AS x', WINDOWS, '', '/*+ MAX_ROWS(w, 5) */')],
    ['EXCLUDE', idOf.bind(null, 'SUM(i) OVER w AS x', "w AS (PARTITION BY k ORDER BY ts RANGE INTERVAL '1' HOUR PRECEDING EXCLUDE TIES)")],
    ['mode', idOf.bind(null, 'SUM(i) OVER w AS x', 'w AS (PARTITION BY k ORDER BY ts ROWS 5 PRECEDING)')],
    ['precision', idOf.bind(null, 'SUM(i) OVER w AS x', WINDOWS, '', "/*+ PRECISION(w, '1 minute') */")],
    ['order', idOf.bind(null, 'SUM(i) OVER w AS x', WINDOWS, '', "/*+ ORDER('event_time') */")],
    ['key', idOf.bind(null, 'SUM(i) OVER w AS x', "w AS (PARTITION BY s ORDER BY ts RANGE INTERVAL '1' HOUR PRECEDING)")],
    [
      'end of its frame',
      idOf.bind(
        null,
        'SUM(i) OVER w AS x',
        "w AS (PARTITION BY k ORDER BY ts RANGE BETWEEN INTERVAL '1' HOUR PRECEDING AND INTERVAL '1' SECOND PRECEDING)",
      ),
    ],
  ])('%s', (_what, id) => expect(id()).not.toBe(SUM))

  test('meaning of a column that it uses', () => {
    expect(idOf('SUM(i) OVER w AS a, a + 1 AS x')).not.toBe(idOf('SUM(i) OVER v AS a, a + 1 AS x'))
  })
})

test('an id never changes: state is stored under it', () => {
  expect(SUM).toMatchInlineSnapshot(`"36054e9c3524e2d973aeb1a4b35d8e61"`)
})

test('a long chain of columns that double each other stays quick to identify', () => {
  const columns = Array.from({ length: 60 }, (_, i) => (i === 0 ? 'SUM(i) OVER w AS c0' : `c${i - 1} + c${i - 1} AS c${i}`))
  expect(view(columns.join(', ')).featureTypes.length).toBe(60)
})

test('an equal definition makes no new version; names and hints count', () => {
  const hash = (select: string, hint = '') => definitionHash(view(select, WINDOWS, '', hint).definition)
  expect(hash('SUM(i) OVER w AS x')).toBe(hash('sum(i)   over w x'))
  expect(hash('SUM(i) OVER w AS x')).not.toBe(hash('SUM(i) OVER w AS y'))
  expect(hash('SUM(i) OVER w AS x')).not.toBe(hash('SUM(i) OVER w AS x', "/*+ ORDER('event_time') */"))
})
