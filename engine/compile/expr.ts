/**
 * Expressions → closures, with SQL's three-valued logic. This is the plain evaluator: issue 4's kernels are tested against it.
 * Anything that is no number (overflow, division by zero, a failed cast) is NULL and counted.
 */
import type { Expr } from '../../definition/model.ts'
import { arithmeticType, commonType, decimalConstantType, decimalScale, type ExprType, isDecimal } from '../../definition/types.ts'
import { shiftMs } from '../../definition/interval.ts'
import { compileArithmetic } from './arithmetic.ts'
import { converter, textToScaled } from './cast.ts'
import { compileLike } from './like.ts'
import { compileCall } from './scalars.ts'
import { coerced, comparer, type Compiled, CompileError, type Run } from './typed.ts'
import type { Counters, Value } from './value.ts'

export type { Compiled, Run } from './typed.ts'
export { CompileError } from './typed.ts'

type AggregateExpr = Extract<Expr, { kind: 'aggregate' }>
type CodeExpr = Extract<Expr, { kind: 'code' }>

/** Where names lead: which slot of row, aggregates or features, and of which type. What a place does not allow, it throws on. */
export interface Scope {
  field(name: string): { slot: number; type: ExprType }
  aggregate(expr: AggregateExpr): { slot: number; type: ExprType }
  feature(name: string): { slot: number; type: ExprType }
  /** an edge of the group window, among the aggregates */
  windowEdge(edge: 'start' | 'end'): number
  /** among the results of aggregates and calls */
  code(expr: CodeExpr): { slot: number; type: ExprType }
  counters: Counters
}

export function compileExpr(expr: Expr, scope: Scope): Compiled {
  const compile = (inner: Expr) => compileExpr(inner, scope)
  const { counters } = scope
  switch (expr.kind) {
    case 'literal':
      return constant(expr.type, expr.value)
    case 'decimal': {
      const type = decimalConstantType(expr.text)
      return constant(type, isDecimal(type) ? textToScaled(expr.text, decimalScale(type) ?? 0) : Number(expr.text))
    }
    case 'interval':
      throw new CompileError('an interval stands only beside a timestamp, after + or −')
    case 'field': {
      const { slot, type } = scope.field(expr.name)
      return { type, run: (row) => row[slot]! }
    }
    case 'feature': {
      const { slot, type } = scope.feature(expr.name)
      return { type, run: (_row, _aggs, features) => features[slot]! }
    }
    case 'aggregate': {
      const { slot, type } = scope.aggregate(expr)
      return { type, run: (_row, aggs) => aggs[slot]! }
    }
    case 'windowEdge': {
      const slot = scope.windowEdge(expr.edge)
      return { type: 'timestamp', run: (_row, aggs) => aggs[slot]! }
    }
    case 'code': {
      const { slot, type } = scope.code(expr)
      return { type, run: (_row, results) => results[slot]! }
    }
    case 'unary': {
      const arg = compile(expr.arg)
      if (expr.op === 'not') return { type: 'boolean', run: mapped(arg.run, (x) => !x) }
      const negated: Compiled = { type: arg.type === 'null' ? 'int' : arg.type, run: mapped(arg.run, (x) => -Number(x) + 0) }
      return typeof arg.constant === 'number' ? { ...negated, constant: -arg.constant } : negated
    }
    case 'binary':
      return compileBinary(expr, scope)
    case 'isNull': {
      const { run } = compile(expr.arg)
      const { negated } = expr
      return { type: 'boolean', run: (row, aggs, features) => (run(row, aggs, features) === null) !== negated }
    }
    case 'isDistinct': {
      const [left, right] = [compile(expr.left), compile(expr.right)]
      const compare = comparer(left.type, right.type)
      return {
        type: 'boolean',
        run: (row, aggs, features) => {
          const a = left.run(row, aggs, features)
          const b = right.run(row, aggs, features)
          const distinct = a === null || b === null ? a !== b : compare(a, b) !== 0
          return distinct !== expr.negated
        },
      }
    }
    case 'in':
      return compileIn(compile(expr.arg), expr.list.map(compile), expr.negated)
    case 'like':
      return compileLike(compile(expr.arg), compile(expr.pattern), expr)
    case 'case':
      return compileCase(expr, scope)
    case 'call':
      return compileCall(expr.name, expr.args.map(compile), counters)
    case 'cast': {
      const arg = compile(expr.arg)
      const convert = converter(arg.type, expr.type)
      return { type: expr.type, run: mapped(arg.run, (x) => convert(x, counters)) }
    }
  }
}

const constant = (type: ExprType, value: Value): Compiled => ({ type, constant: value, run: () => value })

const mapped =
  (arg: Run, apply: (x: NonNullable<Value>) => Value): Run =>
  (row, aggs, features) => {
    const x = arg(row, aggs, features)
    return x === null ? null : apply(x)
  }

function compileBinary(expr: Extract<Expr, { kind: 'binary' }>, scope: Scope): Compiled {
  const { op } = expr
  if (expr.right.kind === 'interval' || expr.left.kind === 'interval') return compileShift(expr, scope)
  const left = compileExpr(expr.left, scope)
  const right = compileExpr(expr.right, scope)
  switch (op) {
    case 'and':
    case 'or':
      return { type: 'boolean', run: logic(left.run, right.run, op === 'or') }
    case '||':
      return {
        type: 'string',
        run: (row, aggs, features) => {
          const a = left.run(row, aggs, features)
          const b = right.run(row, aggs, features)
          return a === null || b === null ? null : `${a}${b}`
        },
      }
    case '+':
    case '-':
    case '*':
    case '/':
    case '%': {
      const type = arithmeticType(op, left.type, right.type)
      if (type === undefined) throw new CompileError(`${op} does not take ${left.type} and ${right.type}`)
      return compileArithmetic(op, left, right, type, scope.counters)
    }
    default: {
      const compare = comparer(left.type, right.type)
      const holds = COMPARISONS[op]
      return {
        type: 'boolean',
        run: (row, aggs, features) => {
          const a = left.run(row, aggs, features)
          if (a === null) return null
          const b = right.run(row, aggs, features)
          return b === null ? null : holds(compare(a, b))
        },
      }
    }
  }
}

const COMPARISONS = {
  '=': (order: number) => order === 0,
  '<>': (order: number) => order !== 0,
  '<': (order: number) => order < 0,
  '<=': (order: number) => order <= 0,
  '>': (order: number) => order > 0,
  '>=': (order: number) => order >= 0,
}

/** AND and OR of three values: `decisive` (false for AND, true for OR) wins over NULL. */
function logic(left: Run, right: Run, decisive: boolean): Run {
  return (row, aggs, features) => {
    const a = left(row, aggs, features)
    if (a === decisive) return decisive
    const b = right(row, aggs, features)
    if (b === decisive) return decisive
    return a === null || b === null ? null : !decisive
  }
}

function compileShift(expr: Extract<Expr, { kind: 'binary' }>, scope: Scope): Compiled {
  const swapped = expr.left.kind === 'interval'
  const interval = swapped ? expr.left : expr.right
  if (interval.kind !== 'interval' || (expr.op !== '+' && expr.op !== '-'))
    throw new CompileError('an interval is only added to a timestamp, or taken from it')
  const base = compileExpr(swapped ? expr.right : expr.left, scope)
  const direction = expr.op === '+' ? 1 : -1
  return { type: 'timestamp', run: mapped(base.run, (x) => shiftMs(Number(x), interval.value, direction)) }
}

function compileIn(arg: Compiled, list: readonly Compiled[], negated: boolean): Compiled {
  const items = list.map((item) => ({ run: item.run, compare: comparer(arg.type, item.type) }))
  return {
    type: 'boolean',
    run: (row, aggs, features) => {
      const value = arg.run(row, aggs, features)
      if (value === null) return null
      let unknown = false
      for (const item of items) {
        const other = item.run(row, aggs, features)
        if (other === null) unknown = true
        else if (item.compare(value, other) === 0) return !negated
      }
      return unknown ? null : negated
    },
  }
}

function compileCase(expr: Extract<Expr, { kind: 'case' }>, scope: Scope): Compiled {
  const branches = expr.branches.map(({ when, then }) => ({ when: compileExpr(when, scope), then: compileExpr(then, scope) }))
  const otherwise = expr.otherwise ? compileExpr(expr.otherwise, scope) : constant('null', null)
  const type = [...branches.map((branch) => branch.then.type), otherwise.type].reduce((a, b) => {
    const common = commonType(a, b)
    if (common === undefined) throw new CompileError(`the branches of CASE have no common type: ${a} and ${b}`)
    return common
  })
  const cases = branches.map(({ when, then }) => ({ when: when.run, then: coerced(then, type, scope.counters) }))
  const last = coerced(otherwise, type, scope.counters)
  return {
    type,
    run: (row, aggs, features) => {
      for (const branch of cases) if (branch.when(row, aggs, features) === true) return branch.then(row, aggs, features)
      return last(row, aggs, features)
    },
  }
}
