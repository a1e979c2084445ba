import { beforeAll, describe, expect, test } from 'vitest'
import { loadParser, parseViewSync } from '../../definition/parse-sql.ts'
import { ALL_TYPES } from '../../definition/testing/streams.ts'
import { fastPathRefusal } from './fast-path.ts'
import { planView } from './plan.ts'
import { stateChange } from './state-change.ts'

beforeAll(loadParser)

function planOf(frame: string, hint = '') {
  const sql = `SELECT ${hint} SUM(i) OVER w AS total FROM events WINDOW w AS (PARTITION BY k ORDER BY ts ${frame})`
  return planView(parseViewSync(sql, [ALL_TYPES]).checked!.definition, ALL_TYPES)
}
const HOUR = "RANGE INTERVAL '1' HOUR PRECEDING"

describe('rows that are kept for one window are enough for another', () => {
  test.each([
    ['a shorter time', planOf(HOUR), planOf("RANGE INTERVAL '1' MINUTE PRECEDING"), false],
    ['a longer time', planOf(HOUR), planOf("RANGE INTERVAL '2' HOUR PRECEDING"), true],
    ['fewer rows', planOf('ROWS 9 PRECEDING'), planOf('ROWS 3 PRECEDING'), false],
    ['more rows', planOf('ROWS 9 PRECEDING'), planOf('ROWS 10 PRECEDING'), true],
    ['rows where time was kept', planOf(HOUR), planOf('ROWS 1 PRECEDING'), true],
    ['time where rows were kept', planOf('ROWS 9 PRECEDING'), planOf(HOUR), true],
    ['a cap on the same time', planOf(HOUR), planOf(HOUR, '/*+ MAX_ROWS(w, 5) */'), false],
    ['a lower cap', planOf(HOUR, '/*+ MAX_ROWS(w, 9) */'), planOf(HOUR, '/*+ MAX_ROWS(w, 5) */'), false],
    ['no cap any more', planOf(HOUR, '/*+ MAX_ROWS(w, 9) */'), planOf(HOUR), true],
    ['the same frame with EXCLUDE', planOf(HOUR), planOf(`${HOUR} EXCLUDE TIES`), false],
  ])('%s', (_what, kept, wanted, isDeeper) => {
    expect(stateChange(kept, wanted).isDeeper).toBe(isDeeper)
  })
})

test.each([
  ['ROWS 9 PRECEDING', '', 'window w counts rows'],
  [`${HOUR} EXCLUDE TIES`, '', 'window w leaves rows out'],
  [HOUR, '/*+ MAX_ROWS(w, 5) */', 'window w has a row cap'],
])('the compiled road says why it leaves %s %s to the plain one', (frame, hint, why) => {
  expect(fastPathRefusal(planOf(frame, hint), ['int'])).toBe(why)
})

test('panes hold no events that a changed view could go on from', () => {
  const panes = planOf(HOUR, "/*+ PRECISION(w, '10 minutes') */")
  expect(stateChange(panes, planOf(HOUR)).refusal).toContain('panes')
  expect(stateChange(planOf(HOUR), panes).refusal).toContain('panes')
  expect(stateChange(planOf(HOUR), planOf(HOUR)).refusal).toBeNull()
})

test('panes of several widths, or of less than four seconds, are left to the plain road', () => {
  expect(fastPathRefusal(planOf(HOUR, "/*+ PRECISION(w, '10 minutes') */"), ['int'])).toBeNull()
  expect(fastPathRefusal(planOf(HOUR, "/*+ PRECISION(w, '3 seconds') */"), ['int'])).toBe('panes of less than 4 seconds')
  const two = `SELECT /*+ PRECISION(v, '1 minute') */ SUM(i) OVER v AS one, SUM(i) OVER w AS two FROM events
    WINDOW v AS (PARTITION BY k ORDER BY ts ${HOUR}), w AS (PARTITION BY k ORDER BY ts ${HOUR})`
  const plan = planView(parseViewSync(two, [ALL_TYPES]).checked!.definition, ALL_TYPES)
  expect(fastPathRefusal(plan, ['int'])).toBe('windows v and w differ in their precision')
})
