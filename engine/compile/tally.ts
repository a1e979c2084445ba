/** Aggregates of how often each value comes: MEDIAN, QUANTILE, MODE, ENTROPY. Values are tallied in order of their first coming. */
import { fractionOf } from '../../definition/check-call.ts'
import type { Expr } from '../../definition/model.ts'
import type { ExprType } from '../../definition/types.ts'
import { type Base, type Column, type CompiledAggregate, emptyBase } from './aggregate.ts'
import { comparer, CompileError } from './typed.ts'
import type { Value } from './value.ts'

type Tally = Map<Value, number>

function count(tally: Tally, value: Value): void {
  if (value !== null) tally.set(value, (tally.get(value) ?? 0) + 1)
}

/** `result` gets at least one value. */
export function compileTally(type: ExprType, empty: Value, result: (tally: Tally) => Value): CompiledAggregate {
  return {
    type,
    evaluate(input: Column | undefined, filter: Column | undefined, from: number, to: number, base: Base | null) {
      const tally: Tally = new Map(base?.counts)
      for (let i = from; i < to; i++) if (!filter || filter[i] === true) count(tally, input![i]!)
      return tally.size === 0 ? empty : result(tally)
    },
    newBase: () => ({ ...emptyBase(), counts: new Map() }),
    absorb: (base, value) => count(base.counts!, value),
  }
}

const sizeOf = (tally: Tally) => [...tally.values()].reduce((total, times) => total + times, 0)

/** The values in order, asked for by index as if each stood there as often as it came. */
function sorted(tally: Tally, type: ExprType): (index: number) => Value {
  const compare = comparer(type, type)
  const entries = [...tally].sort(([a], [b]) => compare(a!, b!))
  return (index) => {
    let behind = 0
    for (const [value, times] of entries) if ((behind += times) > index) return value
    return null
  }
}

/** The smallest value with at least the fraction of all values at or below it. A decimal fraction is taken exactly, not as a double. */
export function compileDiscreteQuantile(type: ExprType, fraction: Expr | undefined): CompiledAggregate {
  const rank = rankOf(fraction)
  return compileTally(type, null, (tally) => sorted(tally, type)(Math.max(1, rank(sizeOf(tally))) - 1))
}

/** Between the two values around the place q · (n − 1). */
export function compileContinuousQuantile(type: ExprType, fraction: Expr | undefined, divisor: number): CompiledAggregate {
  const q = fraction ? known(fractionOf(fraction)) : 0.5
  return compileTally('double', null, (tally) => {
    const place = q * (sizeOf(tally) - 1)
    const at = sorted(tally, type)
    const low = Number(at(Math.floor(place))) / divisor
    const high = Number(at(Math.ceil(place))) / divisor
    return low + (high - low) * (place - Math.floor(place))
  })
}

/** A tie: the value that came first. */
export function compileMode(type: ExprType): CompiledAggregate {
  return compileTally(type, null, (tally) => {
    let [best, most]: [Value, number] = [null, 0]
    for (const [value, times] of tally) if (times > most) [best, most] = [value, times]
    return best
  })
}

/** In bits. */
export function compileEntropy(): CompiledAggregate {
  return compileTally('double', 0, (tally) => {
    const total = sizeOf(tally)
    let bits = 0
    for (const times of tally.values()) bits -= (times / total) * Math.log2(times / total)
    return bits + 0
  })
}

/** How many of n values make the fraction: ⌈q · n⌉. */
export function rankOf(fraction: Expr | undefined): (n: number) => number {
  const q = known(fractionOf(fraction))
  if (fraction?.kind !== 'decimal') return (n) => n - Math.floor(n - q * n)
  const [whole = '', part = ''] = fraction.text.split('.')
  const [scaled, scale] = [BigInt(`${whole}${part}` || '0'), 10n ** BigInt(part.length)]
  return (n) => Number((BigInt(n) * scaled + scale - 1n) / scale)
}

function known(fraction: number | undefined): number {
  if (fraction === undefined) throw new CompileError('a quantile needs a constant between 0 and 1')
  return fraction
}
