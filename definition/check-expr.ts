/**
 * Types, names and places of one expression. Walks the tree once, reports every problem it finds through `report`, and
 * gives back the expression in its normal form (the one that the printer writes and the parser reads back unchanged).
 */
import { SCALAR_ARITY } from './functions.ts'
import { isNegative } from './interval.ts'
import type { Expr, FieldType, ScalarName } from './model.ts'
import type { ProblemCode } from './problem-codes.ts'
import { didYouMean } from './suggest.ts'
import { arithmeticType, canCast, commonType, decimal, decimalConstantType, decimalScale, type ExprType, isDecimal, isNumeric, isValidType, MAX_INT } from './types.ts'

export type Report = (code: ProblemCode, node: object, message: string, hint?: string, part?: string) => void

export type Scope = {
  fields: ReadonlyMap<string, FieldType>
  key: ReadonlySet<string>
  /** Columns defined so far, with type and whether they look at the key's latest event. */
  features: ReadonlyMap<string, { type: ExprType; latest: boolean }>
  /** All columns of the view, to tell a forward reference from an unknown name. */
  allFeatures: ReadonlySet<string>
  /** Columns that are nothing but the field of their own name: a reference to them is the field. */
  plainFields: ReadonlySet<string>
  windows: ReadonlySet<string>
  /** Expressions that could not be read; their problem is reported already. */
  unread: WeakSet<object>
  report: Report
}
/** Where the expression stands: in the select list, in WHERE, or inside an aggregate. */
export type Position = 'select' | 'where' | 'aggregate'
export type Checked = { expr: Expr; type: ExprType; latest: boolean }

const POSITION_NAMES: Record<Position, string> = { select: 'here', where: 'in WHERE', aggregate: 'inside another aggregate or its FILTER' }

export function checkExpr(expr: Expr, scope: Scope, position: Position): Checked {
  const { report } = scope
  if (scope.unread.has(expr)) return { expr, type: 'unknown', latest: false }
  let latest = false
  const sub = (child: Expr, inside: Position = position): Checked => {
    const checked = checkExpr(child, scope, inside)
    latest ||= checked.latest
    return checked
  }
  const done = (type: ExprType, result: Expr): Checked => ({ expr: result, type, latest })
  const need = (child: Checked, at: Expr, wanted: 'boolean' | 'string', what: string): void => {
    if (child.type === wanted || child.type === 'null' || child.type === 'unknown') return
    report('type_mismatch', at, `${what} must be ${wanted}, this is ${child.type}`, wanted === 'string' ? 'turn it into text: x::varchar' : 'compare it with something, such as x > 0')
  }

  switch (expr.kind) {
    case 'literal':
      return done(checkLiteral(expr, report), Object.is(expr.value, -0) ? { ...expr, value: 0 } : expr)
    case 'decimal':
      return done(decimalConstantType(expr.text), expr)
    case 'interval':
      if (isNegative(expr.value)) report('bad_interval', expr, 'an interval cannot be negative', 'subtract it instead')
      return done('interval', expr)
    case 'field':
      return checkField(expr, scope, position)
    case 'feature':
      return checkFeature(expr, scope, position)
    case 'unary': {
      const arg = sub(expr.arg)
      if (expr.op === 'not') {
        need(arg, expr.arg, 'boolean', 'the operand of NOT')
        return done('boolean', { kind: 'unary', op: 'not', arg: arg.expr })
      }
      if (!isNumeric(arg.type) && arg.type !== 'null' && arg.type !== 'unknown') report('type_mismatch', expr, `- needs a number, this is ${arg.type}`)
      return done(arg.type === 'interval' ? 'unknown' : arg.type, negate(arg.expr))
    }
    case 'binary':
      return checkBinary(expr, sub, done, need, report)
    case 'isNull': {
      const arg = sub(expr.arg)
      return done('boolean', { ...expr, arg: arg.expr })
    }
    case 'isDistinct': {
      const [left, right] = comparable(sub(expr.left), sub(expr.right), expr, report)
      return done('boolean', { ...expr, left: left.expr, right: right.expr })
    }
    case 'in': {
      const arg = sub(expr.arg)
      const list = expr.list.map((item) => comparable(arg, sub(item), item, report)[1].expr)
      return done('boolean', { ...expr, arg: arg.expr, list })
    }
    case 'like': {
      const [arg, pattern] = [sub(expr.arg), sub(expr.pattern)]
      need(arg, expr.arg, 'string', 'the left side of LIKE')
      need(pattern, expr.pattern, 'string', 'the pattern of LIKE')
      return done('boolean', { ...expr, arg: arg.expr, pattern: pattern.expr })
    }
    case 'case': {
      const whens = expr.branches.map(({ when }) => {
        const checked = sub(when)
        need(checked, when, 'boolean', 'a WHEN condition')
        return checked.expr
      })
      const results = [...expr.branches.map(({ then }) => then), ...(expr.otherwise ? [expr.otherwise] : [])]
      const { type, exprs } = unify(results.map((result) => sub(result)), results, 'the results of CASE', report)
      const branches = whens.map((when, i) => ({ when, then: exprs[i] as Expr }))
      const otherwise = expr.otherwise ? exprs[exprs.length - 1] : undefined
      return done(type, otherwise ? { kind: 'case', branches, otherwise } : { kind: 'case', branches })
    }
    case 'cast': {
      const arg = sub(expr.arg)
      if (!isValidType(expr.type)) {
        report('unknown_type', expr, `${expr.type} does not exist: a decimal has 1 to 15 digits, and no more of them behind the point`, 'decimal(15,2), for example')
        return done('unknown', { ...expr, arg: arg.expr })
      }
      if (arg.type === 'interval' || !canCast(arg.type, expr.type)) report('type_mismatch', expr, `${arg.type} cannot be cast to ${expr.type}`)
      if (expr.type === 'timestamp' && expr.arg.kind === 'literal' && expr.arg.type === 'string') checkTimestamp(expr.arg, report)
      return done(expr.type, { ...expr, arg: arg.expr })
    }
    case 'call': {
      const args = expr.args.map((arg) => sub(arg))
      return checkCall(expr, args, done, need, report)
    }
    case 'aggregate':
      return checkAggregate(expr, scope, position)
  }
}

type Sub = (child: Expr) => Checked
type Done = (type: ExprType, result: Expr) => Checked
type Need = (child: Checked, at: Expr, wanted: 'boolean' | 'string', what: string) => void

function checkLiteral(expr: Extract<Expr, { kind: 'literal' }>, report: Report): ExprType {
  const { type, value } = expr
  const fits = type === 'null' ? value === null : type === 'int' || type === 'double' ? typeof value === 'number' : typeof value === type
  if (!fits) report('bad_definition', expr, `a constant of type ${type} cannot be ${JSON.stringify(value)}`)
  else if (type === 'int' && (!Number.isInteger(value) || Math.abs(value as number) > MAX_INT)) {
    report('number_out_of_range', expr, 'an int is a whole number within ±9007199254740992 (2^53)', 'use a string for identifiers, decimal for money')
  } else if (type === 'double' && !Number.isFinite(value)) report('number_out_of_range', expr, 'this number is too large for a double')
  else if (typeof value === 'string' && (value.includes('\0') || !value.isWellFormed())) report('bad_character', expr, 'a text constant cannot hold NUL or half a character')
  return fits ? type : 'unknown'
}

function checkField(expr: Extract<Expr, { kind: 'field' }>, scope: Scope, position: Position): Checked {
  const type = scope.fields.get(expr.name)
  if (type) return { expr, type, latest: position === 'select' && !scope.key.has(expr.name) }
  const known = [...scope.fields.keys(), ...(position === 'select' ? scope.features.keys() : [])]
  scope.report('unknown_field', expr, `there is no field \`${expr.name}\``, didYouMean(expr.name, known) ?? `fields are ${listNames(known)}`)
  return { expr, type: 'unknown', latest: false }
}

function checkFeature(expr: Extract<Expr, { kind: 'feature' }>, scope: Scope, position: Position): Checked {
  const unknown: Checked = { expr, type: 'unknown', latest: false }
  if (scope.plainFields.has(expr.name)) return checkField({ kind: 'field', name: expr.name }, scope, position)
  if (!scope.allFeatures.has(expr.name)) {
    scope.report('unknown_field', expr, `there is no column \`${expr.name}\``, didYouMean(expr.name, [...scope.features.keys(), ...scope.fields.keys()]))
    return unknown
  }
  if (position !== 'select') {
    const message = position === 'where' ? 'WHERE sees the event, not the columns of the view' : 'an aggregate over another column of the view is not available yet'
    scope.report(position === 'where' ? 'unknown_field' : 'not_yet', expr, `${message} (\`${expr.name}\`)`, 'use fields of the event here')
    return unknown
  }
  const feature = scope.features.get(expr.name)
  if (!feature) {
    scope.report('forward_reference', expr, `\`${expr.name}\` is used before it is defined`, 'move this column below it')
    return unknown
  }
  return { expr, type: feature.type, latest: feature.latest }
}

function checkBinary(expr: Extract<Expr, { kind: 'binary' }>, sub: Sub, done: Done, need: Need, report: Report): Checked {
  const { op } = expr
  const [left, right] = [sub(expr.left), sub(expr.right)]
  const plain = { ...expr, left: left.expr, right: right.expr }
  if (op === 'and' || op === 'or') {
    need(left, expr.left, 'boolean', `the left side of ${op.toUpperCase()}`)
    need(right, expr.right, 'boolean', `the right side of ${op.toUpperCase()}`)
    return done('boolean', plain)
  }
  if (op === '||') {
    need(left, expr.left, 'string', 'the left side of ||')
    need(right, expr.right, 'string', 'the right side of ||')
    return done('string', plain)
  }
  if (op === '+' || op === '-' || op === '*' || op === '/' || op === '%') {
    const type = arithmeticType(op, left.type, right.type)
    if (type !== undefined) return done(type, plain)
    const bothTimes = left.type === 'timestamp' && right.type === 'timestamp'
    if (bothTimes && op === '-') report('not_yet', expr, 'the difference of two timestamps is not available yet')
    else if (op === '*' && isNumeric(left.type) && isNumeric(right.type)) {
      report('type_mismatch', expr, `${left.type} * ${right.type} has more than 15 digits behind the point`, 'cast one of them to double')
    } else report('type_mismatch', expr, `${op} does not go with ${left.type} and ${right.type}`, left.type === 'string' || right.type === 'string' ? 'join texts with ||' : undefined)
    return done('unknown', plain)
  }
  const [a, b] = comparable(left, right, expr, report)
  return done('boolean', { ...expr, left: a.expr, right: b.expr })
}

/** Both sides of a comparison; a text constant beside a timestamp is read as one, as in PostgreSQL and DuckDB. */
function comparable(left: Checked, right: Checked, at: Expr, report: Report): [Checked, Checked] {
  const a = asTimestamp(left, right.type, report)
  const b = asTimestamp(right, left.type, report)
  if (a.type === 'interval' || b.type === 'interval' || commonType(a.type, b.type) === undefined) {
    const texts = [a, b].some(({ type, expr }) => type === 'string' && expr.kind === 'literal')
    report('type_mismatch', at, `${a.type} and ${b.type} cannot be compared`, texts ? 'text stands in quotes, numbers without' : 'cast one side')
  }
  return [a, b]
}

function asTimestamp(checked: Checked, other: ExprType, report: Report): Checked {
  const { expr } = checked
  if (other !== 'timestamp' || expr.kind !== 'literal' || expr.type !== 'string') return checked
  checkTimestamp(expr, report)
  return { ...checked, type: 'timestamp', expr: { kind: 'cast', arg: expr, type: 'timestamp' } }
}

/** PostgreSQL and DuckDB drop a zone in a TIMESTAMP constant without a word; here it is refused instead. */
function checkTimestamp(expr: Extract<Expr, { kind: 'literal' }>, report: Report): void {
  if (timestampConstantMs(String(expr.value)) !== undefined) return
  report('bad_literal', expr, `'${String(expr.value).slice(0, 60)}' is not a timestamp`, "write it in UTC: '2001-02-28 23:59:59.999'")
}

/** Epoch milliseconds of `2001-02-28`, `2001-02-28 23:59[:59[.999]]`, with T or a space, with Z or nothing; else undefined. */
export function timestampConstantMs(text: string): number | undefined {
  const match = /^\s*(\d{4})-(\d{2})-(\d{2})(?:[ T](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,3}))?)?(?:Z|\+00(?::00)?)?)?\s*$/i.exec(text)
  if (!match) return undefined
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map((part) => Number(part ?? 0))
  const ms = Date.UTC(year, month - 1, day, hour, minute, second, Number((match[7] ?? '').padEnd(3, '0')))
  const date = new Date(ms)
  const exact = year >= 100 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day && hour < 24 && minute < 60 && second < 60
  return exact ? ms : undefined
}

function unify(checked: Checked[], at: Expr[], what: string, report: Report): { type: ExprType; exprs: Expr[] } {
  const anyTimestamp = checked.some(({ type }) => type === 'timestamp')
  const sides = anyTimestamp ? checked.map((one) => asTimestamp(one, 'timestamp', report)) : checked
  let type: ExprType = 'null'
  for (const [i, side] of sides.entries()) {
    const common: ExprType | undefined = side.type === 'interval' ? undefined : commonType(type, side.type)
    if (common === undefined) {
      report('type_mismatch', at[i] ?? {}, `${what} must have one type: ${type} and ${side.type} do not go together`, 'cast one of them')
      type = 'unknown'
    } else type = common
  }
  return { type, exprs: sides.map(({ expr }) => expr) }
}

const SAME_TYPE_NUMERIC: ReadonlySet<ScalarName> = new Set(['abs', 'round', 'floor', 'ceil'])

function checkCall(expr: Extract<Expr, { kind: 'call' }>, args: Checked[], done: Done, need: Need, report: Report): Checked {
  const { name } = expr
  const { min, max } = SCALAR_ARITY[name]
  const plain: Expr = { ...expr, args: args.map((arg) => arg.expr) }
  if (args.length < min || args.length > max) {
    const wanted = min === max ? `${min}` : max >= 100 ? `at least ${min}` : `${min} or ${max}`
    report('wrong_arguments', expr, `${name} takes ${wanted} argument${wanted === '1' || wanted === 'at least 1' ? '' : 's'}, not ${args.length}`)
    return done('unknown', plain)
  }
  const [first, second] = args as [Checked, Checked | undefined]
  const [firstAt, secondAt] = expr.args as [Expr, Expr | undefined]
  if (name === 'coalesce' || name === 'greatest' || name === 'least') {
    const { type, exprs } = unify(args, expr.args, `the arguments of ${name}`, report)
    return done(type, { ...expr, args: exprs })
  }
  if (name === 'nullif' && second && secondAt) {
    const [a, b] = comparable(first, second, expr, report)
    return done(a.type, { ...expr, args: [a.expr, b.expr] })
  }
  if (name === 'lower' || name === 'upper' || name === 'length') {
    need(first, firstAt, 'string', `the argument of ${name}`)
    return done(name === 'length' ? 'int' : 'string', plain)
  }
  for (const [i, arg] of args.entries()) {
    const fits = name === 'div' || i === 1 ? arg.type === 'int' : isNumeric(arg.type)
    if (fits || arg.type === 'null' || arg.type === 'unknown') continue
    report('type_mismatch', expr.args[i] ?? expr, `${name} needs ${name === 'div' || i === 1 ? 'an int' : 'a number'} here, this is ${arg.type}`)
    return done('unknown', plain)
  }
  if (name === 'div') return done('int', plain)
  let digits = 0
  if (name === 'round' && second && secondAt) {
    const constant = second.expr.kind === 'literal' && second.expr.type === 'int' ? Number(second.expr.value) : undefined
    if (constant === undefined || Math.abs(constant) > 15) {
      report('wrong_arguments', secondAt, 'the digits of round must be a whole number between -15 and 15', 'round(x, 2)')
      return done('unknown', plain)
    }
    digits = constant
  }
  if (!SAME_TYPE_NUMERIC.has(name)) return done('unknown', plain)
  const rounded = name !== 'abs' && isDecimal(first.type)
  return done(rounded ? decimal(Math.min(Math.max(digits, 0), decimalScale(first.type) ?? 0)) : first.type, plain)
}

function checkAggregate(expr: Extract<Expr, { kind: 'aggregate' }>, scope: Scope, position: Position): Checked {
  const { report } = scope
  const { fn } = expr
  const label = fn.toUpperCase()
  if (position !== 'select') report('aggregate_not_allowed', expr, `${label} cannot stand ${POSITION_NAMES[position]}`, position === 'where' ? 'WHERE chooses events before any window' : undefined)
  else if (!scope.windows.has(expr.window)) {
    const names = [...scope.windows]
    report('unknown_window', expr, `there is no window \`${expr.window}\``, didYouMean(expr.window, names) ?? (names.length ? `windows are ${listNames(names)}` : 'define it in a WINDOW clause'), 'window')
  }
  const args = expr.args.map((arg) => checkExpr(arg, scope, 'aggregate'))
  const filter = expr.filter ? checkExpr(expr.filter, scope, 'aggregate') : undefined
  if (filter && expr.filter && !['boolean', 'null', 'unknown'].includes(filter.type)) {
    report('type_mismatch', expr.filter, `the condition of FILTER must be boolean, this is ${filter.type}`, 'compare it with something, such as x > 0')
  }
  const distinct = expr.distinct && fn === 'count' // MIN and MAX of distinct values are MIN and MAX
  if (expr.distinct && !['count', 'min', 'max'].includes(fn)) report('not_yet', expr, `${label}(DISTINCT …) is not available yet`)
  if (expr.star ? fn !== 'count' || args.length > 0 || expr.distinct : args.length !== 1) {
    report('wrong_arguments', expr, expr.star ? `${label} cannot take *` : `${label} takes 1 argument, not ${args.length}`, fn === 'count' ? 'COUNT(*) counts events, COUNT(x) those where x is not null' : undefined)
    return { expr, type: 'unknown', latest: false }
  }
  const result: Expr = {
    kind: 'aggregate',
    fn,
    args: args.map((arg) => arg.expr),
    ...(expr.star && { star: true }),
    ...(distinct && { distinct: true }),
    ...(filter && { filter: filter.expr }),
    window: expr.window,
  }
  return { expr: result, type: aggregateType(expr, args[0]?.type ?? 'int', report), latest: false }
}

function aggregateType(expr: Extract<Expr, { kind: 'aggregate' }>, arg: ExprType, report: Report): ExprType {
  const { fn } = expr
  const at = expr.args[0] ?? expr
  if (arg === 'interval') {
    report('type_mismatch', at, `${fn.toUpperCase()} does not take an interval`)
    return 'unknown'
  }
  if (fn === 'count') return 'int'
  if (fn === 'count_if') {
    if (!['boolean', 'null', 'unknown'].includes(arg)) report('type_mismatch', at, `COUNT_IF counts where a condition holds, this is ${arg}`, 'COUNT_IF(x > 0)')
    return 'int'
  }
  if (arg === 'unknown' || (fn !== 'sum' && fn !== 'avg')) return arg
  if (!isNumeric(arg) && arg !== 'null') {
    report('type_mismatch', at, `${fn.toUpperCase()} needs a number, this is ${arg}`, arg === 'boolean' ? 'COUNT_IF counts where a condition holds' : undefined)
    return 'unknown'
  }
  if (fn === 'avg') return 'double'
  return isDecimal(arg) ? decimal(decimalScale(arg) ?? 0) : arg === 'null' ? 'int' : arg
}

/** -5 is a constant, not minus of 5; minus of minus of a constant is the constant: as PostgreSQL reads it. */
function negate(arg: Expr): Expr {
  if (arg.kind === 'literal' && typeof arg.value === 'number') return { ...arg, value: 0 - arg.value }
  if (arg.kind === 'unary' && arg.op === '-' && arg.arg.kind === 'decimal') return arg.arg
  return { kind: 'unary', op: '-', arg }
}

export function listNames(names: readonly string[]): string {
  const shown = names.slice(0, 8).map((name) => `\`${name}\``)
  return names.length > 8 ? `${shown.join(', ')} …` : shown.join(', ')
}

