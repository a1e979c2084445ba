import { beforeAll, describe, expect, test } from 'vitest'
import { loadParser, parseViewSync } from '../../definition/parse-sql.ts'
import { ALL_TYPES } from '../../definition/testing/streams.ts'
import { planView } from '../plan/plan.ts'
import { START_MS } from '../state/events.fixture.ts'
import { runView } from '../task/run-view.fixture.ts'
import { answerRead } from './answer-read.ts'

beforeAll(loadParser)

/** Whether a read says that its windows are filled, of a job that began at START_MS and has seen so many events of a second each. */
async function completeAfter(events: number, frame: string, hint = ''): Promise<boolean> {
  const sql = `SELECT ${hint} SUM(i) OVER w AS total FROM events WINDOW w AS (PARTITION BY k ORDER BY ts ${frame})`
  const { definition } = parseViewSync(sql, [ALL_TYPES]).checked!
  const times = Array.from({ length: events }, (_, i) => ({ value: { ts: START_MS + i * 1000, k: 'x', n: i, i } }))
  const run = await runView({ definition, stream: ALL_TYPES }, times)
  const [row] = await answerRead(
    {
      plan: planView(definition, ALL_TYPES),
      keyFields: [{ name: 'k', type: 'string' }],
      ask: (keys) => run.pipeline.ask({ keys, atMs: null, clockMs: run.pipeline.maxAppliedMs(), isEventClock: true, decays: false }),
      coverage: () => ({ whole: false, fromMs: START_MS }),
      ttlMs: null,
      catchingUp: () => false,
      store: null,
    },
    [{ k: 'x' }],
    null,
  )
  return row!.complete
}

describe('DESIGN §5.9: completeness: is the window filled since the start of the job?', () => {
  test.each([
    ['RANGE, by the time since the start', "RANGE INTERVAL '3' SECOND PRECEDING", '', 4],
    ['ROWS, when all that it counts are there', 'ROWS 4 PRECEDING', '', 5],
    ['ROWS that end earlier', 'ROWS BETWEEN 4 PRECEDING AND 2 PRECEDING', '', 5],
    ['a row cap that is reached', 'RANGE UNBOUNDED PRECEDING', '/*+ MAX_ROWS(w, 3) */', 3],
    ['a row cap after EXCLUDE', 'RANGE UNBOUNDED PRECEDING EXCLUDE CURRENT ROW', '/*+ MAX_ROWS(w, 3) */', 4],
  ])('%s', async (_what, frame, hint, enough) => {
    expect(await completeAfter(enough - 1, frame, hint)).toBe(false)
    expect(await completeAfter(enough, frame, hint)).toBe(true)
  })

  test('all time never is', async () => {
    expect(await completeAfter(50, 'RANGE UNBOUNDED PRECEDING')).toBe(false)
    expect(await completeAfter(50, 'ROWS UNBOUNDED PRECEDING')).toBe(false)
  })
})
