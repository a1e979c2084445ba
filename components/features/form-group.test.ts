import { beforeAll, describe, expect, it } from 'vitest'
import type { ViewDefinition } from '../../definition/model.ts'
import { loadParser, parseViewSync } from '../../definition/parse-sql.ts'
import { FLIGHTS } from '../../definition/testing/streams.ts'
import { withGroup } from './change-group.ts'
import { groupKinds } from './form-group.ts'
import { type FormModel, formOf, sqlOf } from './form-model.ts'

beforeAll(loadParser)

const read = (sql: string): ViewDefinition => {
  const { checked, problems } = parseViewSync(sql, [FLIGHTS])
  if (!checked) throw new Error(`${JSON.stringify(problems)} of ${sql}`)
  return checked.definition
}
const written = (form: FormModel) => sqlOf(form, 'event_time').sql

describe('a row per key and window in the form', () => {
  const columns = `origin, window_start, COUNT(*) FILTER (WHERE delay > 15) AS late, COUNT(DISTINCT destination) AS places, late / places AS share, window_end AS until`
  it.each([
    "TUMBLE(event_time, INTERVAL '1' HOUR)",
    "TUMBLE(event_time, INTERVAL '1' MONTH)",
    "HOP(event_time, INTERVAL '5' MINUTE, INTERVAL '90' MINUTE)",
    "SESSION(event_time, INTERVAL '1 day 30 minutes')",
  ])('%s goes into the form and comes out the same', (group) => {
    const definition = read(`SELECT ${columns} FROM flights WHERE distance > 100 GROUP BY origin, ${group}`)
    const form = formOf(definition)
    expect(form.rows.map(({ operator, value }) => `${operator} ${value}`)).toEqual([
      'formula window_start',
      'count ',
      'count_distinct destination',
      'formula late / places',
      'formula window_end',
    ])
    expect(read(written(form))).toEqual(definition)
    const { sql, placeByLine } = sqlOf(form, 'event_time')
    expect(placeByLine.get(sql.split('\n').findIndex((line) => line.startsWith('GROUP BY')) + 1)).toEqual({ part: 'window' })
  })

  it('changes a view from one sort of row to the other and back, with its features', () => {
    const perEvent = formOf(
      read(`SELECT /*+ ORDER('arrival') */ origin, COUNT(*) OVER w AS n, AVG(delay) FILTER (WHERE delay > 0) OVER w AS mean FROM flights
        WINDOW w AS (PARTITION BY origin ORDER BY event_time RANGE BETWEEN INTERVAL '3' HOUR PRECEDING AND CURRENT ROW)`),
    )
    for (const kind of groupKinds) {
      const grouped = read(written(withGroup(perEvent, kind)))
      expect(grouped).toMatchObject({ windows: [], group: { kind }, hints: { order: 'event_time' } })
      expect(grouped.features.map(({ name }) => name)).toEqual(['n', 'mean'])
      const back = read(written(withGroup(formOf(grouped), null)))
      expect(back).toMatchObject({ windows: [{ name: 'w1h' }], features: [{ name: 'n' }, { name: 'mean' }] })
      expect(back.group).toBeUndefined()
    }
    const hop = withGroup(withGroup(perEvent, 'hop'), 'tumble')
    expect(withGroup(hop, 'hop').group).toEqual({ kind: 'hop', length: '1 hour', slide: '5 minutes' })
  })

  it('what is typed badly is a problem of the window line', () => {
    const form = withGroup(formOf(read(`SELECT ${columns} FROM flights GROUP BY origin, TUMBLE(event_time, INTERVAL '1' DAY)`)), 'hop')
    const { sql, placeByLine } = sqlOf({ ...form, group: { kind: 'hop', length: "an hour's", slide: '' } }, 'event_time')
    const { problems } = parseViewSync(sql, [FLIGHTS])
    expect(problems.map(({ code, line }) => [code, placeByLine.get(line)])).toEqual([
      ['bad_interval', { part: 'window' }],
      ['bad_interval', { part: 'window' }],
    ])
  })
})
