import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Expr, ViewDefinition } from '../../definition/model.ts'
import { PANE_AGGREGATES, type PaneAggregateName } from '../plan/fast-path.ts'
import { keyGroupOf, keyGroupRange } from './hash.ts'
import { compareRounded, Pair, runSteps, steps } from './slab-pair.fixture.ts'

const field = (name: string): Expr => ({ kind: 'field', name })
const int = (value: number): Expr => ({ kind: 'literal', type: 'int', value })

const ARGUMENTS: Record<PaneAggregateName, string[]> = {
  count: ['i', 'd', 'm', 'b', 't'],
  count_if: ['b'],
  sum: ['i', 'd', 'm'],
  avg: ['i', 'd', 'm'],
  min: ['i', 'd', 'm', 'b', 'ts'],
  max: ['i', 'd', 'm', 'b', 'ts'],
  first: ['i', 'd', 'm', 'b'],
  last: ['i', 'd', 'm', 'b'],
  bool_and: ['b'],
  bool_or: ['b'],
  // decimals, whose squares a double holds
  var_pop: ['m'],
  var_samp: ['m'],
  stddev_pop: ['m'],
  stddev_samp: ['m'],
  approx_count_distinct: ['i', 'd', 'b', 't', 'ts'],
}
const filter: fc.Arbitrary<Expr | undefined> = fc.constantFrom<(Expr | undefined)[]>(
  undefined,
  undefined,
  field('b'),
  { kind: 'binary', op: '>', left: field('i'), right: int(0) },
  { kind: 'binary', op: '=', left: field('t'), right: { kind: 'literal', type: 'string', value: 'x' } },
)
const aggregate: fc.Arbitrary<Expr> = fc
  .record({
    fn: fc.constantFrom(...PANE_AGGREGATES),
    pick: fc.nat(),
    filter,
    window: fc.constantFrom('w0', 'w1', 'w2'),
    star: fc.boolean(),
  })
  .map(({ fn, pick, filter, window, star }) => {
    const isStar = fn === 'count' && star
    const args = isStar ? [] : [field(ARGUMENTS[fn][pick % ARGUMENTS[fn].length]!)]
    return { kind: 'aggregate', fn, args, star: isStar || undefined, filter, window } as Expr
  })
const interval = (ms: number) => ({ months: 0, days: 0, ms })
const preceding = (ms: number) => ({ kind: 'preceding' as const, interval: interval(ms) })
const frame = (longestEnd: number) =>
  fc.tuple(fc.nat(40), fc.nat(longestEnd)).map(([length, end]) => ({
    start: length + end === 0 ? { kind: 'current' as const } : preceding(length + end),
    end: end === 0 ? { kind: 'current' as const } : preceding(end),
  }))
const frames = fc.constantFrom(0, 12).chain((longestEnd) => fc.tuple(frame(longestEnd), frame(longestEnd), frame(longestEnd)))
const definition: fc.Arbitrary<ViewDefinition> = fc
  .record({
    features: fc.array(aggregate, { minLength: 1, maxLength: 7 }),
    frames,
    width: fc.integer({ min: 1, max: 15 }),
    derived: fc.boolean(),
  })
  .map(({ features, frames, width, derived }) => ({
    stream: 's',
    key: ['k'],
    windows: frames.map((bounds, w) => ({ name: `w${w}`, mode: 'range' as const, ...bounds, precision: interval(width) })),
    features: [
      ...features.map((expr, n) => ({ name: `f${n}`, expr })),
      ...(derived ? [{ name: 'derived', expr: { kind: 'isNull', arg: { kind: 'feature', name: 'f0' }, negated: false } as Expr }] : []),
    ],
    hints: {},
  }))

compareRounded()

test.each(['arrival', 'event_time'] as const)(
  'panes answer what the plain operator answers from rows, order %s',
  (order) => {
    fc.assert(
      fc.property(definition, steps, (view, taken) => runSteps(view, taken, order)),
      { numRuns: 150 },
    )
  },
  60_000,
)

test('the state of one operator is that of three, by key groups', () => {
  const view: ViewDefinition = {
    stream: 's',
    key: ['k'],
    windows: [{ name: 'w', mode: 'range', start: preceding(60), end: { kind: 'current' }, precision: interval(7) }],
    features: [
      { name: 'n', expr: { kind: 'aggregate', fn: 'count', args: [], star: true, window: 'w' } },
      { name: 'sum', expr: { kind: 'aggregate', fn: 'sum', args: [field('i')], window: 'w' } },
      { name: 'last', expr: { kind: 'aggregate', fn: 'last', args: [field('m')], window: 'w' } },
    ],
    hints: {},
  }
  const pair = new Pair(view, 'event_time', 0, null)
  const keys = Array.from({ length: 300 }, (_, n) => `key-${n}`)
  const events = Array.from({ length: 3000 }, (_, n) => ({
    k: keys[(n * 7) % 300]!,
    step: n % 11 === 0 ? -3 : n % 2,
    i: n % 13,
    d: null,
    m: n / 4,
    b: null,
    t: null,
  }))
  pair.batch(events, 0)
  const parts = [0, 1, 2].map((index) => {
    const operator = pair.another()
    const { from, to } = keyGroupRange(index, 3)
    for (let group = from; group < to; group++) {
      const bytes = pair.fast.snapshotKeyGroup(group)
      if (bytes) operator.restoreKeyGroup(group, bytes)
    }
    operator.restoreOperator(pair.fast.snapshotOperator())
    return operator
  })
  expect(parts.map((operator) => operator.keys() > 50)).toEqual([true, true, true])
  expect(parts.reduce((sum, operator) => sum + operator.keys(), 0)).toBe(pair.fast.keys())
  expect(parts.reduce((sum, operator) => sum + operator.waitingRows(), 0)).toBe(pair.fast.waitingRows())
  const atMs = pair.fast.maxEventTimeMs()
  for (const key of keys) {
    const text = JSON.stringify([key])
    const group = keyGroupOf(text)
    const owner = parts.findIndex((_, index) => group < keyGroupRange(index, 3).to)
    expect(parts[owner]!.read(text, atMs, group)).toEqual(pair.fast.read(text, atMs, group))
  }
})

test('a state with panes is refused by an operator that keeps rows, and by one with other panes', () => {
  const view = (precision?: number): ViewDefinition => ({
    stream: 's',
    key: ['k'],
    windows: [
      {
        name: 'w',
        mode: 'range',
        start: preceding(60),
        end: { kind: 'current' },
        precision: precision === undefined ? undefined : interval(precision),
      },
    ],
    features: [{ name: 'n', expr: { kind: 'aggregate', fn: 'count', args: [], star: true, window: 'w' } }],
    hints: {},
  })
  const pair = new Pair(view(7), 'arrival', 0, null)
  pair.batch([{ k: 'a', step: 0, i: 1, d: null, m: null, b: null, t: null }], 0)
  const group = keyGroupOf('["a"]')
  const bytes = pair.fast.snapshotKeyGroup(group)!
  expect(() => new Pair(view(), 'arrival', 0, null).fast.restoreKeyGroup(group, bytes)).toThrow(/holds panes, not rows/)
  expect(() => pair.plain.restoreKeyGroup(group, bytes)).toThrow(/holds panes, not rows/)
  expect(() => new Pair(view(8), 'arrival', 0, null).fast.restoreKeyGroup(group, bytes)).toThrow(
    /panes of 7 ms with count; the view keeps panes of 8 ms/,
  )
})
