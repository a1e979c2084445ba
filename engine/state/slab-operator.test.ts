import fc from 'fast-check'
import { test } from 'vitest'
import type { Expr, ViewDefinition } from '../../definition/model.ts'
import { COMPILED_AGGREGATES, type CompiledAggregateName } from '../plan/fast-path.ts'
import { compareRounded, runSteps, steps } from './slab-pair.fixture.ts'

const field = (name: string): Expr => ({ kind: 'field', name })
const int = (value: number): Expr => ({ kind: 'literal', type: 'int', value })

const ARGUMENTS: Record<CompiledAggregateName, string[]> = {
  count: ['i', 'd', 'm', 'b', 't'],
  count_if: ['b'],
  sum: ['i', 'd', 'm'],
  avg: ['i', 'd', 'm'],
  min: ['i', 'd', 'm', 'b', 'ts'],
  max: ['i', 'd', 'm', 'b', 'ts'],
  first: ['i', 'd', 'm', 'b', 't'],
  last: ['i', 'd', 'm', 'b', 't'],
  bool_and: ['b'],
  bool_or: ['b'],
  arg_min: ['i', 'd', 'm', 'b', 't', 'ts'],
  arg_max: ['i', 'd', 'm', 'b', 't', 'ts'],
  // decimals: what a plain scan rounds away of larger squares is not compared
  var_pop: ['m'],
  var_samp: ['m'],
  stddev_pop: ['m'],
  stddev_samp: ['m'],
  median: ['i', 'd', 'm'],
  quantile_cont: ['i', 'd', 'm'],
  quantile_disc: ['i', 'd', 'm', 'ts'],
}
const BY = ['d', 'm', 'i', 'b', 'ts']
const filter: fc.Arbitrary<Expr | undefined> = fc.constantFrom<(Expr | undefined)[]>(
  undefined,
  undefined,
  field('b'),
  { kind: 'binary', op: '>', left: field('i'), right: int(0) },
  { kind: 'binary', op: '=', left: field('t'), right: { kind: 'literal', type: 'string', value: 'x' } },
)
const aggregate: fc.Arbitrary<Expr> = fc
  .record({
    fn: fc.constantFrom(...COMPILED_AGGREGATES),
    pick: fc.nat(),
    filter,
    window: fc.constantFrom('w0', 'w1', 'w2'),
    distinct: fc.boolean(),
    star: fc.boolean(),
  })
  .map(({ fn, pick, filter, window, distinct, star }) => {
    const isStar = fn === 'count' && star
    const name = ARGUMENTS[fn][pick % ARGUMENTS[fn].length]!
    return {
      kind: 'aggregate',
      fn,
      args: isStar
        ? []
        : fn === 'arg_min' || fn === 'arg_max'
          ? [field(name), field(BY[pick % BY.length]!)]
          : fn === 'quantile_cont' || fn === 'quantile_disc'
            ? [field(name), { kind: 'decimal', text: ['0.1', '0.5', '0.99'][pick % 3]! }]
            : [field(name)],
      star: isStar || undefined,
      distinct: (fn === 'count' && !isStar && distinct) || undefined,
      filter,
      window,
    } as Expr
  })
const interval = (ms: number) => ({ kind: 'preceding' as const, interval: { months: 0, days: 0, ms } })
const frame = (longestEnd: number) =>
  fc.tuple(fc.nat(30), fc.nat(longestEnd)).map(([length, end]) => ({
    start: length + end === 0 ? { kind: 'current' as const } : interval(length + end),
    end: end === 0 ? { kind: 'current' as const } : interval(end),
  }))
/** Half of the views have only windows that end now: events behind others are put in another way there. */
const frames = fc.constantFrom(0, 12).chain((longestEnd) => fc.tuple(frame(longestEnd), frame(longestEnd), frame(longestEnd)))
const definition: fc.Arbitrary<ViewDefinition> = fc
  .record({
    features: fc.array(fc.oneof({ weight: 6, arbitrary: aggregate }, { weight: 1, arbitrary: fc.constantFrom(field('i'), field('t')) }), {
      minLength: 1,
      maxLength: 7,
    }),
    frames,
    derived: fc.boolean(),
    where: fc.boolean(),
  })
  .map(({ features, frames, derived, where }) => ({
    stream: 's',
    key: ['k'],
    where: where ? ({ kind: 'isDistinct', left: field('i'), right: int(3), negated: false } as Expr) : undefined,
    windows: frames.map((bounds, w) => ({ name: `w${w}`, mode: 'range' as const, ...bounds })),
    features: [
      ...features.map((expr, n) => ({ name: `f${n}`, expr })),
      ...(derived ? [{ name: 'derived', expr: { kind: 'isNull', arg: { kind: 'feature', name: 'f0' }, negated: false } as Expr }] : []),
    ],
    hints: {},
  }))

compareRounded()

test.each(['arrival', 'event_time'] as const)(
  'the compiled operator answers what the plain one answers, order %s',
  (order) => {
    fc.assert(
      fc.property(definition, steps, (view, taken) => runSteps(view, taken, order)),
      { numRuns: 150 },
    )
  },
  60_000,
)
