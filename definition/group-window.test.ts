import { beforeAll, describe, expect, test } from 'vitest'
import { checkDefinition } from './check-view.ts'
import { diffDefinitions } from './diff.ts'
import { featureIds, rowMeaning } from './feature-id.ts'
import { GROUP_WINDOW, type ViewDefinition } from './model.ts'
import { loadParser, parseViewSync } from './parse-sql.ts'
import { printView } from './print-sql.ts'
import { problemsOf } from './testing/problems.ts'
import { ALL_TYPES, PAY } from './testing/streams.ts'

beforeAll(loadParser)

const grouped = (group: string, columns = 'COUNT(*) AS c') => `SELECT k, ${columns}\nFROM events\nGROUP BY ${group}`
const TUMBLE = "k, TUMBLE(ts, INTERVAL '1' HOUR)"

function definitionOf(sql: string): ViewDefinition {
  const { checked, problems } = parseViewSync(sql, [ALL_TYPES, PAY])
  if (!checked) throw new Error(JSON.stringify(problems))
  return checked.definition
}

describe('language 6: GROUP BY key and one TUMBLE, HOP or SESSION', () => {
  const hour = { months: 0, days: 0, ms: 3_600_000 }
  test.each([
    [TUMBLE, { kind: 'tumble', size: hour }],
    ["tumble(event_time, INTERVAL '60 minutes'), k", { kind: 'tumble', size: hour }],
    ["events.k, TUMBLE(events.ts, INTERVAL '2' MONTH)", { kind: 'tumble', size: { months: 2, days: 0, ms: 0 } }],
    ["k, HOP(ts, INTERVAL '1' HOUR, INTERVAL '1' DAY)", { kind: 'hop', slide: hour, size: { months: 0, days: 1, ms: 0 } }],
    ["k, SESSION(ts, INTERVAL '1' HOUR)", { kind: 'session', gap: hour }],
  ])('%s', (group, expected) => {
    const definition = definitionOf(grouped(group))
    expect(definition).toMatchObject({ key: ['k'], windows: [], group: expected, hints: { order: 'event_time' } })
    expect(definition.features).toEqual([
      { name: 'c', expr: { kind: 'aggregate', fn: 'count', args: [], star: true, window: GROUP_WINDOW } },
    ])
    expect(definitionOf(printView(definition))).toEqual(definition)
  })

  test('the canonical text', () => {
    const sql = `select window_start, count(*) filter (where amount > 10) as large, sum(amount) as spent, spent / count(*) as mean, window_end as until, shop
      from pay where amount is not null group by card, session(ts, interval '30' minute)`
    expect(printView(definitionOf(sql), { eventTime: 'ts' })).toBe(`SELECT /*+ ORDER('event_time') */
       card,
       window_start,
       COUNT(*) FILTER (WHERE amount > 10) AS large,
       SUM(amount)                         AS spent,
       spent / COUNT(*)                    AS mean,
       window_end                          AS until,
       shop
FROM pay
WHERE amount IS NOT NULL
GROUP BY card, SESSION(ts, INTERVAL '30' MINUTE)
`)
  })

  test('types: the edges are timestamps, a bare column is that of the latest event of the window', () => {
    const { checked } = parseViewSync(grouped(TUMBLE, 'window_start, window_end AS e, s, AVG(i) AS a'), [ALL_TYPES])
    expect(checked?.featureTypes.map(({ name, type, note }) => [name, type, note])).toEqual([
      ['window_start', 'timestamp', undefined],
      ['e', 'timestamp', undefined],
      ['s', 'string', 'latest-event'],
      ['a', 'double', undefined],
    ])
  })

  test('a field of the stream may have the name of an edge: then it is the field', () => {
    const stream = { ...ALL_TYPES, fields: [...ALL_TYPES.fields, { name: 'window_start', type: 'int' }] }
    const { checked } = parseViewSync(grouped(TUMBLE, 'SUM(window_start) AS x, window_end'), [stream])
    expect(checked?.featureTypes.map(({ type }) => type)).toEqual(['int', 'timestamp'])
  })
})

describe('bad GROUP BY gets line, column, code', () => {
  test.each([
    ['no window', grouped('k'), ['3:10 no_window']],
    ['no key', grouped("TUMBLE(ts, INTERVAL '1' HOUR)"), ['3:10 no_key']],
    ['two windows', grouped(`${TUMBLE}, SESSION(ts, INTERVAL '1' HOUR)`), ['3:44 mixed_windows']],
    ['no function of time', grouped('k, lower(s)'), ['3:13 not_yet']],
    ['another time', grouped("k, TUMBLE(t, INTERVAL '1' HOUR)"), ['3:20 bad_window_order']],
    ['no field', grouped("k, TUMBLE(tss, INTERVAL '1' HOUR)"), ['3:20 unknown_field']],
    ['no time', grouped("k, TUMBLE(INTERVAL '1' HOUR)"), ['3:13 wrong_arguments', '3:20 bad_window_order']],
    ['HOP without slide', grouped("k, HOP(ts, INTERVAL '1' HOUR)"), ['3:13 wrong_arguments']],
    ['no interval', grouped('k, TUMBLE(ts, 5)'), ['3:24 bad_interval']],
    ['nothing', grouped("k, TUMBLE(ts, INTERVAL '0' HOUR)"), ['3:24 bad_interval']],
    ['backwards', grouped("k, SESSION(ts, INTERVAL '-5 minutes')"), ['3:25 bad_interval']],
    ['months and days', grouped("k, TUMBLE(ts, INTERVAL '1 month 1 day')"), ['3:24 bad_interval']],
    ['HOP by months', grouped("k, HOP(ts, INTERVAL '1' DAY, INTERVAL '1' MONTH)"), ['3:39 bad_interval']],
    ['SESSION by months', grouped("k, SESSION(ts, INTERVAL '1' MONTH)"), ['3:25 bad_interval']],
    ['slide and size swapped', grouped("k, HOP(ts, INTERVAL '1' DAY, INTERVAL '1' HOUR)"), ['3:21 bad_interval']],
    ['too many windows', grouped("k, HOP(ts, INTERVAL '1' SECOND, INTERVAL '1' DAY)"), ['3:21 bad_interval']],
    ['unknown key', grouped("kk, TUMBLE(ts, INTERVAL '1' HOUR)"), ['3:10 unknown_field']],
    ['HAVING', `${grouped(TUMBLE)}\nHAVING COUNT(*) > 1`, ['4:8 not_yet']],
    ['LAG', grouped(TUMBLE, 'LAG(i) AS x'), ['1:11 aggregate_not_allowed']],
    ['arrival', `/*+ ORDER('arrival') */ ${grouped(TUMBLE)}`, ['1:5 bad_hint']],
    ['edge in WHERE', `SELECT COUNT(*) AS c FROM events\nWHERE window_start > ts\nGROUP BY ${TUMBLE}`, ['2:7 unknown_field']],
    ['edge in an aggregate', grouped(TUMBLE, 'MAX(window_end) AS x'), ['1:15 unknown_field']],
    ['another column named as an edge', grouped(TUMBLE, 'COUNT(*) AS window_end'), ['1:23 alias_is_field']],
    ['OVER in it', grouped(TUMBLE, 'COUNT(*) OVER (PARTITION BY k ORDER BY ts) AS c'), ['1:25 mixed_windows']],
    [
      'WINDOW in it',
      "SELECT COUNT(*) AS c FROM events GROUP BY k, TUMBLE(ts, INTERVAL '1' HOUR) WINDOW w AS (PARTITION BY k ORDER BY ts)",
      ['1:83 mixed_windows'],
    ],
  ])('%s', (_what, sql, expected) => {
    expect(problemsOf(sql)).toEqual(expected)
  })

  test('the form has the same answers, with paths', () => {
    const definition = definitionOf(grouped("k, HOP(ts, INTERVAL '1' HOUR, INTERVAL '1' DAY)"))
    const problems = (change: Partial<ViewDefinition>) =>
      checkDefinition({ ...definition, ...change }, [ALL_TYPES]).problems.map(({ code, path }) => `${path} ${code}`)
    const day = { months: 0, days: 1, ms: 0 }
    expect(problems({})).toEqual([])
    expect(problems({ group: { kind: 'hop', slide: { ...day, days: 2 }, size: day } })).toEqual(['group.slide bad_interval'])
    expect(problems({ group: undefined })).toEqual(['windows no_window'])
    expect(problems({ hints: { order: 'arrival' } })).toEqual(['hints bad_hint'])
    const window = { name: 'w', mode: 'range' as const, start: { kind: 'unbounded' as const }, end: { kind: 'current' as const } }
    expect(problems({ windows: [window] })).toEqual(['windows.0.name mixed_windows'])
    const features: ViewDefinition['features'] = [{ name: 'x', expr: { kind: 'windowEdge', edge: 'start' } }]
    expect(problems({ group: undefined, windows: [window], features })).toEqual(['features.0.expr unknown_field'])
  })
})

describe('ids and differences', () => {
  test('another window of GROUP BY means other rows and other features; the same in other words does not', () => {
    const hourly = definitionOf(grouped(TUMBLE))
    const inMinutes = definitionOf(grouped("k, TUMBLE(event_time, INTERVAL '60 minutes')"))
    const daily = definitionOf(grouped("k, TUMBLE(ts, INTERVAL '1' DAY)"))
    const hop = definitionOf(grouped("k, HOP(ts, INTERVAL '1' HOUR, INTERVAL '1' HOUR)"))
    expect([featureIds(inMinutes), rowMeaning(inMinutes)]).toEqual([featureIds(hourly), rowMeaning(hourly)])
    expect(new Set([hourly, daily, hop].map((one) => featureIds(one)[0])).size).toBe(3)
    expect(new Set([hourly, daily, hop].map(rowMeaning)).size).toBe(3)
    expect(diffDefinitions(hourly, daily)).toMatchObject({
      features: [{ name: 'c', change: 'changed', parts: ['window'], after: "COUNT(*)  (TUMBLE(event_time, INTERVAL '1' DAY))" }],
      other: [{ what: 'group', before: "TUMBLE(event_time, INTERVAL '1' HOUR)", after: "TUMBLE(event_time, INTERVAL '1' DAY)" }],
    })
  })
})
