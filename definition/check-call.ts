/** Functions: how many arguments of which types they take, and what comes out. The table is in `types.ts`. */
import type { Checked, Done, Need, Report } from './check-scope.ts'
import { asTimestamp, comparable, unify } from './check-values.ts'
import { countArgument, MAX_LAG, MAX_LISTED, scalarArity } from './functions.ts'
import { DAY_MS } from './interval.ts'
import { DATE_PARTS, datePart, type PartFunction, type Signature, signatureOf, type Taken } from './scalars.ts'
import type { Expr, ScalarName } from './model.ts'
import { decimal, decimalScale, type ExprType, isCollection, isDecimal, isNumeric, listOf, mapOf } from './types.ts'

const SAME_TYPE_NUMERIC: ReadonlySet<ScalarName> = new Set(['abs', 'round', 'floor', 'ceil', 'trunc'])

export function checkCall(expr: Extract<Expr, { kind: 'call' }>, args: Checked[], done: Done, need: Need, report: Report): Checked {
  const { name } = expr
  const { min, max } = scalarArity(name)
  const plain: Expr = { ...expr, args: args.map((arg) => arg.expr) }
  if (args.length < min || args.length > max) {
    const wanted = min === max ? `${min}` : max >= 100 ? `at least ${min}` : `${min} or ${max}`
    report(
      'wrong_arguments',
      expr,
      `${name} takes ${wanted} argument${wanted === '1' || wanted === 'at least 1' ? '' : 's'}, not ${args.length}`,
    )
    return done('unknown', plain)
  }
  const signature = signatureOf(name)
  if (signature) return checkSigned(expr, signature, args, done, report)
  const [first, second] = args as [Checked, Checked | undefined]
  const [firstAt, secondAt] = expr.args as [Expr, Expr | undefined]
  if (name === 'coalesce' || name === 'greatest' || name === 'least') {
    const { type, exprs } = unify(args, expr.args, `the arguments of ${name}`, report)
    if (name !== 'coalesce' && isCollection(type)) report('type_mismatch', expr, `${name} cannot compare lists and maps (${type})`)
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
    report(
      'type_mismatch',
      expr.args[i] ?? expr,
      `${name} needs ${name === 'div' || i === 1 ? 'an int' : 'a number'} here, this is ${arg.type}`,
    )
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

const TAKEN_NAMES: Record<Taken, string> = { string: 'a text', int: 'an int', number: 'a number', timestamp: 'a timestamp', part: 'a part' }

function checkSigned(call: Extract<Expr, { kind: 'call' }>, signature: Signature, args: Checked[], done: Done, report: Report): Checked {
  const { name } = call
  const { takes, gives } = signature
  let type: ExprType = gives
  const exprs = args.map((given, i) => {
    const wanted = takes[Math.min(i, takes.length - 1)] as Taken
    const at = call.args[i] ?? call
    if (wanted === 'part') {
      const part = given.expr.kind === 'literal' ? datePart(name as PartFunction, String(given.expr.value)) : undefined
      if (part === 'epoch') type = 'double'
      if (part) return { kind: 'literal' as const, type: 'string' as const, value: part }
      const parts = DATE_PARTS[name as PartFunction]
      if (given.type !== 'unknown')
        report(
          'wrong_arguments',
          at,
          `${name} needs one of its parts as a constant here`,
          `parts are ${parts.map((one) => `'${one}'`).join(', ')}`,
        )
      return given.expr
    }
    const arg = wanted === 'timestamp' ? asTimestamp(given, 'timestamp', report) : given
    const fits = wanted === 'number' ? isNumeric(arg.type) : arg.type === wanted
    if (!fits && arg.type !== 'null' && arg.type !== 'unknown')
      report(
        'type_mismatch',
        at,
        `${name} needs ${TAKEN_NAMES[wanted]} here, this is ${arg.type}`,
        wanted === 'string' ? 'turn it into text: x::varchar' : undefined,
      )
    return arg.expr
  })
  return done(type, { ...call, args: exprs })
}

/** Fractions as a constant between 0 and 1, or undefined. */
export function fractionOf(expr: Expr | undefined): number | undefined {
  const value = expr?.kind === 'decimal' ? Number(expr.text) : expr?.kind === 'literal' ? expr.value : undefined
  return typeof value === 'number' && value >= 0 && value <= 1 ? value : undefined
}

export function aggregateType(expr: Extract<Expr, { kind: 'aggregate' }>, args: readonly Checked[], report: Report): ExprType {
  const { fn } = expr
  const label = fn.toUpperCase()
  const interval = args.findIndex(({ type }, i) => type === 'interval' && !(fn === 'exp_decay_sum' && i === 1))
  if (interval >= 0) {
    report('type_mismatch', expr.args[interval] ?? expr, `${label} does not take an interval`)
    return 'unknown'
  }
  const arg = args[0]?.type ?? 'int'
  const at = expr.args[0] ?? expr
  const fits = (good: boolean, wanted: string, hint?: string): boolean => {
    if (good || arg === 'null' || arg === 'unknown') return true
    report('type_mismatch', at, `${label} ${wanted}, this is ${arg}`, hint)
    return false
  }
  const number = () => fits(isNumeric(arg), 'needs a number', arg === 'boolean' ? 'COUNT_IF counts where a condition holds' : undefined)
  switch (fn) {
    case 'count':
      return 'int'
    case 'count_if':
      fits(arg === 'boolean', 'counts where a condition holds', 'COUNT_IF(x > 0)')
      return 'int'
    case 'bool_and':
    case 'bool_or':
      fits(arg === 'boolean', 'needs a condition', `${label}(x > 0)`)
      return 'boolean'
    case 'sum':
      if (!number()) return 'unknown'
      return isDecimal(arg) ? decimal(decimalScale(arg) ?? 0) : arg === 'null' ? 'int' : arg
    case 'avg':
    case 'stddev_samp':
    case 'stddev_pop':
    case 'var_samp':
    case 'var_pop':
    case 'skewness':
    case 'skewness_pop':
    case 'kurtosis':
    case 'kurtosis_pop':
    case 'median':
    case 'quantile_cont':
    case 'approx_quantile':
    case 'exp_decay_sum':
      if (!number()) return 'unknown'
      if (fn === 'exp_decay_sum') checkHalfLife(expr, args, report)
      if (fn === 'quantile_cont' || fn === 'approx_quantile') checkFraction(expr, args, report)
      return arg === 'unknown' ? 'unknown' : 'double'
    case 'quantile_disc':
      checkFraction(expr, args, report)
      return arg
    case 'entropy':
      return 'double'
    case 'time_since_last':
    case 'approx_count_distinct':
      return 'int'
    case 'list':
      return listOf(arg)
    case 'histogram':
      return mapOf(arg)
    case 'min':
    case 'max':
    case 'arg_min':
    case 'arg_max':
      return isListed(expr) && checkListed(expr, report) ? listOf(arg) : arg
    case 'lag':
      if (lagOf(args[1]?.expr) === undefined)
        report('wrong_arguments', expr.args[1] ?? expr, `LAG needs a whole number between 1 and ${MAX_LAG} here`, 'LAG(x, 2)')
      return arg
    default:
      return arg
  }
}

/** How many rows LAG looks back; 1 where nothing is said, undefined where it is no constant from 1 to `MAX_LAG`. */
export function lagOf(expr: Expr | undefined): number | undefined {
  if (!expr) return 1
  const value = expr.kind === 'literal' && expr.type === 'int' ? Number(expr.value) : 0
  return value >= 1 && value <= MAX_LAG ? value : undefined
}

type AggregateExpr = Extract<Expr, { kind: 'aggregate' }>

/** True: MIN, MAX, ARG_MIN or ARG_MAX of the form that gives a list. */
export function isListed({ fn, args }: AggregateExpr): boolean {
  const at = countArgument(fn)
  return at !== undefined && args.length > at
}

/** How many values such a list holds at most; undefined where that is no constant from 1 to `MAX_LISTED`. */
export function listedOf({ fn, args }: AggregateExpr): number | undefined {
  const count = args[countArgument(fn) ?? -1]
  const value = count?.kind === 'literal' && count.type === 'int' ? Number(count.value) : 0
  return value >= 1 && value <= MAX_LISTED ? value : undefined
}

function checkListed(expr: AggregateExpr, report: Report): boolean {
  if (listedOf(expr) !== undefined) return true
  const at = countArgument(expr.fn)!
  const example = expr.fn.startsWith('arg_') ? 'ARG_MAX(x, event_time, 10) is the last ten' : 'MAX(x, 3) is the three largest'
  report('wrong_arguments', expr.args[at] ?? expr, `the length of a list must be a whole number between 1 and ${MAX_LISTED}`, example)
  return false
}

/** Milliseconds of a half-life, or undefined. A month has no one length. */
export function halfLifeMs(expr: Expr | undefined): number | undefined {
  if (expr?.kind !== 'interval' || expr.value.months !== 0) return undefined
  const length = expr.value.days * DAY_MS + expr.value.ms
  return length > 0 ? length : undefined
}

function checkHalfLife(expr: Extract<Expr, { kind: 'aggregate' }>, args: readonly Checked[], report: Report): void {
  if (halfLifeMs(args[1]?.expr) !== undefined || args[1]?.type === 'unknown') return
  report(
    'wrong_arguments',
    expr.args[1] ?? expr,
    'EXP_DECAY_SUM needs its half-life here: an interval above zero, without months',
    "EXP_DECAY_SUM(x, INTERVAL '1' DAY)",
  )
}

function checkFraction(expr: Extract<Expr, { kind: 'aggregate' }>, args: readonly Checked[], report: Report): void {
  if (fractionOf(args[1]?.expr) !== undefined || args[1]?.type === 'unknown') return
  const label = expr.fn.toUpperCase()
  report('wrong_arguments', expr.args[1] ?? expr, `${label} needs a constant between 0 and 1 here`, `${label}(x, 0.9)`)
}
