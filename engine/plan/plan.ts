/**
 * Checked definition → plan: which fields are read, which values each row keeps, which windows and aggregates are computed,
 * in which order features follow, and how far back rows are needed. Pure; equal aggregates are computed once.
 */
import { constantOf } from '../../definition/check-code.ts'
import { canonicalJson } from '../../definition/feature-id.ts'
import { sha256Hex } from '../../definition/hash.ts'
import { DAY_MS, roughMs } from '../../definition/interval.ts'
import {
  type Bound,
  type CodeFeature,
  type Exclude,
  type Expr,
  type Field,
  type FieldType,
  GROUP_WINDOW,
  type RowBound,
  type SourceSchema,
  type StreamSchema,
  type ViewDefinition,
  type Window,
} from '../../definition/model.ts'
import { type PlannedBranch, planBranches } from './branches.ts'
import { type PlannedGroup, planGroup } from './group.ts'

export type AggregateExpr = Extract<Expr, { kind: 'aggregate' }>

/** How far back a bound lies. Months go by calendar, days are 24 hours. */
export interface Reach {
  readonly months: number
  readonly ms: number
}

export interface PlannedWindow {
  readonly name: string
  /** of a ROWS window: as far back as rows go, up to the current moment */
  readonly start: Reach | 'unbounded'
  readonly end: Reach
  /** ROWS: how many rows before the current one it begins (Infinity: at the first) and ends; null: RANGE */
  readonly rows: { readonly start: number; readonly end: number } | null
  /** rows of the frame that are left out */
  readonly exclude: Exclude | null
  /** of what is left, so many of the newest rows; null: all */
  readonly maxRows: number | null
  /** width of the panes to which both ends are rounded outwards; null: exact */
  readonly precisionMs: number | null
}

export interface PlannedAggregate {
  readonly expr: AggregateExpr
  /** index of its window; −1: the group window */
  readonly window: number
  /** column of the row that is aggregated; −1: rows are counted */
  readonly input: number
  /** the other column of a function of two; −1: none */
  readonly second: number
  /** boolean column that a row must pass; −1: none */
  readonly filter: number
}

export type CodeExpr = Extract<Expr, { kind: 'code' }>

/** A call of a feature in TypeScript. Equal calls are one, with one state. */
export interface PlannedCode {
  readonly feature: CodeFeature
  readonly expr: CodeExpr
  /** of what it means: source, inputs, parameters; its state is found under it */
  readonly id: string
  /** columns of the row, in the order of its inputs */
  readonly inputs: readonly number[]
  /** those that are given */
  readonly parameters: Readonly<Record<string, boolean | number | string>>
}

export interface Plan {
  readonly stream: StreamSchema
  /** the fields that are read from an event, in slot order */
  readonly fields: readonly Field[]
  readonly keySlots: readonly number[]
  readonly eventTimeSlot: number
  readonly where: Expr | undefined
  /** of a union: what the fields are in each of its SELECTs; null: the stream is read as it is */
  readonly branches: readonly PlannedBranch[] | null
  /** what each row keeps: expressions over the event */
  readonly columns: readonly Expr[]
  /** column that holds a field which features use bare ("at the key's latest event"), by field name */
  readonly latest: ReadonlyMap<string, number>
  readonly windows: readonly PlannedWindow[]
  /** where there is one, a row stands for a key and a window, and there are no windows of OVER */
  readonly group: PlannedGroup | null
  readonly aggregates: readonly PlannedAggregate[]
  readonly code: readonly PlannedCode[]
  readonly features: readonly { name: string; expr: Expr }[]
}

export function planView(definition: ViewDefinition, stream: SourceSchema): Plan {
  const fields: Field[] = []
  const slotOf = (name: string): number => {
    const known = fields.findIndex((field) => field.name === name)
    if (known >= 0) return known
    const field = stream.fields.find((candidate) => candidate.name === name)
    if (!field) throw new Error(`the stream ${stream.name} has no field ${name}`)
    return fields.push(field) - 1
  }
  const keySlots = definition.key.map(slotOf)
  const eventTimeSlot = slotOf(stream.eventTime)
  const columns: Expr[] = []
  const columnOf = (expr: Expr): number => {
    const text = JSON.stringify(expr)
    const known = columns.findIndex((column) => JSON.stringify(column) === text)
    if (known >= 0) return known
    walk(expr, (inner) => inner.kind === 'field' && slotOf(inner.name))
    return columns.push(expr) - 1
  }
  const windows = definition.windows.map(planWindow)
  const aggregates: PlannedAggregate[] = []
  const code: PlannedCode[] = []
  const latest = new Map<string, number>()
  const visit = (expr: Expr): boolean => {
    if (expr.kind === 'aggregate') {
      if (aggregateSlot(aggregates, expr) >= 0) return false
      const window = definition.windows.findIndex((candidate) => candidate.name === expr.window)
      if (window < 0 && expr.window !== GROUP_WINDOW) throw new Error(`there is no window ${expr.window}`)
      const eventTime: Expr = { kind: 'field', name: stream.eventTime }
      const arg = expr.star ? undefined : expr.fn === 'time_since_last' ? eventTime : expr.args[0]
      const by = expr.fn === 'arg_min' || expr.fn === 'arg_max' ? expr.args[1] : expr.fn === 'exp_decay_sum' ? eventTime : undefined
      aggregates.push({
        expr,
        window,
        input: arg ? columnOf(arg) : -1,
        second: by ? columnOf(by) : -1,
        filter: expr.filter ? columnOf(expr.filter) : -1,
      })
      return false
    }
    if (expr.kind === 'code') {
      if (codeSlot(code, expr) < 0) code.push(planCode(definition, expr, columnOf))
      return false
    }
    if (expr.kind === 'field') latest.set(expr.name, columnOf(expr))
    return true
  }
  if (definition.where) walk(definition.where, (inner) => inner.kind === 'field' && slotOf(inner.name))
  for (const feature of definition.features) walkUntil(feature.expr, visit)
  return {
    stream,
    fields,
    keySlots,
    eventTimeSlot,
    where: definition.where,
    branches: planBranches(definition, stream, fields),
    columns,
    latest,
    windows,
    group: definition.group ? planGroup(definition.group) : null,
    aggregates,
    code,
    features: definition.features,
  }
}

function planCode(definition: ViewDefinition, expr: CodeExpr, columnOf: (expr: Expr) => number): PlannedCode {
  const feature = definition.code?.find(({ name }) => name === expr.feature)
  if (!feature) throw new Error(`the view version does not pin the feature ${expr.feature}`)
  const given = new Map(expr.args.map(({ name, value }) => [name, value]))
  const parameters: Record<string, boolean | number | string> = {}
  for (const { name, type } of feature.parameters) {
    const value = given.has(name) ? constantOf(given.get(name)!, type) : undefined
    if (value !== undefined) parameters[name] = value
  }
  const inputs = feature.inputs.map(({ name }) => given.get(name)!)
  const id = sha256Hex(canonicalJson({ hash: feature.hash, inputs, parameters })).slice(0, 32)
  return { feature, expr, id, inputs: inputs.map(columnOf), parameters }
}

/** Slot of a call equal to this one, or −1. */
export function codeSlot(code: readonly PlannedCode[], expr: CodeExpr): number {
  const text = JSON.stringify(expr)
  return code.findIndex((candidate) => JSON.stringify(candidate.expr) === text)
}

/** Slot of an aggregate equal to this one, or −1. */
export function aggregateSlot(aggregates: readonly PlannedAggregate[], expr: AggregateExpr): number {
  const text = JSON.stringify(expr)
  return aggregates.findIndex((candidate) => JSON.stringify(candidate.expr) === text)
}

export function fieldType(plan: Plan, name: string): FieldType {
  const field = plan.fields.find((candidate) => candidate.name === name)
  if (!field) throw new Error(`the plan reads no field ${name}`)
  return field.type
}

function planWindow({ name, mode, start, end, exclude, maxRows, precision }: Window): PlannedWindow {
  const isRange = mode === 'range'
  return {
    name,
    start: start.kind === 'unbounded' || !isRange ? 'unbounded' : reachOf(start),
    end: reachOf(end),
    rows: isRange ? null : { start: rowsBack(start), end: rowsBack(end) },
    exclude: exclude ?? null,
    maxRows: maxRows ?? null,
    precisionMs: precision ? roughMs(precision) : null,
  }
}

function reachOf(bound: Bound | RowBound): Reach {
  if (bound.kind !== 'preceding') return { months: 0, ms: 0 }
  return { months: bound.interval.months, ms: bound.interval.days * DAY_MS + bound.interval.ms }
}

function rowsBack(bound: Bound | RowBound): number {
  return bound.kind === 'rows' ? bound.count : bound.kind === 'unbounded' ? Number.POSITIVE_INFINITY : 0
}

/** The window begins with the key's first row: what is gone of it is remembered in the `Base` of each of its aggregates. */
export function keepsBase({ start, rows, maxRows }: PlannedWindow): boolean {
  return start === 'unbounded' && (rows === null || rows.start === Number.POSITIVE_INFINITY) && maxRows === null
}

function walk(expr: Expr, visit: (expr: Expr) => unknown): void {
  walkUntil(expr, (inner) => {
    visit(inner)
    return true
  })
}

/** Depth first; `visit` answers whether to go deeper. */
function walkUntil(expr: Expr, visit: (expr: Expr) => boolean): void {
  if (!visit(expr)) return
  for (const child of childrenOf(expr)) walkUntil(child, visit)
}

function childrenOf(expr: Expr): Expr[] {
  switch (expr.kind) {
    case 'unary':
    case 'isNull':
    case 'cast':
      return [expr.arg]
    case 'binary':
    case 'isDistinct':
      return [expr.left, expr.right]
    case 'in':
      return [expr.arg, ...expr.list]
    case 'like':
      return [expr.arg, expr.pattern]
    case 'case':
      return [...expr.branches.flatMap((branch) => [branch.when, branch.then]), ...(expr.otherwise ? [expr.otherwise] : [])]
    case 'call':
      return expr.args
    case 'code':
      return expr.args.map(({ value }) => value)
    case 'aggregate':
      return [...expr.args, ...(expr.filter ? [expr.filter] : [])]
    default:
      return []
  }
}
