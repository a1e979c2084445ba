/**
 * The form's side of a view: rows of text that an analyst edits. A definition becomes a form; a form becomes SQL, one
 * feature a line, so that a problem's line says which row it belongs to. Pure.
 */
import { isListed } from '../../definition/check-call.ts'
import { quoteName } from '../../definition/identifiers.ts'
import { parseInterval, roughMs } from '../../definition/interval.ts'
import { canonicalJson } from '../../definition/feature-id.ts'
import type { Bound, Expr, Interval, RangeWindow, RowBound, RowsWindow, ViewDefinition, Window } from '../../definition/model.ts'
import { partitionOf, printExpr, printFrame, printHints, printKeyedExpr } from '../../definition/print-sql.ts'
import { frameName } from '../../definition/window-words.ts'
import { type FormGroup, groupOf, groupSql } from './form-group.ts'
import { branchLines, type FormUnion, unionOf } from './form-union.ts'

/** `formula`: over other features of the view, or anything that the picker can't say. */
export const operators = [
  'count',
  'count_values',
  'count_distinct',
  'count_if',
  'approx_count_distinct',
  'sum',
  'sum_distinct',
  'avg',
  'avg_distinct',
  'min',
  'max',
  'min_k',
  'max_k',
  'first',
  'last',
  'median',
  'quantile_cont',
  'quantile_disc',
  'approx_quantile',
  'mode',
  'stddev_samp',
  'stddev_pop',
  'var_samp',
  'var_pop',
  'skewness',
  'skewness_pop',
  'kurtosis',
  'kurtosis_pop',
  'entropy',
  'arg_min',
  'arg_max',
  'arg_min_k',
  'arg_max_k',
  'list',
  'list_distinct',
  'histogram',
  'bool_and',
  'bool_or',
  'exp_decay_sum',
  'lag',
  'time_since_last',
  'formula',
] as const
export type Operator = (typeof operators)[number]
/** Operators of the event itself: there is no value to name. */
export const takesNoValue = (operator: Operator) => operator === 'count' || operator === 'time_since_last'
/** A window without its name: what the picker chooses. */
export type RangeFrame = Omit<RangeWindow, 'name'>
export type Frame = RangeFrame | Omit<RowsWindow, 'name'>
export type FormRow = { id: number; name: string; operator: Operator; value: string; filter: string; window: string }
export type FormModel = {
  /** of a union, what the view calls it */
  stream: string
  union: FormUnion | null
  key: string[]
  where: string
  hints: ViewDefinition['hints']
  windows: Window[]
  /** a row per key and window; null: a row per event, over `windows` */
  group: FormGroup | null
  rows: FormRow[]
}

let lastId = 0
export const nextRowId = () => ++lastId

/** Rows keep their ids by name, so that typing in one field survives an answer. */
export function formOf(definition: ViewDefinition, previous?: FormModel): FormModel {
  const ids = new Map(previous?.rows.map((row) => [row.name, row.id]))
  // without windows, a feature in TypeScript says the key itself
  const partition = definition.windows.length === 0 ? partitionOf(definition.key) : undefined
  return {
    stream: definition.stream,
    union: definition.union ? unionOf(definition.union) : null,
    key: definition.key,
    where: definition.where ? printExpr(definition.where) : '',
    hints: definition.hints,
    windows: definition.windows,
    group: definition.group ? groupOf(definition.group) : null,
    rows: definition.features.map(({ name, expr }) => ({
      id: ids.get(name) ?? nextRowId(),
      name,
      ...rowOf(expr, definition.windows[0]?.name ?? '', partition),
    })),
  }
}

function rowOf(expr: Expr, anyWindow: string, partition: string | undefined): Omit<FormRow, 'id' | 'name'> {
  const formula = () => ({ operator: 'formula' as const, value: printKeyedExpr(expr, partition), filter: '', window: anyWindow })
  if (expr.kind !== 'aggregate') return formula()
  const operator = operatorOf(expr)
  // what has no place in the picker (MEDIAN(DISTINCT …), say) is kept as it is written
  if (!operator) return formula()
  return { operator, value: expr.args.map(printExpr).join(', '), filter: expr.filter ? printExpr(expr.filter) : '', window: expr.window }
}

function operatorOf(expr: Extract<Expr, { kind: 'aggregate' }>): Operator | undefined {
  if (expr.fn === 'count') return expr.star ? 'count' : expr.distinct ? 'count_distinct' : 'count_values'
  const form = expr.distinct ? `${expr.fn}_distinct` : isListed(expr) ? `${expr.fn}_k` : expr.fn
  return expr.distinct && isListed(expr) ? undefined : operators.find((operator) => operator === form)
}

function callOf({ operator, value }: FormRow): string {
  if (operator === 'count') return 'COUNT(*)'
  if (takesNoValue(operator)) return `${operator.toUpperCase()}()`
  if (operator === 'count_values') return `COUNT(${value})`
  const [, fn = operator, form] = /^(.+?)_(distinct|k)$/.exec(operator) ?? []
  if (operator !== 'approx_count_distinct' && form === 'distinct') return `${fn.toUpperCase()}(DISTINCT ${value})`
  return `${(form === 'k' ? fn : operator).toUpperCase()}(${value})`
}

// A line break inside a field would shift the lines below it.
const oneLine = (text: string) => text.replace(/\s*\n\s*/g, ' ').trim()

export type Place = { part: 'row' | 'where' | 'window' | 'key' | 'stream' | 'branch'; id?: number | string }
export type FormSql = { sql: string; placeByLine: Map<number, Place> }

/** The SQL that the form says, and which of its lines (from 1) belongs to what. Windows that no row uses are left out. */
export function sqlOf(form: FormModel, eventTime = 'event_time'): FormSql {
  const lines: string[] = []
  const placeByLine = new Map<number, Place>()
  const add = (line: string, place: Place) => {
    lines.push(line)
    placeByLine.set(lines.length, place)
  }
  const asked = form.windows.filter((window) =>
    form.rows.some((row) => row.window === window.name || (row.operator === 'formula' && row.value.includes(window.name))),
  )
  // a view whose rows are all of TypeScript or formulas has its key from a window all the same
  const used = asked.length > 0 ? asked : form.windows
  const hints = printHints(form.hints, used)
  const columns: [string, Place][] = form.rows.map((row) => {
    const name = quoteName(row.name)
    const value = oneLine(row.value)
    const place: Place = { part: 'row', id: row.id }
    if (row.operator === 'formula') return [value === name ? name : `${value} AS ${name}`, place]
    const filter = oneLine(row.filter)
    const over = form.group ? '' : ` OVER ${quoteName(row.window)}`
    return [`${callOf({ ...row, value })}${filter ? ` FILTER (WHERE ${filter})` : ''}${over} AS ${name}`, place]
  })
  if (hints) add(`SELECT ${hints}`, { part: 'key' })
  add(`${hints ? '       ' : 'SELECT '}${form.key.map(quoteName).join(', ')}${columns.length ? ',' : ''}`, { part: 'key' })
  columns.forEach(([text, place], at) => add(`       ${text}${at < columns.length - 1 ? ',' : ''}`, place))
  if (form.union) {
    add('FROM (', { part: 'stream' })
    branchLines(form.union).forEach((line, b) => add(`  ${b > 0 ? 'UNION ALL ' : ''}${line}`, { part: 'branch', id: b }))
    add(`) AS ${quoteName(form.stream)}`, { part: 'stream' })
  } else add(`FROM ${quoteName(form.stream)}`, { part: 'stream' })
  if (oneLine(form.where)) add(`WHERE ${oneLine(form.where)}`, { part: 'where' })
  if (form.group) add(`GROUP BY ${[...form.key.map(quoteName), groupSql(form.group, eventTime)].join(', ')}`, { part: 'window' })
  used.forEach((window, at) => {
    const head = at === 0 ? 'WINDOW ' : '       '
    const frame = `PARTITION BY ${form.key.map(quoteName).join(', ')} ORDER BY ${quoteName(eventTime)} ${printFrame(window)}`
    add(`${head}${quoteName(window.name)} AS (${frame})${at < used.length - 1 ? ',' : ''}`, { part: 'window', id: window.name })
  })
  return { sql: `${lines.join('\n')}\n`, placeByLine }
}

export const sameFrame = (a: Frame & { name?: string }, b: Frame & { name?: string }) =>
  canonicalJson({ ...a, name: undefined }) === canonicalJson({ ...b, name: undefined })

/** The window of this frame: one that is there, or a new one with a speaking name (w3h, w7d, w24h_30m, rows10, w30d_by_1h). */
export function withWindow(windows: Window[], frame: Frame): { windows: Window[]; name: string } {
  const found = windows.find((window) => sameFrame(window, frame))
  if (found) return { windows, name: found.name }
  const base = nameOf(frame)
  let name = base
  for (let n = 2; windows.some((window) => window.name === name); n++) name = `${base}_${n}`
  return { windows: [...windows, { name, ...frame }], name }
}

function nameOf(frame: Frame): string {
  const { exclude, maxRows, precision } = frame
  const rangeName = ({ start, end }: RangeFrame) => `w${shortBound(start)}${end.kind === 'preceding' ? `_${shortBound(end)}` : ''}`
  return [
    frame.mode === 'rows' ? frameName({ ...frame, exclude: undefined }) : rangeName(frame),
    exclude && `no_${exclude === 'current_row' ? 'current' : exclude}`,
    maxRows !== undefined && `max${maxRows}`,
    precision && `by_${shortBound({ kind: 'preceding', interval: precision })}`,
  ]
    .filter(Boolean)
    .join('_')
}

function shortBound(bound: Bound): string {
  if (bound.kind !== 'preceding') return '_all'
  const { months, days, ms } = bound.interval
  const parts = [months && `${months}mo`, days && `${days}d`]
  for (const [unit, size] of [
    ['h', 3_600_000],
    ['m', 60_000],
    ['s', 1000],
    ['ms', 1],
  ] as const)
    if (ms !== 0 && ms % size === 0) {
      parts.push(`${ms / size}${unit}`)
      break
    }
  return parts.filter(Boolean).join('_') || '0s'
}

/** "3 hours", "all", "1 day to 30 minutes": what a person types for a window. @throws Error with a sentence */
export function parseFrame(from: string, until: string): RangeFrame {
  const start: Bound = /^(all|lifetime|unbounded)$/i.test(from.trim())
    ? { kind: 'unbounded' }
    : { kind: 'preceding', interval: parseInterval(from) }
  const end: Bound =
    until.trim() === '' || /^now$/i.test(until.trim()) ? { kind: 'current' } : { kind: 'preceding', interval: parseInterval(until) }
  return { mode: 'range', start, end }
}

const UNIT_MS = 600_000
const lengthMs = (interval: Interval) => Math.max(0, roughMs(interval))
const logOf = (ms: number) => Math.log1p(ms / UNIT_MS)

/** Where the window's bar begins and ends, in percent of the picture; its right edge is now, time or number of rows is logarithmic. */
export function windowPicture(frame: Frame, all: Frame[]): { left: number; right: number } {
  const longest = Math.max(3_600_000, ...all.map(({ start }) => (start.kind === 'preceding' ? lengthMs(start.interval) : 0)))
  const most = Math.max(99, ...all.map(({ start }) => (start.kind === 'rows' ? start.count : 0)))
  const back = (bound: Bound | RowBound) => {
    if (bound.kind === 'current') return 0
    if (bound.kind === 'unbounded') return 100
    return bound.kind === 'rows'
      ? (94 * Math.log1p(bound.count)) / Math.log1p(most)
      : (94 * logOf(lengthMs(bound.interval))) / logOf(longest)
  }
  return { left: Math.max(0, 100 - back(frame.start)), right: Math.min(98, back(frame.end)) }
}

/** A name for a new row that nothing else has. */
export function freeName(rows: FormRow[], base: string): string {
  let name = base
  for (let n = 2; rows.some((row) => row.name === name); n++) name = `${base}_${n}`
  return name
}
