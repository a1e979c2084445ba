/** A plan, compiled: events → kept columns, and rows of a key → feature values. The plain road; see README. */
import type { ExprType } from '../../definition/types.ts'
import { frameEnd, frameStart } from '../plan/frame.ts'
import { aggregateSlot, fieldType, type Plan } from '../plan/plan.ts'
import { type Base, compileAggregate, type CompiledAggregate } from './aggregates.ts'
import { compileExpr, CompileError, type Run, type Scope } from './expr.ts'
import { type Counters, newCounters, outputOf, type Value } from './value.ts'

export interface Evaluator {
  readonly plan: Plan
  readonly counters: Counters
  readonly aggregates: readonly CompiledAggregate[]
  readonly featureTypes: readonly ExprType[]
  readonly keyTypes: readonly ExprType[]
  readonly columnTypes: readonly ExprType[]
  /** by feature: the aggregate that it is, −1 where an expression stands around it */
  readonly aggregateOf: readonly number[]
  /** true: the event belongs to the view */
  passes(row: readonly Value[]): boolean
  columnsOf(row: readonly Value[]): Value[]
  columnOf(column: number, row: readonly Value[]): Value
  /** true: rows of one key and millisecond may differ in their values */
  readonly byPosition: boolean
  /**
   * Feature values at `atMs`, as they leave the engine. `latest`: kept columns of the key's latest event, null where there is none.
   * `current`: position of the event that is evaluated; without it the newest row at `atMs` is the current one.
   */
  evaluate(rows: FrameRows, atMs: number, latest: readonly Value[] | null, current?: Position): Value[]
  /** The same from aggregate results that are already there. */
  featuresOf(aggregates: readonly Value[], latest: readonly Value[] | null): Value[]
}

export interface Position {
  readonly partition: number
  readonly offset: number
}

/** What evaluation needs of a key: rows in order of (event time, partition, offset) and the bases of lifetime windows. */
export interface FrameRows {
  readonly columns: readonly Value[][]
  readonly bases: readonly (Base | null)[] | null
  /** index of the first kept row */
  readonly head: number
  /** index behind the row of this time and position */
  indexBehind(timeMs: number, position: Position): number
  /** index of the first kept row with event time ≥ atMs */
  lowerBound(atMs: number): number
  /** index behind the last kept row with event time ≤ atMs */
  upperBound(atMs: number): number
}

export function compileEvaluator(plan: Plan): Evaluator {
  const counters = newCounters()
  const eventScope: Scope = {
    counters,
    field: (name) => ({ slot: plan.fields.findIndex((field) => field.name === name), type: fieldType(plan, name) }),
    aggregate: () => refuse('an aggregate stands inside another, or in WHERE'),
    feature: (name) => refuse(`${name} is a column of the view: an aggregate cannot use it`),
  }
  const where = plan.where ? compileExpr(plan.where, eventScope).run : null
  const columns = plan.columns.map((expr) => compileExpr(expr, eventScope))
  const aggregates = plan.aggregates.map(({ expr, input, second }) =>
    compileAggregate(
      expr,
      [input, second].flatMap((column) => (column < 0 ? [] : [columns[column]!.type])),
      counters,
    ),
  )
  const featureTypes: ExprType[] = []
  const runs: Run[] = []
  const featureScope: Scope = {
    counters,
    field: (name) => ({ slot: plan.latest.get(name)!, type: fieldType(plan, name) }),
    aggregate: (expr) => {
      const slot = aggregateSlot(plan.aggregates, expr)
      return { slot, type: aggregates[slot]!.type }
    },
    feature: (name) => {
      const slot = plan.features.findIndex((feature) => feature.name === name)
      if (slot < 0 || slot >= runs.length) return refuse(`${name} is used before it is defined`)
      return { slot, type: featureTypes[slot]! }
    },
  }
  for (const { expr } of plan.features) {
    const compiled = compileExpr(expr, featureScope)
    runs.push(compiled.run)
    featureTypes.push(compiled.type)
  }
  const outputs = featureTypes.map((type) => outputOf(type))
  const noRow: Value[] = plan.columns.map(() => null)
  const aggregateValues: Value[] = aggregates.map(() => null)
  const featuresOf = (results: readonly Value[], latest: readonly Value[] | null): Value[] => {
    const features: Value[] = []
    for (const run of runs) features.push(run(latest ?? noRow, results, features))
    return features.map((value, i) => outputs[i]!(value))
  }
  return {
    plan,
    counters,
    aggregates,
    featureTypes,
    keyTypes: plan.keySlots.map((slot) => plan.fields[slot]!.type),
    columnTypes: columns.map(({ type }) => type),
    aggregateOf: plan.features.map(({ expr }) => (expr.kind === 'aggregate' ? aggregateSlot(plan.aggregates, expr) : -1)),
    passes: (row) => where === null || where(row, [], []) === true,
    columnOf: (column, row) => canonical(columns[column]!.run(row, [], [])),
    columnsOf: (row) => columns.map(({ run }) => canonical(run(row, [], []))),
    byPosition: plan.latest.size > 0 || aggregates.some((aggregate) => aggregate.byPosition),
    evaluate(rows, atMs, latest, current) {
      evaluateAggregates(plan, aggregates, rows, atMs, current, aggregateValues)
      return featuresOf(aggregateValues, latest)
    },
    featuresOf,
  }
}

/** Frame bounds once per window, then each aggregate's scan over that frame. */
function evaluateAggregates(
  plan: Plan,
  aggregates: readonly CompiledAggregate[],
  rows: FrameRows,
  atMs: number,
  current: Position | undefined,
  out: Value[],
): void {
  for (let w = 0; w < plan.windows.length; w++) {
    const window = plan.windows[w]!
    const from = rows.lowerBound(frameStart(window, atMs))
    const to = Math.max(from, rows.upperBound(frameEnd(window, atMs)))
    for (let a = 0; a < aggregates.length; a++) {
      const planned = plan.aggregates[a]!
      if (planned.window !== w) continue
      const input = planned.input < 0 ? undefined : rows.columns[planned.input]
      const filter = planned.filter < 0 ? undefined : rows.columns[planned.filter]
      const second = planned.second < 0 ? undefined : rows.columns[planned.second]
      const base = rows.bases?.[a] ?? null
      if (aggregates[a]!.byPosition) {
        const behind = current ? rows.indexBehind(atMs, current) : rows.upperBound(atMs)
        out[a] = aggregates[a]!.evaluate(input, filter, rows.head, behind, base)
      } else out[a] = aggregates[a]!.evaluate(input, filter, from, to, base, second, atMs)
    }
  }
}

/** −0 and 0 are one value: snapshots and output do not tell them apart. */
const canonical = (value: Value): Value => (value === 0 ? 0 : value)

function refuse(message: string): never {
  throw new CompileError(message)
}
