/** Random unions of streams: their events as they are put into partitions, as rows of DuckDB, and as the naive oracle sees them. */
import type fc from 'fast-check'
import { checkDefinition } from '../../definition/check-view.ts'
import type { CheckedView, Expr, StreamSchema, UnionBranch } from '../../definition/model.ts'
import { arbitraryUnionView, type ViewKnobs } from '../../definition/testing/arbitrary-view.ts'
import { ALL_TYPES, UNION } from '../../definition/testing/streams.ts'
import { unionPartition } from '../../definition/union-partitions.ts'
import { compileExpr, type Scope } from '../compile/expr.ts'
import { coerced } from '../compile/typed.ts'
import { newCounters, type Value } from '../compile/value.ts'
import type { TestEvent } from '../task/run-view.fixture.ts'
import { asNaive, type RandomEvent } from './events.fixture.ts'
import type { NaiveEvent } from './naive.fixture.ts'

const [ts, ...others] = ALL_TYPES.fields
/** The same fields in another order and under another name of the event time. */
const MORE: StreamSchema = { name: 'more', eventTime: 'at', fields: [...others, { ...ts!, name: 'at' }] }
export const STREAMS = [ALL_TYPES, MORE]

const OTHER_BRANCH = 1000 // added to the numbers of rows, by branch

/** Keyed by `k`, which is never NULL, with a column `n` that numbers rows over all branches. */
export const numberedUnion = (knobs: ViewKnobs): fc.Arbitrary<CheckedView> =>
  arbitraryUnionView(UNION, STREAMS, { hints: false, keys: [['k']], ...knobs }).map((definition) => {
    const union = definition.union!.map((branch, b): UnionBranch => {
      const number: Expr = { kind: 'binary', op: '+', left: { kind: 'field', name: 'n' }, right: int(b * OTHER_BRANCH) }
      const columns = branch.columns.map(({ name, expr }) => ({ name, expr: name === 'k' ? orElse(expr) : expr }))
      return { ...branch, columns: [...columns, { name: 'n', expr: number }] }
    })
    return checkDefinition({ ...definition, union }, STREAMS).checked!
  })

const int = (value: number): Expr => ({ kind: 'literal', type: 'int', value })
const orElse = (expr: Expr): Expr =>
  expr.kind === 'field' && expr.name === 'k'
    ? expr
    : { kind: 'call', name: 'coalesce', args: [expr, { kind: 'literal', type: 'string', value: '?' }] }

export const rowNumber = (branch: number, n: number): number => branch * OTHER_BRANCH + n

/** By stream. */
export type UnionEvents = readonly (readonly RandomEvent[])[]

export const rowsOf = (stream: number, events: readonly RandomEvent[]): Record<string, unknown>[] =>
  events.map((event) => (stream === 0 ? { ...event } : { ...event, at: event.ts }))

/** Every branch's copy of its stream's events, merged like queues by the event time of their heads. */
export function asUnionEvents({ definition }: CheckedView, events: UnionEvents): TestEvent[] {
  const queues = definition.union!.map(({ stream }, branch) => {
    const s = STREAMS.findIndex(({ name }) => name === stream)
    return { partition: unionPartition(branch, 0), rows: rowsOf(s, events[s]!) }
  })
  const merged: TestEvent[] = []
  for (;;) {
    const waiting = queues.filter(({ rows }) => rows.length > 0)
    const first = waiting.toSorted((a, b) => Number(a.rows[0]!.ts) - Number(b.rows[0]!.ts))[0]
    if (!first) return merged
    merged.push({ partition: first.partition, value: first.rows.shift()! })
  }
}

/** Those that the branches let through, as the union's columns, in the order of their partitions. */
export function asNaiveUnion({ definition, stream }: CheckedView, events: UnionEvents): NaiveEvent[] {
  return definition.union!.flatMap((branch, b) => {
    const s = STREAMS.findIndex(({ name }) => name === branch.stream)
    const { fields } = STREAMS[s]!
    const slotOf = (name: string) => ALL_TYPES.fields.findIndex((field) => field.name === (name === 'at' ? 'ts' : name))
    const scope = {
      counters: newCounters(),
      field: (name: string) => ({ slot: slotOf(name), type: fields.find((field) => field.name === name)!.type }),
    }
    const run = (expr: Expr, row: readonly Value[], type?: string): Value => {
      const compiled = compileExpr(expr, scope as unknown as Scope)
      return (type ? coerced(compiled, type as never, scope.counters) : compiled.run)(row, [], [])
    }
    return asNaive(events[s]!)
      .filter(({ fields: row }) => !branch.where || run(branch.where, row) === true)
      .map((event) => ({
        ...event,
        partition: unionPartition(b, 0),
        fields: branch.columns.map(({ expr }, c) => run(expr, event.fields, stream.fields[c]!.type)),
      }))
  })
}
