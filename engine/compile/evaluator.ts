/** A plan, compiled: events → kept columns, and rows of a key → feature values. The plain road; see README. */
import type { ExprType } from '../../definition/types.ts'
import { aggregateSlot, codeSlot, fieldType, type Plan, type PlannedWindow } from '../plan/plan.ts'
import type { WindowSpan } from '../sink/port.ts'
import { compileAggregate, type CompiledAggregate } from './aggregates.ts'
import { compileExpr, CompileError, type Run, type Scope } from './expr.ts'
import { type FrameRows, frameRanges, type Position, type RowRanges } from './frame-rows.ts'
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
  /** Feature values of a group window over its rows; "latest" is the last of them. null: of no window, where there are no rows. */
  evaluateWindow(rows: FrameRows, window: WindowSpan | null): Value[]
  /** Those of OVER windows from aggregate results that are already there. */
  featuresOf(aggregates: readonly Value[], latest: readonly Value[] | null): Value[]
}

export function compileEvaluator(plan: Plan): Evaluator {
  const counters = newCounters()
  const eventScope: Scope = {
    counters,
    field: (name) => ({ slot: plan.fields.findIndex((field) => field.name === name), type: fieldType(plan, name) }),
    windowEdge: () => refuse('an edge of the window stands inside an aggregate, or in WHERE'),
    aggregate: () => refuse('an aggregate stands inside another, or in WHERE'),
    code: () => refuse('a feature in TypeScript stands inside an aggregate, or in WHERE'),
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
    windowEdge: (edge) => aggregates.length + (edge === 'start' ? 0 : 1),
    code: (expr) => {
      const slot = codeSlot(plan.code, expr)
      return { slot: aggregates.length + slot, type: plan.code[slot]!.feature.output }
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
  const windowValues: Value[] = []
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
    byPosition:
      plan.latest.size > 0 ||
      plan.code.length > 0 ||
      aggregates.some((aggregate) => aggregate.byPosition) ||
      plan.windows.some(tellsRowsApart),
    evaluate(rows, atMs, latest, current) {
      evaluateAggregates(plan, aggregates, rows, atMs, current, aggregateValues)
      for (let c = 0; c < plan.code.length; c++) aggregateValues[aggregates.length + c] = rows.codeValues?.[c] ?? null
      return featuresOf(aggregateValues, latest)
    },
    evaluateWindow(rows, window) {
      const [from, to] = window ? [rows.lowerBound(window.startMs), rows.lowerBound(window.endMs)] : [0, 0]
      for (let a = 0; a < aggregates.length; a++) {
        const { input, filter, second } = plan.aggregates[a]!
        const [inputs, filters, seconds] = [input, filter, second].map((c) => (c < 0 ? undefined : rows.columns[c]))
        windowValues[a] = aggregates[a]!.evaluate(inputs, filters, from, to, null, seconds, window?.endMs)
      }
      windowValues[aggregates.length] = window?.startMs ?? null
      windowValues[aggregates.length + 1] = window?.endMs ?? null
      return featuresOf(windowValues, to > from ? rows.columns.map((column) => column[to - 1]!) : null)
    },
    featuresOf,
  }
}

/** Its frames of one millisecond differ from row to row. */
const tellsRowsApart = ({ rows, exclude }: PlannedWindow): boolean => rows !== null || exclude === 'current_row' || exclude === 'ties'

/** Frames once per window, then each aggregate's scan over that frame. */
function evaluateAggregates(
  plan: Plan,
  aggregates: readonly CompiledAggregate[],
  rows: FrameRows,
  atMs: number,
  position: Position | undefined,
  out: Value[],
): void {
  const behind = position ? rows.indexBehind(atMs, position) : rows.upperBound(atMs)
  for (let w = 0; w < plan.windows.length; w++) {
    const ranges = frameRanges(plan.windows[w]!, rows, atMs, behind - 1)
    const [from, to] = ranges[0] ?? [rows.head, rows.head]
    for (let a = 0; a < aggregates.length; a++) {
      const planned = plan.aggregates[a]!
      if (planned.window !== w) continue
      const [input, filter, second] = [planned.input, planned.filter, planned.second].map((column) =>
        column < 0 ? undefined : rows.columns[column],
      )
      const base = rows.bases?.[a] ?? null
      if (aggregates[a]!.byPosition) out[a] = aggregates[a]!.evaluate(input, filter, rows.head, behind, base)
      else if (ranges.length < 2) out[a] = aggregates[a]!.evaluate(input, filter, from, to, base, second, atMs)
      else {
        const taken = (column: readonly Value[] | undefined) => column && gather(column, ranges)
        const count = ranges.reduce((total, [first, last]) => total + last - first, 0)
        out[a] = aggregates[a]!.evaluate(taken(input), taken(filter), 0, count, base, taken(second), atMs)
      }
    }
  }
}

const gather = (column: readonly Value[], ranges: RowRanges): Value[] => ranges.flatMap(([from, to]) => column.slice(from, to))

/** −0 and 0 are one value: snapshots and output do not tell them apart. */
const canonical = (value: Value): Value => (value === 0 ? 0 : value)

function refuse(message: string): never {
  throw new CompileError(message)
}
