/** The scalar functions, each from the types of its arguments to a closure over evaluated arguments. */
import type { ScalarName } from '../../definition/model.ts'
import { isSigned } from '../../definition/scalars.ts'
import { commonType, decimal, decimalScale, type ExprType, isDecimal } from '../../definition/types.ts'
import { compileSigned } from './signed-calls.ts'
import { type Compiled, type Run, coerced, comparer, CompileError } from './typed.ts'
import { checkDouble, checkInt, type Counters, POW10, roundHalfAway, type Value } from './value.ts'

export function compileCall(name: ScalarName, args: readonly Compiled[], counters: Counters): Compiled {
  if (isSigned(name)) return compileSigned(name, args, counters)
  const first = args[0]
  if (!first) throw new CompileError(`${name} needs an argument`)
  switch (name) {
    case 'coalesce':
    case 'greatest':
    case 'least':
      return compileChoice(name, args, counters)
    case 'nullif': {
      const second = args[1]!
      const compare = comparer(first.type, second.type)
      return typed(first.type, (row, aggs, features) => {
        const a = first.run(row, aggs, features)
        if (a === null) return null
        const b = second.run(row, aggs, features)
        return b !== null && compare(a, b) === 0 ? null : a
      })
    }
    case 'abs':
      return typed(
        first.type === 'null' ? 'int' : first.type,
        strict(first.run, (x) => Math.abs(Number(x))),
      )
    case 'div':
      return compileDiv(first, args[1]!, counters)
    case 'round':
    case 'floor':
    case 'ceil':
    case 'trunc':
      return compileRound(name, first, args[1], counters)
    case 'lower':
      return typed(
        'string',
        strict(first.run, (x) => mapCase(String(x), 'lower')),
      )
    case 'upper':
      return typed(
        'string',
        strict(first.run, (x) => mapCase(String(x), 'upper')),
      )
    case 'length':
      return typed(
        'int',
        strict(first.run, (x) => codePoints(String(x))),
      )
  }
}

const typed = (type: ExprType, run: Run): Compiled => ({ type, run })
const strict =
  (arg: Run, apply: (x: NonNullable<Value>) => Value): Run =>
  (row, aggs, features) => {
    const x = arg(row, aggs, features)
    return x === null ? null : apply(x)
  }

/** COALESCE stops at the first value; GREATEST and LEAST leave NULLs out. */
function compileChoice(name: 'coalesce' | 'greatest' | 'least', args: readonly Compiled[], counters: Counters): Compiled {
  const type = args.map((arg) => arg.type).reduce((a, b) => commonType(a, b) ?? fail(name))
  const runs = args.map((arg) => coerced(arg, type, counters))
  if (name === 'coalesce') {
    return typed(type, (row, aggs, features) => {
      for (const run of runs) {
        const value = run(row, aggs, features)
        if (value !== null) return value
      }
      return null
    })
  }
  const compare = comparer(type, type)
  const sign = name === 'greatest' ? 1 : -1
  return typed(type, (row, aggs, features) => {
    let best: Value = null
    for (const run of runs) {
      const value = run(row, aggs, features)
      if (value !== null && (best === null || compare(value, best) * sign > 0)) best = value
    }
    return best
  })
}

function fail(name: string): never {
  throw new CompileError(`the arguments of ${name} have no common type`)
}

/** Integer division towards zero. */
function compileDiv(left: Compiled, right: Compiled, counters: Counters): Compiled {
  return typed('int', (row, aggs, features) => {
    const a = left.run(row, aggs, features)
    const b = right.run(row, aggs, features)
    if (a === null || b === null) return null
    if (b === 0) {
      counters.divisionByZero++
      return null
    }
    const quotient = Number(BigInt(Number(a)) / BigInt(Number(b)))
    return checkInt(quotient, counters, () => BigInt(Number(a)) / BigInt(Number(b)))
  })
}

const WHOLE = { round: roundHalfAway, floor: Math.floor, ceil: Math.ceil, trunc: Math.trunc }
type RoundName = keyof typeof WHOLE

function compileRound(name: RoundName, arg: Compiled, digits: Compiled | undefined, counters: Counters): Compiled {
  if (isDecimal(arg.type)) return roundDecimal(name, arg, digits)
  const type = arg.type === 'double' ? 'double' : 'int'
  const whole = WHOLE[name]
  return typed(type, (row, aggs, features) => {
    const x = arg.run(row, aggs, features)
    const n = digits ? digits.run(row, aggs, features) : 0
    if (x === null || n === null) return null
    const value = roundAt(Number(x), Number(n), whole)
    return type === 'double' ? checkDouble(value, counters) : checkInt(value, counters, () => BigInt(value))
  })
}

/** At n digits after the point; below zero, before it. Where the shift leaves the doubles, there is nothing to round. */
function roundAt(x: number, n: number, whole: (x: number) => number): number {
  if (n === 0) return whole(x) + 0
  const factor = 10 ** Math.abs(n)
  if (n < 0) return Number.isFinite(factor) ? whole(x / factor) * factor + 0 : 0
  const shifted = x * factor
  return Number.isFinite(shifted) ? whole(shifted) / factor + 0 : x
}

function roundDecimal(name: RoundName, arg: Compiled, digits: Compiled | undefined): Compiled {
  const scale = decimalScale(arg.type) ?? 0
  const asked = digits?.constant ?? 0
  const kept = Math.max(0, Math.min(scale, Number(asked)))
  const coarse = Math.max(0, -Number(asked))
  const factor = POW10[scale - kept]!
  const whole = WHOLE[name]
  return typed(
    decimal(kept),
    strict(arg.run, (x) => {
      const scaled = coarse > 0 ? whole(Number(x) / (factor * 10 ** coarse)) * 10 ** coarse : whole(Number(x) / factor)
      return scaled + 0
    }),
  )
}

/** Where a letter's other case has one code point in DuckDB and several in JavaScript. */
const SINGLE: Record<'lower' | 'upper', Record<string, string>> = { upper: { ß: 'ẞ' }, lower: { İ: 'i' } }

/** Case by simple mapping: one code point to one code point, as DuckDB. */
function mapCase(text: string, to: 'lower' | 'upper'): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the ASCII range is meant
  if (/^[\x00-\x7f]*$/.test(text)) return to === 'lower' ? text.toLowerCase() : text.toUpperCase()
  let out = ''
  for (const char of text) {
    const mapped = to === 'lower' ? char.toLowerCase() : char.toUpperCase()
    out += codePoints(mapped) === 1 ? mapped : (SINGLE[to][char] ?? char)
  }
  return out
}

function codePoints(text: string): number {
  let count = 0
  for (const _ of text) count++
  return count
}
