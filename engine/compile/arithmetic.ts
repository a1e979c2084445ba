/** + − * / % by type: whole numbers never wrap, decimals stay scaled integers, doubles stay finite; else NULL, counted. */
import { decimalScale, type ExprType, isDecimal } from '../../definition/types.ts'
import { coerced, type Compiled } from './typed.ts'
import { checkDecimal, checkDouble, checkInt, type Counters, POW10, type Value } from './value.ts'

type Op = '+' | '-' | '*' | '/' | '%'

export function compileArithmetic(op: Op, left: Compiled, right: Compiled, type: ExprType, counters: Counters): Compiled {
  // A product's scales add up by themselves; everything else is done in the common type.
  const operand = op === '*' && isDecimal(type) ? undefined : op === '/' ? 'double' : type
  const leftRun = operand ? coerced(left, operand, counters) : left.run
  const rightRun = operand ? coerced(right, operand, counters) : right.run
  const apply = operation(op, type, counters)
  return {
    type,
    run: (row, aggs, features) => {
      const a = leftRun(row, aggs, features)
      if (a === null) return null
      const b = rightRun(row, aggs, features)
      return b === null ? null : apply(Number(a), Number(b))
    },
  }
}

function operation(op: Op, type: ExprType, counters: Counters): (a: number, b: number) => Value {
  const check = checker(type, counters)
  switch (op) {
    case '+':
      return (a, b) => check(a + b, () => BigInt(a) + BigInt(b))
    case '-':
      return (a, b) => check(a - b, () => BigInt(a) - BigInt(b))
    case '*':
      return (a, b) => check(a * b + 0, () => BigInt(a) * BigInt(b))
    case '/':
    case '%':
      return (a, b) => {
        if (b === 0) {
          counters.divisionByZero++
          return null
        }
        return op === '/' ? checkDouble(a / b + 0, counters) : check((a % b) + 0, () => BigInt(a) % BigInt(b))
      }
  }
}

function checker(type: ExprType, counters: Counters): (value: number, exact: () => bigint) => Value {
  if (type === 'int') return (value, exact) => checkInt(value, counters, exact)
  if (isDecimal(type)) return (value) => checkDecimal(value, counters)
  return (value) => checkDouble(value, counters)
}

/** A scaled decimal as the double nearest to it. */
export function decimalToDouble(type: ExprType): (value: number) => number {
  const divisor = POW10[decimalScale(type) ?? 0]!
  return (value) => value / divisor
}
