/**
 * Values inside the engine: null, boolean, number, string, and lists and maps of them as results of aggregates. An int and a timestamp (epoch ms) are whole numbers, a decimal is
 * a scaled whole number (its scale is in its type) until it leaves the engine.
 */
import { decimalScale, elementType, MAX_INT } from '../../definition/types.ts'
import type { Scalar, Value } from '../sink/port.ts'

export type { Scalar, Value } from '../sink/port.ts'

/** What went wrong without being an error: the value is NULL, the count is shown. A closed list. */
export interface Counters {
  overflow: number
  divisionByZero: number
  notFinite: number
  badCast: number
}

export const newCounters = (): Counters => ({ overflow: 0, divisionByZero: 0, notFinite: 0, badCast: 0 })

/** Powers of ten that are exact in a double. */
export const POW10: readonly number[] = Array.from({ length: 16 }, (_, k) => Number(`1e${k}`))
const MAX_SCALED = 1e15

/** NULL and a count where a whole number leaves ±2^53; never a wrap. At the very edge the exact sum is asked for. */
export function checkInt(value: number, counters: Counters, exact: () => bigint): number | null {
  if (value < MAX_INT && value > -MAX_INT) return value
  if (Math.abs(value) === MAX_INT) {
    const sure = exact()
    if (sure === BigInt(value)) return value
  }
  counters.overflow++
  return null
}

/** The same for decimals: 15 digits. */
export function checkDecimal(value: number, counters: Counters): number | null {
  if (value < MAX_SCALED && value > -MAX_SCALED) return value
  counters.overflow++
  return null
}

export function checkDouble(value: number, counters: Counters): number | null {
  if (Number.isFinite(value)) return value
  counters.notFinite++
  return null
}

/** Order of strings by code point, as UTF-8 bytes sort (and DuckDB sorts); JavaScript's `<` compares UTF-16 units. */
export function compareStrings(a: string, b: string): number {
  const shared = Math.min(a.length, b.length)
  for (let i = 0; i < shared; i++) {
    const x = a.charCodeAt(i)
    const y = b.charCodeAt(i)
    if (x !== y) return unitRank(x) - unitRank(y)
  }
  return a.length - b.length
}

const unitRank = (unit: number) => (unit >= 0xe000 ? unit - 0x800 : unit >= 0xd800 ? unit + 0x2000 : unit)

/** How a value leaves the engine: a decimal as a number, −0 as 0. */
export function outputOf(type: string): (value: Value) => Value {
  const element = elementType(type)
  if (element !== undefined) {
    const output = outputOf(element)
    return (value) => value && (value as Scalar[]).map((item) => output(item) as Scalar)
  }
  const scale = decimalScale(type as never) ?? 0
  const divisor = POW10[scale]!
  return (value) => (typeof value === 'number' ? (scale > 0 ? value / divisor : value) + 0 : value)
}

/** Round half to even; the value must be finite. */
export function roundHalfEven(x: number): number {
  const low = Math.floor(x)
  const part = x - low
  if (part < 0.5) return low + 0
  if (part > 0.5) return low + 1
  return low % 2 === 0 ? low + 0 : low + 1
}

/** Round half away from zero, as `round` does. */
export function roundHalfAway(x: number): number {
  return (x < 0 ? -Math.round(-x) : Math.round(x)) + 0
}
