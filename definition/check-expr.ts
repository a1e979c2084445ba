/**
 * Types, names and places of one expression. Walks the tree once, reports every problem it finds through `report`, and
 * gives back the expression in its normal form (the one that the printer writes and the parser reads back unchanged).
 */
import { aggregateType, checkCall, isListed, lagOf } from './check-call.ts'
import { checkGroupAggregate } from './check-group.ts'
import { checkCode } from './check-code.ts'
import { type Checked, type Done, listNames, type Need, type Position, type Report, type Scope, type Sub } from './check-scope.ts'
import { checkLiteral, checkTimestamp, comparable, negate, unify } from './check-values.ts'
import { aggregateArity, isMergeable, ofDistinct } from './functions.ts'
import { isNegative } from './interval.ts'
import type { AggregateName, Expr } from './model.ts'
import { didYouMean } from './suggest.ts'
import { arithmeticType, canCast, decimalConstantType, type ExprType, isNumeric, isValidType } from './types.ts'

const POSITION_NAMES: Record<Position, string> = {
  select: 'here',
  where: 'in WHERE',
  aggregate: 'inside another aggregate or its FILTER',
  input: 'as an input of a feature in TypeScript',
  branch: 'in a branch of a union',
}

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
    report(
      'type_mismatch',
      at,
      `${what} must be ${wanted}, this is ${child.type}`,
      wanted === 'string' ? 'turn it into text: x::varchar' : 'compare it with something, such as x > 0',
    )
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
    case 'windowEdge':
      return checkEdge(expr, scope, position)
    case 'unary': {
      const arg = sub(expr.arg)
      if (expr.op === 'not') {
        need(arg, expr.arg, 'boolean', 'the operand of NOT')
        return done('boolean', { kind: 'unary', op: 'not', arg: arg.expr })
      }
      if (!isNumeric(arg.type) && arg.type !== 'null' && arg.type !== 'unknown')
        report('type_mismatch', expr, `- needs a number, this is ${arg.type}`)
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
      if (expr.escape !== undefined && [...expr.escape].length !== 1)
        report('wrong_arguments', expr, 'ESCAPE needs one character', "LIKE '50!%' ESCAPE '!'")
      return done('boolean', { ...expr, arg: arg.expr, pattern: pattern.expr })
    }
    case 'case': {
      const whens = expr.branches.map(({ when }) => {
        const checked = sub(when)
        need(checked, when, 'boolean', 'a WHEN condition')
        return checked.expr
      })
      const results = [...expr.branches.map(({ then }) => then), ...(expr.otherwise ? [expr.otherwise] : [])]
      const { type, exprs } = unify(
        results.map((result) => sub(result)),
        results,
        'the results of CASE',
        report,
      )
      const branches = whens.map((when, i) => ({ when, then: exprs[i] as Expr }))
      const otherwise = expr.otherwise ? exprs[exprs.length - 1] : undefined
      return done(type, otherwise ? { kind: 'case', branches, otherwise } : { kind: 'case', branches })
    }
    case 'cast': {
      const arg = sub(expr.arg)
      if (!isValidType(expr.type)) {
        report(
          'unknown_type',
          expr,
          `${expr.type} does not exist: a decimal has 1 to 15 digits, and no more of them behind the point`,
          'decimal(15,2), for example',
        )
        return done('unknown', { ...expr, arg: arg.expr })
      }
      if (arg.type === 'interval' || !canCast(arg.type, expr.type))
        report('type_mismatch', expr, `${arg.type} cannot be cast to ${expr.type}`)
      if (expr.type === 'timestamp' && expr.arg.kind === 'literal' && expr.arg.type === 'string') checkTimestamp(expr.arg, report)
      return done(expr.type, { ...expr, arg: arg.expr })
    }
    case 'call': {
      const args = expr.args.map((arg) => sub(arg))
      return checkCall(expr, args, done, need, report)
    }
    case 'aggregate':
      return checkAggregate(expr, scope, position)
    case 'code':
      if (position !== 'select')
        report(
          'aggregate_not_allowed',
          expr,
          `\`${expr.feature}\` has state over the key's events and cannot stand ${POSITION_NAMES[position]}`,
        )
      return checkCode(expr, scope, (arg) => checkExpr(arg, scope, 'input'))
  }
}

function checkField(expr: Extract<Expr, { kind: 'field' }>, scope: Scope, position: Position): Checked {
  const type = scope.fields.get(expr.name)
  if (type) return { expr, type, latest: position === 'select' && !scope.key.has(expr.name) }
  const known = [...scope.fields.keys(), ...(position === 'select' ? scope.features.keys() : [])]
  scope.report(
    'unknown_field',
    expr,
    `there is no field \`${expr.name}\``,
    didYouMean(expr.name, known) ?? `fields are ${listNames(known)}`,
  )
  return { expr, type: 'unknown', latest: false }
}

function checkFeature(expr: Extract<Expr, { kind: 'feature' }>, scope: Scope, position: Position): Checked {
  const unknown: Checked = { expr, type: 'unknown', latest: false }
  if (scope.plainFields.has(expr.name)) return checkField({ kind: 'field', name: expr.name }, scope, position)
  if (!scope.allFeatures.has(expr.name)) {
    scope.report(
      'unknown_field',
      expr,
      `there is no column \`${expr.name}\``,
      didYouMean(expr.name, [...scope.features.keys(), ...scope.fields.keys()]),
    )
    return unknown
  }
  if (position !== 'select') {
    const message =
      position === 'where'
        ? 'WHERE sees the event, not the columns of the view'
        : `${position === 'input' ? 'a feature in TypeScript' : 'an aggregate'} over another column of the view is not available yet`
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

function checkEdge(expr: Extract<Expr, { kind: 'windowEdge' }>, scope: Scope, position: Position): Checked {
  const name = `window_${expr.edge}`
  if (!scope.isGroup) scope.report('unknown_field', expr, `${name} is of views with GROUP BY: a window of OVER is another for every event`)
  else if (position !== 'select')
    scope.report('unknown_field', expr, `${name} is known only for the whole row, not ${POSITION_NAMES[position]}`)
  else if (scope.fields.has(name)) scope.report('ambiguous_name', expr, `\`${name}\` is a field of the stream`)
  return { expr, type: 'timestamp', latest: false }
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
    if (bothTimes && op === '-')
      report('type_mismatch', expr, 'two timestamps are not subtracted', "DATE_DIFF('millisecond', a, b) is the time from a to b")
    else if (op === '*' && isNumeric(left.type) && isNumeric(right.type)) {
      report('type_mismatch', expr, `${left.type} * ${right.type} has more than 15 digits behind the point`, 'cast one of them to double')
    } else
      report(
        'type_mismatch',
        expr,
        `${op} does not go with ${left.type} and ${right.type}`,
        left.type === 'string' || right.type === 'string' ? 'join texts with ||' : undefined,
      )
    return done('unknown', plain)
  }
  const [a, b] = comparable(left, right, expr, report)
  return done('boolean', { ...expr, left: a.expr, right: b.expr })
}

function checkAggregate(expr: Extract<Expr, { kind: 'aggregate' }>, scope: Scope, position: Position): Checked {
  const { report } = scope
  const { fn } = expr
  const label = fn.toUpperCase()
  if (position !== 'select')
    report(
      'aggregate_not_allowed',
      expr,
      `${label} cannot stand ${POSITION_NAMES[position]}`,
      position === 'where' ? 'WHERE chooses events before any window' : undefined,
    )
  else if (scope.isGroup) checkGroupAggregate(expr, report)
  else if (!scope.windows.has(expr.window)) {
    const names = [...scope.windows.keys()]
    report(
      'unknown_window',
      expr,
      `there is no window \`${expr.window}\``,
      didYouMean(expr.window, names) ?? (names.length ? `windows are ${listNames(names)}` : 'define it in a WINDOW clause'),
      'window',
    )
  } else if (scope.windows.get(expr.window)?.precision && !isMergeable(fn)) {
    report(
      'bad_hint',
      expr,
      `${label} cannot be put together from the panes that PRECISION keeps of window \`${expr.window}\``,
      'take a window without PRECISION',
      'window',
    )
  }
  const args = expr.args.map((arg) => checkExpr(arg, scope, 'aggregate'))
  const filter = expr.filter ? checkExpr(expr.filter, scope, 'aggregate') : undefined
  if (filter && expr.filter && !['boolean', 'null', 'unknown'].includes(filter.type)) {
    report(
      'type_mismatch',
      expr.filter,
      `the condition of FILTER must be boolean, this is ${filter.type}`,
      'compare it with something, such as x > 0',
    )
  }
  const overDistinct = expr.distinct ? ofDistinct(fn, isListed(expr)) : undefined
  const distinct = overDistinct === 'counts' // MIN and MAX of distinct values are MIN and MAX
  if (expr.distinct && !overDistinct)
    report(
      'wrong_arguments',
      expr,
      `${label}(DISTINCT …) is not part of the language`,
      'COUNT, SUM, AVG, LIST and the statistics take DISTINCT',
    )
  const window = scope.windows.get(expr.window)
  if (fn === 'list' && !distinct && window?.start.kind === 'unbounded' && window.maxRows === undefined)
    report(
      'unbounded_list',
      expr,
      `LIST over \`${expr.window}\` would grow without end: the window has no far end`,
      'give the window a far end or a row cap (MAX_ROWS), or list distinct values or the last ones: ARG_MAX(x, event_time, 100)',
    )
  const arity = aggregateArity(fn)
  if (expr.star ? fn !== 'count' || args.length > 0 || expr.distinct : args.length < arity.min || args.length > arity.max) {
    report(
      'wrong_arguments',
      expr,
      expr.star
        ? `${label} cannot take *`
        : `${label} takes ${arity.min === arity.max ? '' : `${arity.min} or `}${arity.max} argument${arity.max === 1 ? '' : 's'}, not ${args.length}`,
      HINTS[fn],
    )
    return { expr, type: 'unknown', latest: false }
  }
  const result: Expr = {
    kind: 'aggregate',
    fn,
    args: (fn === 'lag' && lagOf(args[1]?.expr) === 1 ? args.slice(0, 1) : args).map((arg) => arg.expr),
    ...(expr.star && { star: true }),
    ...(distinct && { distinct: true }),
    ...(filter && { filter: filter.expr }),
    window: expr.window,
  }
  return { expr: result, type: aggregateType(expr, args, report), latest: false }
}

const HINTS: Partial<Record<AggregateName, string>> = {
  count: 'COUNT(*) counts events, COUNT(x) those where x is not null',
  quantile_cont: 'QUANTILE_CONT(x, 0.9)',
  quantile_disc: 'QUANTILE_DISC(x, 0.9)',
  approx_quantile: 'APPROX_QUANTILE(x, 0.9)',
  min: 'MIN(x), or MIN(x, 3) for a list of the three smallest',
  max: 'MAX(x), or MAX(x, 3) for a list of the three largest',
  arg_min: 'ARG_MIN(x, y) is x where y is smallest, ARG_MIN(x, y, 3) a list',
  arg_max: 'ARG_MAX(x, y) is x where y is largest, ARG_MAX(x, y, 3) a list',
  exp_decay_sum: "EXP_DECAY_SUM(x, INTERVAL '1' DAY) halves in a day",
  lag: 'LAG(x, 2) is x of the event before the previous one',
  time_since_last: 'TIME_SINCE_LAST() is the milliseconds since the previous event',
}
