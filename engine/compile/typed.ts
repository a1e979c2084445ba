/** What a compiled expression is, and how two of them come to one type. */
import type { FieldType } from '../../definition/model.ts'
import { decimalScale, type ExprType, isDecimal, isNumeric } from '../../definition/types.ts'
import { converter } from './cast.ts'
import { compareStrings, type Counters, POW10, type Value } from './value.ts'

/** `row`: the event's fields, `aggs`: aggregate results, `features`: features defined before. An expression uses what its scope gave it. */
export type Run = (row: readonly Value[], aggs: readonly Value[], features: readonly Value[]) => Value

export interface Compiled {
  readonly type: ExprType
  readonly run: Run
  /** set where the value is known before any event */
  readonly constant?: Value
}

/** A definition that the checker let through and the compiler cannot do: a fault of ours, or a definition that was not checked. */
export class CompileError extends Error {
  override readonly name = 'CompileError'
}

/** The expression's value as `to`, by the silent conversions (int → decimal → double). An overflow gives NULL, counted as such. */
export function coerced(from: Compiled, to: ExprType, counters: Counters): Run {
  if (from.type === to || from.type === 'null' || to === 'null' || !isNumeric(from.type) || to === 'int') return from.run
  const convert = converter(from.type, to as FieldType)
  if (to === 'double') {
    return (row, aggs, features) => {
      const value = from.run(row, aggs, features)
      return value === null ? null : convert(value, counters)
    }
  }
  const own = { overflow: 0, divisionByZero: 0, notFinite: 0, badCast: 0 }
  return (row, aggs, features) => {
    const value = from.run(row, aggs, features)
    if (value === null) return null
    const result = convert(value, own)
    if (result === null) counters.overflow++
    return result
  }
}

type Compare = (a: NonNullable<Value>, b: NonNullable<Value>) => number

/** Negative, 0 or positive. Numbers by value across types; booleans false first; strings by code point; timestamps by instant. */
export function comparer(left: ExprType, right: ExprType): Compare {
  if (left === 'string' || right === 'string') return (a, b) => compareStrings(String(a), String(b))
  const leftScale = decimalScale(left) ?? 0
  const rightScale = decimalScale(right) ?? 0
  if (leftScale === rightScale || !isNumeric(left) || !isNumeric(right)) return (a, b) => Number(a) - Number(b)
  if (isDouble(left) || isDouble(right)) return (a, b) => Number(a) / POW10[leftScale]! - Number(b) / POW10[rightScale]!
  const leftFactor = POW10[Math.max(0, rightScale - leftScale)]!
  const rightFactor = POW10[Math.max(0, leftScale - rightScale)]!
  return (a, b) => {
    const x = Number(a) * leftFactor
    const y = Number(b) * rightFactor
    if (Number.isSafeInteger(x) && Number.isSafeInteger(y)) return x - y
    const exact = BigInt(Number(a)) * BigInt(leftFactor) - BigInt(Number(b)) * BigInt(rightFactor)
    return exact < 0n ? -1 : exact > 0n ? 1 : 0
  }
}

const isDouble = (type: ExprType) => !isDecimal(type) && type === 'double'
