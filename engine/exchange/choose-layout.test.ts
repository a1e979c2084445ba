import { beforeAll, describe, expect, test } from 'vitest'
import { loadParser, parseViewSync } from '../../definition/parse-sql.ts'
import { PAY } from '../../definition/testing/streams.ts'
import { partDefinition, relatedFeatures, splitRefusal } from '../plan/feature-parts.ts'
import { planView } from '../plan/plan.ts'
import { QueueSource } from '../replay/queue-source.ts'
import type { Source } from '../source/port.ts'
import { KEY_GROUPS, keyGroupOf } from '../state/hash.ts'
import { chooseLayout, type MeasuredEvents } from './choose-layout.ts'
import { measureEvents } from './measure-events.ts'

beforeAll(loadParser)

const WINDOW = "w AS (PARTITION BY card ORDER BY ts RANGE BETWEEN INTERVAL '10' SECOND PRECEDING AND CURRENT ROW)"
const definitionOf = (columns: string, tail = `WINDOW ${WINDOW}`) => {
  const { checked, problems } = parseViewSync(`SELECT card, ${columns} FROM pay ${tail}`, [PAY])
  if (!checked) throw new Error(JSON.stringify(problems))
  return checked.definition
}
const planOf = (columns: string, tail?: string) => planView(definitionOf(columns, tail), PAY)

const FOUR = 'COUNT(*) OVER w AS a, SUM(amount) OVER w AS b, MAX(amount) OVER w AS c, MIN(amount) OVER w AS d'

describe('which features are related', () => {
  test('one that reads another, and two that read the same aggregate, stay together; the same column or window does not bind', () => {
    expect(relatedFeatures(planOf(`${FOUR}, b / NULLIF(a, 0) AS mean, AVG(amount) OVER w + MAX(amount) OVER w AS odd`))).toEqual([
      ['a', 'b', 'mean'],
      ['c', 'odd'],
      ['d'],
    ])
  })

  test('a part is the view with fewer features: its windows and what it reads of an event stay', () => {
    const part = partDefinition(definitionOf(`${FOUR}, LAST(shop) OVER w AS shop_last`), ['c'])
    expect(part.features.map(({ name }) => name)).toEqual(['c'])
    expect(planView(part, PAY).windows).toEqual(planOf(FOUR).windows)
  })

  test.each([
    ['one_feature_group', planOf.bind(null, 'COUNT(*) OVER w AS a, a + 1 AS b', `WINDOW ${WINDOW}`)],
    ['panes', () => planOf("/*+ PRECISION(w, '5 seconds') */ COUNT(*) OVER w AS a, SUM(amount) OVER w AS b")],
    ['group_by', () => planOf('COUNT(*) AS a, SUM(amount) AS b', "GROUP BY card, TUMBLE(ts, INTERVAL '1' MINUTE)")],
  ])('%s is not split', (why, plan) => {
    expect(splitRefusal(plan())).toBe(why)
    expect(chooseLayout(plan(), 4, 'feature', () => null)).toMatchObject({ layout: { ranges: 4 }, decision: { by: 'key', why } })
  })
})

describe('by key or by feature', () => {
  /** `hot`: share of the events that one key has; the others are spread evenly. */
  const measured = (hot: number, groupUs: readonly number[], rowUs = 0.5): MeasuredEvents => {
    const even = ((1 - hot) * 4000) / KEY_GROUPS
    const eventsOfGroup = Array.from({ length: KEY_GROUPS }, (_, group) => even + (group === 3 ? hot * 4000 : 0))
    return { events: 4000, extractUs: 0.3, rowUs, groupUs, eventsOfGroup, eventsOfHottestKey: Math.round(hot * 4000) }
  }
  const plan = () => planOf(FOUR)

  test('evenly spread events are split by key: every thread has less to do, and rows are kept once', () => {
    const { layout, decision } = chooseLayout(plan(), 2, 'auto', () => measured(0, [1, 1, 1, 1]))
    expect(layout).toEqual({ ranges: 2, parts: [['a', 'b', 'c', 'd']] })
    expect(decision).toMatchObject({ by: 'key', why: 'measured', measured: { hottestKeyShare: 0 } })
  })

  test('a hot key is split by feature, the parts as even in cost as they can be; what threads are left split the keys', () => {
    const { layout, decision } = chooseLayout(plan(), 2, 'auto', () => measured(0.9, [5, 1, 2, 2]))
    expect(layout).toEqual({ ranges: 1, parts: [['a'], ['b', 'c', 'd']] })
    expect(decision.measured!.featureUs).toBeLessThan(0.9 * decision.measured!.keyUs)
    expect(chooseLayout(plan(), 8, 'auto', () => measured(0.5, [9, 1, 1, 1])).layout).toEqual({
      ranges: 4,
      parts: [['a'], ['b', 'c', 'd']],
    })
  })

  test('a hot key whose features cost little beside its rows stays by key: each part would keep all rows again', () => {
    expect(chooseLayout(plan(), 2, 'auto', () => measured(0.9, [0.01, 0.01, 0.01, 0.01], 2)).decision.by).toBe('key')
  })

  test('the parameter says it; without events auto stays by key; nothing is measured where nothing is to be decided', () => {
    const never = () => {
      throw new Error('measured for nothing')
    }
    expect(chooseLayout(plan(), 2, 'key', never).decision).toEqual({ by: 'key', why: 'asked' })
    expect(chooseLayout(plan(), 3, 'feature', () => null)).toMatchObject({
      layout: { ranges: 1, parts: [['a', 'd'], ['b'], ['c']] },
      decision: { by: 'feature', why: 'asked' },
    })
    expect(chooseLayout(plan(), 2, 'auto', () => null).decision).toEqual({ by: 'key', why: 'no_events' })
    expect(chooseLayout(planOf('COUNT(*) OVER w AS a'), 2, 'auto', never).decision.why).toBe('one_feature_group')
  })
})

describe('what the newest events cost', () => {
  const source = (count: number, cardOf: (i: number) => string): Source => {
    let at = 0
    return {
      partitions: () => [{ partition: 0, logStart: 0, end: count }],
      open: ({ 0: position }) => void (at = position!),
      poll(maxRecords) {
        const queue = new QueueSource([0])
        for (const to = Math.min(count, at + maxRecords); at < to; at++) {
          const event = { card: cardOf(at), amount: at / 8, shop: `s${at % 50}`, ts: 1_000_000 + at * 10 }
          queue.put(0, at, Buffer.from(JSON.stringify(event)))
        }
        return queue.poll()
      },
      close: async () => {},
    }
  }
  const start = (columns: string) => ({
    definition: definitionOf(columns),
    stream: PAY,
    options: { order: 'arrival' as const, allowedLatenessMs: 0, clockSlackMs: 0 },
  })

  test('keys as they are, and a cost for each group of features', () => {
    const found = measureEvents(
      start('COUNT(*) OVER w AS n, MODE(shop) OVER w AS usual'),
      source(2000, (i) => (i % 4 === 0 ? `c${i}` : 'hot')),
      () => performance.now(),
    )!
    expect([found.events, found.eventsOfHottestKey]).toEqual([2000, 1500])
    expect(found.eventsOfGroup[keyGroupOf('["hot"]')]).toBeGreaterThanOrEqual(1500)
    expect(found.groupUs.map((us) => us >= 0 && us < 1e6)).toEqual([true, true])
  })

  test('too few events are none', () => {
    expect(
      measureEvents(
        start(FOUR),
        source(100, () => 'one'),
        () => performance.now(),
      ),
    ).toBe(null)
  })
})
