/**
 * The canonical SQL of a definition: `parse(print(d)) = d`. The form shows what this writes, and problems of a definition
 * without text of its own are placed in it.
 */
import { quoteName, quoteText } from './identifiers.ts'
import { intervalPieces, formatInterval } from './interval.ts'
import {
  type Bound,
  type Expr,
  type Feature,
  GROUP_WINDOW,
  type GroupWindow,
  type Interval,
  type RowBound,
  type UnionBranch,
  type ViewDefinition,
  type Window,
} from './model.ts'
import { typeToSql } from './types.ts'

/** Called with each part of the definition and the UTF-16 span where it stands in the text. */
export type OnSpan = (node: object, part: string, start: number, end: number) => void

export type PrintOptions = {
  /** The stream's event-time field; `event_time` is understood for any stream that has no other field of this name. */
  eventTime?: string
  onSpan?: OnSpan
  /** Parentheses around every operator: to test that those left out are not needed. */
  allParentheses?: boolean
}

/** How tightly an expression binds, as in PostgreSQL's grammar. */
const BINDS = { or: 1, and: 2, not: 3, is: 4, comparison: 5, like: 6, other: 7, sum: 8, product: 9, minus: 10, primary: 11 } as const
const OPERATORS: Record<Extract<Expr, { kind: 'binary' }>['op'], { text: string; binds: number; leftAssociative: boolean }> = {
  or: { text: 'OR', binds: BINDS.or, leftAssociative: true },
  and: { text: 'AND', binds: BINDS.and, leftAssociative: true },
  '=': { text: '=', binds: BINDS.comparison, leftAssociative: false },
  '<>': { text: '<>', binds: BINDS.comparison, leftAssociative: false },
  '<': { text: '<', binds: BINDS.comparison, leftAssociative: false },
  '<=': { text: '<=', binds: BINDS.comparison, leftAssociative: false },
  '>': { text: '>', binds: BINDS.comparison, leftAssociative: false },
  '>=': { text: '>=', binds: BINDS.comparison, leftAssociative: false },
  '||': { text: '||', binds: BINDS.other, leftAssociative: true },
  '+': { text: '+', binds: BINDS.sum, leftAssociative: true },
  '-': { text: '-', binds: BINDS.sum, leftAssociative: true },
  '*': { text: '*', binds: BINDS.product, leftAssociative: true },
  '/': { text: '/', binds: BINDS.product, leftAssociative: true },
  '%': { text: '%', binds: BINDS.product, leftAssociative: true },
}
const FUNCTION_TEXT: Record<string, string> = { coalesce: 'COALESCE', nullif: 'NULLIF', greatest: 'GREATEST', least: 'LEAST' }

function bindsOf(expr: Expr): number {
  switch (expr.kind) {
    case 'binary':
      return OPERATORS[expr.op].binds
    case 'unary':
      return expr.op === 'not' ? BINDS.not : BINDS.minus
    case 'literal':
      return typeof expr.value === 'number' && expr.value < 0 ? BINDS.minus : BINDS.primary
    case 'isNull':
    case 'isDistinct':
      return BINDS.is
    case 'in':
    case 'like':
      return BINDS.like
    default:
      return BINDS.primary
  }
}

class Printer {
  text = ''
  readonly #onSpan: OnSpan | undefined
  /** what a code feature's OVER says where no window says it */
  readonly #partition: string | undefined

  readonly #allParentheses: boolean

  constructor({ onSpan, allParentheses = false }: PrintOptions = {}, partition?: string) {
    this.#onSpan = onSpan
    this.#partition = partition
    this.#allParentheses = allParentheses
  }

  write(text: string): this {
    this.text += text
    return this
  }

  /** Writes a part and tells where it stands. */
  mark(node: object, part: string, write: () => void): void {
    const start = this.text.length
    write()
    this.#onSpan?.(node, part, start, this.text.length)
  }

  list<T>(items: readonly T[], write: (item: T) => void, separator = ', '): void {
    for (const [i, item] of items.entries()) {
      if (i > 0) this.write(separator)
      write(item)
    }
  }

  /** `least`: what must bind at least so tightly to go without parentheses. */
  expr(expr: Expr, least = 0): void {
    const inParentheses = bindsOf(expr) < (this.#allParentheses ? BINDS.primary : least)
    if (inParentheses) this.write('(')
    this.mark(expr, '', () => this.#bare(expr))
    if (inParentheses) this.write(')')
  }

  #bare(expr: Expr): void {
    switch (expr.kind) {
      case 'literal':
        return void this.write(literalText(expr))
      case 'decimal':
        return void this.write(expr.text)
      case 'interval':
        return void this.write(intervalSql(expr.value))
      case 'field':
      case 'feature':
        return void this.write(quoteName(expr.name))
      case 'windowEdge':
        return void this.write(`window_${expr.edge}`)
      case 'unary': {
        if (expr.op === 'not') this.write('NOT ').expr(expr.arg, BINDS.not)
        else this.write('-').expr(expr.arg, BINDS.primary)
        return
      }
      case 'binary': {
        const { text, binds, leftAssociative } = OPERATORS[expr.op]
        this.expr(expr.left, leftAssociative ? binds : binds + 1)
        this.write(` ${text} `).expr(expr.right, binds + 1)
        return
      }
      case 'isNull':
        this.expr(expr.arg, BINDS.like + 1)
        return void this.write(expr.negated ? ' IS NOT NULL' : ' IS NULL')
      case 'isDistinct':
        this.expr(expr.left, BINDS.like + 1)
        this.write(expr.negated ? ' IS NOT DISTINCT FROM ' : ' IS DISTINCT FROM ').expr(expr.right, BINDS.like + 1)
        return
      case 'in':
        this.expr(expr.arg, BINDS.other)
        this.write(expr.negated ? ' NOT IN (' : ' IN (').list(expr.list, (item) => this.expr(item))
        return void this.write(')')
      case 'like':
        this.expr(expr.arg, BINDS.other)
        this.write(`${expr.negated ? ' NOT' : ''} ${expr.insensitive ? 'ILIKE' : 'LIKE'} `).expr(expr.pattern, BINDS.other)
        if (expr.escape !== undefined) this.write(` ESCAPE ${quoteText(expr.escape)}`)
        return
      case 'case':
        this.write('CASE')
        for (const { when, then } of expr.branches) {
          this.write(' WHEN ').expr(when)
          this.write(' THEN ').expr(then)
        }
        if (expr.otherwise) this.write(' ELSE ').expr(expr.otherwise)
        return void this.write(' END')
      case 'call':
        this.write(`${FUNCTION_TEXT[expr.name] ?? expr.name}(`).list(expr.args, (arg) => this.expr(arg))
        return void this.write(')')
      case 'cast': {
        const loose = expr.arg.kind === 'aggregate' || expr.arg.kind === 'interval' || expr.arg.kind === 'case'
        this.expr(expr.arg, loose ? BINDS.primary + 1 : BINDS.primary)
        return void this.write(`::${typeToSql(expr.type)}`)
      }
      case 'aggregate':
        this.aggregateHead(expr)
        if (expr.window === GROUP_WINDOW) return
        this.write(' ')
        this.over(expr)
        return
      case 'code':
        this.write(`${quoteName(expr.feature)}(`)
        this.list(expr.args, ({ name, value }) => this.write(`${quoteName(name)} => `).expr(value))
        this.write(')')
        if (this.#partition !== undefined) this.write(` OVER (${this.#partition})`)
    }
  }

  /** `COUNT(*) FILTER (WHERE …)`, without its OVER. */
  aggregateHead(expr: Extract<Expr, { kind: 'aggregate' }>): void {
    this.write(`${expr.fn.toUpperCase()}(${expr.distinct ? 'DISTINCT ' : ''}${expr.star ? '*' : ''}`)
    this.list(expr.args, (arg) => this.expr(arg))
    this.write(')')
    if (!expr.filter) return
    this.write(' FILTER (WHERE ').expr(expr.filter)
    this.write(')')
  }

  over(expr: Extract<Expr, { kind: 'aggregate' }>): void {
    this.write('OVER ')
    this.mark(expr, 'window', () => this.write(quoteName(expr.window)))
  }
}

function literalText({ type, value }: Extract<Expr, { kind: 'literal' }>): string {
  if (type === 'string') return quoteText(String(value))
  if (type === 'double') return Number(value).toExponential()
  return String(value).toUpperCase()
}

/** `INTERVAL '3' HOUR`; several units as `INTERVAL '1 day 90 minutes'`. Milliseconds have no SQL unit of their own. */
export function intervalSql(interval: Interval): string {
  const pieces = intervalPieces(interval)
  const [first] = pieces
  if (pieces.length === 1 && first && first.unit !== 'millisecond') return `INTERVAL '${first.count}' ${first.unit.toUpperCase()}`
  return `INTERVAL '${formatInterval(interval)}'`
}

function boundSql(bound: Bound | RowBound): string {
  if (bound.kind === 'current') return 'CURRENT ROW'
  if (bound.kind === 'unbounded') return 'UNBOUNDED PRECEDING'
  return `${bound.kind === 'rows' ? bound.count : intervalSql(bound.interval)} PRECEDING`
}

export function printExpr(expr: Expr): string {
  return printKeyedExpr(expr, undefined)
}

/** `partition`: what the OVER of a feature in TypeScript says, where no window of the view says it; see `partitionOf`. */
export function printKeyedExpr(expr: Expr, partition: string | undefined): string {
  const printer = new Printer({}, partition)
  printer.expr(expr)
  return printer.text
}

const excludeSql = ({ exclude }: Pick<Window, 'exclude'>): string => (exclude ? ` EXCLUDE ${exclude.replace('_', ' ').toUpperCase()}` : '')

/** The key and the order, as a window without a frame. */
export function partitionOf(key: readonly string[], eventTime = 'event_time'): string {
  return `PARTITION BY ${key.map(quoteName).join(', ')} ORDER BY ${quoteName(eventTime)}`
}

/** `RANGE BETWEEN INTERVAL '3' HOUR PRECEDING AND CURRENT ROW EXCLUDE TIES` */
export function printFrame(window: Pick<Window, 'mode' | 'start' | 'end' | 'exclude'>): string {
  return `${window.mode.toUpperCase()} BETWEEN ${boundSql(window.start)} AND ${boundSql(window.end)}${excludeSql(window)}`
}

/** The frame with what hints say of it: `RANGE BETWEEN … AND CURRENT ROW, PRECISION '1 hour'` */
export function printWindow(window: Window): string {
  const hints = windowHints(window).map(({ name, value }) => `, ${name} ${value}`)
  return `${printFrame(window)}${hints.join('')}`
}

/** `TUMBLE(event_time, INTERVAL '1' HOUR)` */
export function printGroup(group: GroupWindow, order = 'event_time'): string {
  const lengths = groupLengths(group).map(([, length]) => intervalSql(length))
  return `${group.kind.toUpperCase()}(${[order, ...lengths].join(', ')})`
}

/** In the order of Flink's functions. */
function groupLengths(group: GroupWindow): [part: string, length: Interval][] {
  if (group.kind === 'tumble') return [['size', group.size]]
  if (group.kind === 'session') return [['gap', group.gap]]
  return [
    ['slide', group.slide],
    ['size', group.size],
  ]
}

/** Columns are padded to line up, but not beyond this width: one long line must not push all others away. */
const MAX_ALIGNED = 60

export function printView(definition: ViewDefinition, options: PrintOptions = {}): string {
  const { features, windows, group, key, hints } = definition
  const order = quoteName(options.eventTime ?? 'event_time')
  const partition = partitionOf(key, options.eventTime)
  const ofCode = windows.length === 0 ? partition : undefined
  const printer = new Printer(options, ofCode)
  const indent = '       '
  printer.write('SELECT ')
  const hintParts = hintsOf(hints, windows)
  if (hintParts.length > 0) {
    printer.write('/*+ ')
    printer.list(
      hintParts,
      ({ node = definition, part, name, value }) => {
        printer.mark(node, part, () => printer.write(name))
        printer.write(value)
      },
      ' ',
    )
    printer.write(` */\n${indent}`)
  }
  printer.list(
    key.map((name, i) => ({ name, i })),
    ({ name, i }) => printer.mark(definition, `key.${i}`, () => printer.write(quoteName(name))),
  )

  const heads = features.map(({ expr }) => headWidth(expr, ofCode))
  const overColumn = Math.max(0, ...features.map(({ expr }, i) => (isOver(expr) && (heads[i] ?? 0) <= MAX_ALIGNED ? (heads[i] ?? 0) : 0)))
  const widths = features.map(({ expr }, i) =>
    isOver(expr) ? Math.max(heads[i] ?? 0, overColumn) + 1 + `OVER ${quoteName(expr.window)}`.length : (heads[i] ?? 0),
  )
  const asColumn = Math.max(0, ...widths.filter((width) => width <= MAX_ALIGNED + 20))
  for (const [i, feature] of features.entries()) {
    printer.write(`,\n${indent}`)
    printFeature(printer, feature, heads[i] ?? 0, overColumn, widths[i] ?? 0, asColumn)
  }

  printer.write('\nFROM ')
  printFrom(printer, definition)
  if (definition.where) printer.write('\nWHERE ').expr(definition.where)
  if (group) {
    printer.write(`\nGROUP BY ${key.map(quoteName).join(', ')}, `)
    printer.mark(group, '', () => {
      printer.write(`${group.kind.toUpperCase()}(${order}`)
      for (const [part, length] of groupLengths(group)) {
        printer.write(', ')
        printer.mark(group, part, () => printer.write(intervalSql(length)))
      }
      printer.write(')')
    })
  }
  const nameWidth = Math.max(0, ...windows.map(({ name }) => quoteName(name).length))
  const modeWidth = Math.max(0, ...windows.map(({ mode }) => mode.length))
  const startWidth = Math.max(0, ...windows.map(({ start }) => boundSql(start).length))
  for (const [i, window] of windows.entries()) {
    printer.write(i === 0 ? '\nWINDOW ' : `,\n${indent}`)
    printer.mark(window, 'name', () => printer.write(quoteName(window.name)))
    printer.write(' '.repeat(nameWidth - quoteName(window.name).length))
    printer.write(` AS (${partition} `)
    printer.write(`${window.mode.toUpperCase()}${' '.repeat(modeWidth - window.mode.length)} BETWEEN `)
    printer.mark(window, 'start', () => printer.write(boundSql(window.start)))
    printer.write(`${' '.repeat(startWidth - boundSql(window.start).length)} AND `)
    printer.mark(window, 'end', () => printer.write(boundSql(window.end)))
    printer.write(`${excludeSql(window)})`)
  }
  return `${printer.text}\n`
}

function printFrom(printer: Printer, definition: ViewDefinition): void {
  const { stream, union } = definition
  if (union) {
    for (const [i, branch] of union.entries()) {
      printer.write(i === 0 ? '(\n  ' : '\n  UNION ALL\n  ')
      printBranch(printer, branch)
    }
    printer.write('\n) AS ')
  }
  printer.mark(definition, 'stream', () => printer.write(quoteName(stream)))
}

/** What FROM says, in one line: `flights`, or `(SELECT … UNION ALL SELECT …) AS events` */
export function printSource(definition: ViewDefinition): string {
  const printer = new Printer()
  printFrom(printer, definition)
  return printer.text.replaceAll(/\s*\n\s*/g, ' ')
}

function printBranch(printer: Printer, branch: UnionBranch): void {
  printer.write('SELECT ').list(branch.columns, (column) => {
    printer.expr(column.expr)
    printName(printer, column)
  })
  printer.write('\n  FROM ')
  printer.mark(branch, 'stream', () => printer.write(quoteName(branch.stream)))
  if (branch.where) printer.write('\n  WHERE ').expr(branch.where)
}

/** What keeps its name stands without AS. */
function printName(printer: Printer, named: { name: string; expr: Expr }): void {
  const { name, expr } = named
  if (expr.kind === 'field' && expr.name === name) {
    printer.mark(named, 'name', () => {})
    return
  }
  printer.write(' AS ')
  printer.mark(named, 'name', () => printer.write(quoteName(name)))
}

type OverAggregate = Extract<Expr, { kind: 'aggregate' }>
const isOver = (expr: Expr): expr is OverAggregate => expr.kind === 'aggregate' && expr.window !== GROUP_WINDOW

function headWidth(expr: Expr, ofCode: string | undefined): number {
  const printer = new Printer({}, ofCode)
  if (expr.kind === 'aggregate') printer.aggregateHead(expr)
  else printer.expr(expr)
  return printer.text.length
}

function printFeature(printer: Printer, feature: Feature, head: number, overColumn: number, width: number, asColumn: number): void {
  const { name, expr } = feature
  if (isOver(expr)) {
    printer.mark(expr, '', () => {
      printer.aggregateHead(expr)
      printer.write(' '.repeat(Math.max(0, overColumn - head) + 1)).over(expr)
    })
  } else printer.expr(expr)
  // what keeps its name stands without AS
  if ((expr.kind === 'field' && expr.name === name) || (expr.kind === 'windowEdge' && name === `window_${expr.edge}`)) {
    printer.mark(feature, 'name', () => {})
    return
  }
  printer.write(`${' '.repeat(Math.max(0, asColumn - width))} AS `)
  printer.mark(feature, 'name', () => printer.write(quoteName(name)))
}

type HintPart = { node?: object; part: string; name: string; value: string }

function hintsOf(hints: ViewDefinition['hints'], windows: readonly WindowHints[]): HintPart[] {
  const parts: HintPart[] = []
  if (hints.order) parts.push({ part: 'hints', name: 'ORDER', value: `('${hints.order}')` })
  if (hints.readClock) parts.push({ part: 'hints', name: 'READ_CLOCK', value: `('${hints.readClock}')` })
  for (const window of windows)
    for (const { part, name, value } of windowHints(window))
      parts.push({ node: window, part, name, value: `(${quoteName(window.name)}, ${value})` })
  return parts
}

/** What hints say of a window. */
export type WindowHints = { name: string; maxRows?: number | undefined; precision?: Interval | undefined }

function windowHints({ maxRows, precision }: Omit<WindowHints, 'name'>): { part: string; name: string; value: string }[] {
  return [
    ...(maxRows === undefined ? [] : [{ part: 'maxRows', name: 'MAX_ROWS', value: String(maxRows) }]),
    ...(precision ? [{ part: 'precision', name: 'PRECISION', value: `'${formatInterval(precision)}'` }] : []),
  ]
}

/** A hint comment with ORDER('event_time') READ_CLOCK('event') PRECISION(w, '1 hour'), or nothing. */
export function printHints(hints: ViewDefinition['hints'], windows: readonly WindowHints[] = []): string {
  const parts = hintsOf(hints, windows).map(({ name, value }) => `${name}${value}`)
  return parts.length ? `/*+ ${parts.join(' ')} */` : ''
}
