/** From PostgreSQL's expression tree to ours. What cannot be read is reported and stands as an unread NULL in its place. */
import type { A_Expr, FuncCall, Node, TypeName } from 'libpg-query'
import { AGGREGATE_NAMES, aggregateByName, FUNCTION_NAMES, GROUP_FUNCTIONS, scalarByName } from './functions.ts'
import { type BinaryOp, type Expr, GROUP_WINDOW } from './model.ts'
import { whyNotPart } from './not-part.ts'
import { readCode } from './read-code.ts'
import { firstLocation, type Placed, type ReadContext } from './read-context.ts'
import { readConstant, readIntervalConstant, readName, readType } from './read-values.ts'
import { PART_FUNCTIONS } from './scalars.ts'
import { didYouMean } from './suggest.ts'

const COMPARISONS = new Set(['=', '<>', '<', '<=', '>', '>='])
const ARITHMETIC = new Set(['+', '-', '*', '/', '%', '||'])

export function readExpr(node: Node | undefined, context: ReadContext): Expr {
  const expr = node ? read(node, context) : undefined
  if (expr) return expr
  const placeholder: Expr = { kind: 'literal', type: 'null', value: null }
  context.unread.add(placeholder)
  return placeholder
}

/** Undefined: could not be read, and the reason is reported. */
function read(node: Node, context: ReadContext): Expr | undefined {
  const sub = (child: Node | undefined) => readExpr(child, context)
  const subs = (children: readonly Node[] | undefined) => (children ?? []).map(sub)
  const placed = (expr: Expr, byte: number | undefined): Expr => {
    context.places.set(expr, '', context.tokens.place(byte))
    return expr
  }
  const notYet = (byte: number | undefined, what: string, hint?: string) => {
    context.problem('not_yet', byte, `${what} is not available yet`, hint)
    return undefined
  }

  if ('A_Const' in node) return readConstant(node.A_Const, context, placed)
  if ('ColumnRef' in node) return readName(node.ColumnRef, context, placed)
  if ('A_Expr' in node) return readOperator(node.A_Expr, context, placed)
  if ('BoolExpr' in node) {
    const { boolop, args, location } = node.BoolExpr
    const [first, ...rest] = subs(args)
    if (!first) return undefined
    if (boolop === 'NOT_EXPR') return placed({ kind: 'unary', op: 'not', arg: first }, location)
    const op = boolop === 'AND_EXPR' ? 'and' : 'or'
    return rest.reduce<Expr>((left, right) => placed({ kind: 'binary', op, left, right }, location), first)
  }
  if ('NullTest' in node) {
    const { arg, nulltesttype, location } = node.NullTest
    return placed({ kind: 'isNull', arg: sub(arg), negated: nulltesttype === 'IS_NOT_NULL' }, location)
  }
  if ('BooleanTest' in node) {
    const { arg, booltesttype = '', location } = node.BooleanTest
    if (booltesttype.endsWith('UNKNOWN'))
      return placed({ kind: 'isNull', arg: sub(arg), negated: booltesttype === 'IS_NOT_UNKNOWN' }, location)
    const right: Expr = { kind: 'literal', type: 'boolean', value: booltesttype.endsWith('TRUE') }
    const same = booltesttype === 'IS_TRUE' || booltesttype === 'IS_FALSE'
    return placed({ kind: 'isDistinct', left: sub(arg), right: placed(right, location), negated: same }, location)
  }
  if ('CaseExpr' in node) {
    const { arg, args, defresult, location } = node.CaseExpr
    const branches = (args ?? []).flatMap((branch) => {
      if (!('CaseWhen' in branch)) return []
      const { expr, result, location: at } = branch.CaseWhen
      // CASE a WHEN b … is CASE WHEN a = b …
      const when = arg ? placed({ kind: 'binary', op: '=', left: sub(arg), right: sub(expr) }, at) : sub(expr)
      return [{ when, then: sub(result) }]
    })
    return placed({ kind: 'case', branches, ...(defresult && { otherwise: sub(defresult) }) }, location)
  }
  if ('CoalesceExpr' in node)
    return placed({ kind: 'call', name: 'coalesce', args: subs(node.CoalesceExpr.args) }, node.CoalesceExpr.location)
  if ('MinMaxExpr' in node) {
    const { op, args, location } = node.MinMaxExpr
    return placed({ kind: 'call', name: op === 'IS_LEAST' ? 'least' : 'greatest', args: subs(args) }, location)
  }
  if ('TypeCast' in node) return readCast(node.TypeCast, context, placed)
  if ('FuncCall' in node) return readCall(node.FuncCall, context, placed)
  if ('SubLink' in node) return notYet(node.SubLink.location, 'a subquery')
  if ('SQLValueFunction' in node) {
    context.problem(
      'unknown_function',
      node.SQLValueFunction.location,
      'the current date or time is not part of the language',
      whyNotPart('now'),
    )
    return undefined
  }
  if ('GroupingFunc' in node) return notYet(node.GroupingFunc.location, 'GROUPING')
  if ('A_ArrayExpr' in node) return notYet(node.A_ArrayExpr.location, 'an array')
  if ('RowExpr' in node) return notYet(node.RowExpr.location, 'a row value')
  if ('CollateClause' in node) return notYet(node.CollateClause.location, 'COLLATE')
  if ('ParamRef' in node) return notYet(node.ParamRef.location, 'a parameter ($1)', 'write the value itself')
  return notYet(firstLocation(node), 'this expression')
}

function readOperator({ kind, name, lexpr, rexpr, location }: A_Expr, context: ReadContext, placed: Placed): Expr | undefined {
  const sub = (child: Node | undefined) => readExpr(child, context)
  const operator = name?.map((part) => ('String' in part ? part.String.sval : '')).join('.') ?? ''
  const items = rexpr && 'List' in rexpr ? (rexpr.List.items ?? []) : []
  switch (kind) {
    case 'AEXPR_OP': {
      if (!lexpr) {
        if (operator === '+') return sub(rexpr)
        if (operator === '-') return placed({ kind: 'unary', op: '-', arg: sub(rexpr) }, location)
      } else if (ARITHMETIC.has(operator) || COMPARISONS.has(operator)) {
        return placed({ kind: 'binary', op: operator as BinaryOp, left: sub(lexpr), right: sub(rexpr) }, location)
      } else if (operator === '//') return placed({ kind: 'call', name: 'div', args: [sub(lexpr), sub(rexpr)] }, location)
      context.problem(
        'unknown_operator',
        location,
        `there is no operator ${operator}`,
        operator === '==' ? 'equality is =' : 'operators are + - * / % || = <> < <= > >= AND OR NOT IS IN BETWEEN LIKE',
      )
      return undefined
    }
    case 'AEXPR_DISTINCT':
    case 'AEXPR_NOT_DISTINCT':
      return placed({ kind: 'isDistinct', left: sub(lexpr), right: sub(rexpr), negated: kind === 'AEXPR_NOT_DISTINCT' }, location)
    case 'AEXPR_IN':
      return placed({ kind: 'in', arg: sub(lexpr), list: items.map(sub), negated: operator === '<>' }, location)
    case 'AEXPR_LIKE':
    case 'AEXPR_ILIKE':
      return readLike({ lexpr, rexpr, location }, operator.startsWith('!'), kind === 'AEXPR_ILIKE', context, placed)
    case 'AEXPR_BETWEEN':
    case 'AEXPR_NOT_BETWEEN': {
      // x BETWEEN a AND b is x >= a AND x <= b
      const low = placed({ kind: 'binary', op: '>=', left: sub(lexpr), right: sub(items[0]) }, location)
      const high = placed({ kind: 'binary', op: '<=', left: sub(lexpr), right: sub(items[1]) }, location)
      const both = placed({ kind: 'binary', op: 'and', left: low, right: high }, location)
      return kind === 'AEXPR_BETWEEN' ? both : placed({ kind: 'unary', op: 'not', arg: both }, location)
    }
    case 'AEXPR_NULLIF':
      return placed({ kind: 'call', name: 'nullif', args: [sub(lexpr), sub(rexpr)] }, location)
    default: {
      const words: Record<string, string> = {
        AEXPR_OP_ANY: 'ANY',
        AEXPR_OP_ALL: 'ALL',
        AEXPR_SIMILAR: 'SIMILAR TO',
        AEXPR_BETWEEN_SYM: 'BETWEEN SYMMETRIC',
        AEXPR_NOT_BETWEEN_SYM: 'BETWEEN SYMMETRIC',
      }
      context.problem('not_yet', location, `${words[kind ?? ''] ?? 'this operator'} is not available yet`)
      return undefined
    }
  }
}

/** IF(a, b, c) is CASE WHEN a THEN b ELSE c END. */
function readIf(args: readonly Expr[], location: number | undefined, context: ReadContext, placed: Placed): Expr | undefined {
  const [when, then, otherwise] = args
  if (when && then && args.length <= 3)
    return placed({ kind: 'case', branches: [{ when, then }], ...(otherwise && { otherwise }) }, location)
  context.problem('wrong_arguments', location, `if takes 2 or 3 arguments, not ${args.length}`, 'IF(x > 0, 1, 0)')
  return undefined
}

function readLike(
  { lexpr, rexpr, location }: Pick<A_Expr, 'lexpr' | 'rexpr' | 'location'>,
  negated: boolean,
  insensitive: boolean,
  context: ReadContext,
  placed: Placed,
): Expr | undefined {
  // PostgreSQL reads LIKE p ESCAPE e as LIKE like_escape(p, e)
  const call = rexpr && 'FuncCall' in rexpr ? rexpr.FuncCall : undefined
  const name = call?.funcname?.at(-1)
  const isEscape = name && 'String' in name && name.String.sval === 'like_escape'
  const [pattern, escape] = isEscape ? (call?.args ?? []) : [rexpr]
  const constant = escape && 'A_Const' in escape ? escape.A_Const.sval : undefined
  if (escape && !constant) {
    context.problem('wrong_arguments', location, 'ESCAPE needs one character as a constant', "LIKE '50!%' ESCAPE '!'")
    return undefined
  }
  const like: Expr = { kind: 'like', arg: readExpr(lexpr, context), pattern: readExpr(pattern, context), negated, insensitive }
  return placed(constant ? { ...like, escape: constant.sval ?? '' } : like, location)
}

function readCast(
  { arg, typeName, location }: { arg?: Node; typeName?: TypeName; location?: number },
  context: ReadContext,
  placed: Placed,
): Expr | undefined {
  const at = location === -1 ? typeName?.location : location
  const names = typeName?.names?.map((name) => ('String' in name ? name.String.sval : '')) ?? []
  if (names.at(-1) === 'interval') {
    const value = readIntervalConstant(arg, typeName, context)
    return value ? placed({ kind: 'interval', value }, at) : undefined
  }
  const type = readType(typeName, names.at(-1) ?? '', context)
  const inner = readExpr(arg, context)
  return type ? placed({ kind: 'cast', arg: inner, type }, at) : undefined
}

function readCall(call: FuncCall, context: ReadContext, placed: Placed): Expr | undefined {
  const { location, over } = call
  const name =
    call.funcname
      ?.map((part) => ('String' in part ? (part.String.sval ?? '') : ''))
      .at(-1)
      ?.toLowerCase() ?? ''
  const label = name.toUpperCase()
  const fn = aggregateByName(name)
  const part = Object.hasOwn(PART_FUNCTIONS, name) ? PART_FUNCTIONS[name] : undefined
  const scalar = part ? 'date_part' : scalarByName(name)
  const code = fn || scalar ? undefined : context.code.find((feature) => feature.name === name)
  if (code) return readCode(call, code, context, placed, (node) => readExpr(node, context))
  if (!fn && !scalar && name !== 'mod' && name !== 'if') {
    const why = whyNotPart(name)
    if (GROUP_FUNCTIONS.has(name)) context.problem('wrong_arguments', location, `${label} stands in GROUP BY, beside the key`)
    else if (why) context.problem('unknown_function', location, `${label} is not part of the language`, why)
    else
      context.problem(
        'unknown_function',
        location,
        `there is no function ${name}`,
        didYouMean(name, [...FUNCTION_NAMES, ...context.code.map((feature) => feature.name)]) ??
          `aggregates are ${AGGREGATE_NAMES.map((one) => one.toUpperCase()).join(', ')}`,
      )
    return undefined
  }
  if (call.agg_order?.length || call.agg_within_group)
    context.problem('not_yet', location, `ORDER BY inside ${label}(…) is not available yet`)
  if (call.func_variadic) context.problem('not_yet', location, 'VARIADIC is not available yet')
  const args = (call.args ?? []).map((arg) => readExpr(arg, context))
  if (!fn) {
    if (over || call.agg_filter || call.agg_distinct || call.agg_star) {
      context.problem(
        'wrong_arguments',
        location,
        `${name} is no aggregate: it takes no ${over ? 'OVER' : call.agg_filter ? 'FILTER' : call.agg_star ? '*' : 'DISTINCT'}`,
      )
      return undefined
    }
    if (part) {
      if (args.length !== 1) {
        context.problem('wrong_arguments', location, `${name} takes 1 argument, not ${args.length}`)
        return undefined
      }
      args.unshift(placed({ kind: 'literal', type: 'string', value: part }, location))
    }
    if (scalar) return placed({ kind: 'call', name: scalar, args }, location)
    const [left, right] = args
    if (name === 'if') return readIf(args, location, context, placed)
    if (left && right && args.length === 2) return placed({ kind: 'binary', op: '%', left, right }, location)
    context.problem('wrong_arguments', location, `mod takes 2 arguments, not ${args.length}`)
    return undefined
  }
  const filter = call.agg_filter && readExpr(call.agg_filter, context)
  if (!over && !context.isGroup) {
    context.problem(
      'no_window',
      location,
      `${label} needs a window`,
      `${label}(…) OVER w, with WINDOW w AS (PARTITION BY … ORDER BY … RANGE …); or GROUP BY key, TUMBLE(event_time, INTERVAL '1' HOUR)`,
    )
    return undefined
  }
  const window = over ? context.windowOf(over) : GROUP_WINDOW
  const star = call.agg_star || (fn === 'count' && args.length === 0)
  const expr: Expr = {
    kind: 'aggregate',
    fn,
    args,
    ...(star && { star: true }),
    ...(call.agg_distinct && { distinct: true }),
    ...(filter && { filter }),
    window,
  }
  placed(expr, location)
  if (over) context.places.set(expr, 'window', context.tokens.place(over.location))
  return expr
}
