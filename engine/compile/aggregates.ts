/**
 * The aggregates, each as a scan over rows [from, to) of its input column. A lifetime window also carries a `Base`: what the
 * rows that are no longer kept contributed, in their order, so that base then scan is the same left-to-right sum.
 */
import { halfLifeMs, isListed, lagOf, listedOf } from '../../definition/check-call.ts'
import { decimal, decimalScale, type ExprType, isDecimal, MAX_INT } from '../../definition/types.ts'
import type { AggregateExpr } from '../plan/plan.ts'
import { type Absorb, type CompiledAggregate, emptyBase, type Scan } from './aggregate.ts'
import { compileApproxCountDistinct, compileApproxQuantile } from './approximate.ts'
import { compileArgExtreme, compileBoolean } from './chosen.ts'
import { compileBest, compileHistogram, compileList, overDistinct } from './collected.ts'
import { compileLag, compileTimeSinceLast } from './earlier.ts'
import { compileExpDecaySum } from './exp-decay-sum.ts'
import { compileMoments } from './moments.ts'
import { compileContinuousQuantile, compileDiscreteQuantile, compileEntropy, compileMode } from './tally.ts'
import { CompileError, comparer } from './typed.ts'
import { checkDecimal, checkDouble, type Counters, POW10, type Value } from './value.ts'

export type { Base, Column, CompiledAggregate } from './aggregate.ts'

export function compileAggregate(expr: AggregateExpr, types: readonly ExprType[], counters: Counters): CompiledAggregate {
  const { fn, distinct = false } = expr
  if (distinct && fn !== 'count') return overDistinct(compileAggregate({ ...expr, distinct: false }, types, counters))
  const [type = 'int', byType = type] = types
  const divisor = POW10[decimalScale(type) ?? 0]!
  const build = (result: ExprType, evaluate: Scan, absorb: Absorb, sum: bigint | number = 0): CompiledAggregate => ({
    type: result,
    evaluate,
    absorb,
    newBase: () => ({ ...emptyBase(), sum, seen: fn === 'count' && distinct ? new Set() : null }),
  })
  switch (fn) {
    case 'count':
      if (expr.star) return build('int', countRows, (base) => void base.count++)
      if (distinct) return build('int', countDistinct(), (base, value) => void (value !== null && base.seen!.add(value)))
      return build(
        'int',
        countWhere((value) => value !== null),
        (base, value) => void (value !== null && base.count++),
      )
    case 'count_if':
      return build(
        'int',
        countWhere((value) => value === true),
        (base, value) => void (value === true && base.count++),
      )
    case 'sum':
    case 'avg': {
      const exact = type === 'int' || isDecimal(type)
      const absorb: Absorb = exact
        ? (base, value) => {
            if (value === null) return
            base.count++
            base.sum = (base.sum as bigint) + BigInt(value as number)
          }
        : (base, value) => {
            if (value === null) return
            base.count++
            base.sum = (base.sum as number) + (value as number)
          }
      const result = fn === 'avg' ? 'double' : isDecimal(type) ? decimal(decimalScale(type) ?? 0) : type
      return build(result, exact ? exactSum(fn, type, counters) : doubleSum(fn, counters), absorb, exact ? 0n : 0)
    }
    case 'min':
    case 'max': {
      if (isListed(expr)) return compileBest(type, null, fn === 'max' ? 1 : -1, listedOf(expr)!)
      const compare = comparer(type, type)
      const sign = fn === 'max' ? 1 : -1
      const better = (value: Value, best: Value) => value !== null && (best === null || compare(value, best) * sign > 0)
      const numeric = type !== 'string'
      return build(
        type,
        numeric ? extremeNumber(sign) : extreme(better),
        (base, value) => void (better(value, base.value) && (base.value = value)),
      )
    }
    case 'first':
      return build(type, firstRow, (base, value) => void (base.count++ === 0 && (base.value = value)))
    case 'last':
      return build(type, lastRow, (base, value) => {
        base.count++
        base.value = value
      })
    case 'bool_and':
    case 'bool_or':
      return compileBoolean(fn === 'bool_or')
    case 'stddev_samp':
    case 'stddev_pop':
    case 'var_samp':
    case 'var_pop':
    case 'skewness':
    case 'skewness_pop':
    case 'kurtosis':
    case 'kurtosis_pop':
      return compileMoments(fn, divisor, counters)
    case 'median':
    case 'quantile_cont':
      return compileContinuousQuantile(type, expr.args[1], divisor)
    case 'quantile_disc':
      return compileDiscreteQuantile(type, expr.args[1])
    case 'mode':
      return compileMode(type)
    case 'entropy':
      return compileEntropy()
    case 'arg_min':
    case 'arg_max':
      if (isListed(expr)) return compileBest(type, byType, fn === 'arg_max' ? 1 : -1, listedOf(expr)!)
      return compileArgExtreme(type, byType, fn === 'arg_max' ? 1 : -1)
    case 'exp_decay_sum':
      return compileExpDecaySum(halfLifeMs(expr.args[1])!, divisor, counters)
    case 'lag':
      return compileLag(type, lagOf(expr.args[1])!)
    case 'time_since_last':
      return compileTimeSinceLast()
    case 'list':
      return compileList(type)
    case 'histogram':
      return compileHistogram(type)
    case 'approx_count_distinct':
      return compileApproxCountDistinct()
    case 'approx_quantile':
      return compileApproxQuantile(expr.args[1], divisor)
    default:
      throw new CompileError(`the aggregate ${fn as string} is not available`)
  }
}

const countRows: Scan = (_input, filter, from, to, base) => {
  let count = base ? base.count : 0
  if (!filter) return count + (to - from)
  for (let i = from; i < to; i++) if (filter[i] === true) count++
  return count
}

const countWhere =
  (counts: (value: Value) => boolean): Scan =>
  (input, filter, from, to, base) => {
    let count = base ? base.count : 0
    for (let i = from; i < to; i++) if (counts(input![i]!) && (!filter || filter[i] === true)) count++
    return count
  }

/** Beyond so many values the marks are forgotten: they only save building a set for every event. */
const MARKS_AT_MOST = 100_000

/** Each value is marked with the number of the scan that saw it last: one not yet marked by this scan is new in the frame. */
function countDistinct(): Scan {
  const marks = new Map<Value, number>()
  let scan = 0
  return (input, filter, from, to, base) => {
    const known = base?.seen
    if (marks.size > MARKS_AT_MOST) marks.clear()
    scan++
    let count = known ? known.size : 0
    for (let i = from; i < to; i++) {
      const value = input![i]!
      if (value === null || (filter && filter[i] !== true) || marks.get(value) === scan) continue
      marks.set(value, scan)
      if (!known?.has(value)) count++
    }
    return count
  }
}

/** Whole numbers: the running sum stays a double while that is exact, and turns into a BigInt where it would not be. */
function exactSum(fn: 'sum' | 'avg', type: ExprType, counters: Counters): Scan {
  const divisor = POW10[decimalScale(type) ?? 0]!
  return (input, filter, from, to, base) => {
    let count = base ? base.count : 0
    let sum = 0
    let big: bigint | null = base && base.count > 0 ? (base.sum as bigint) : null
    for (let i = from; i < to; i++) {
      const value = input![i]!
      if (value === null || (filter && filter[i] !== true)) continue
      count++
      const next = sum + (value as number)
      if (next < MAX_INT && next > -MAX_INT) {
        sum = next
        continue
      }
      big = (big ?? 0n) + BigInt(sum) + BigInt(value as number)
      sum = 0
    }
    if (count === 0) return null
    const total = big === null ? sum : Number(big + BigInt(sum))
    if (fn === 'avg') return total / count / divisor
    if (divisor > 1 || isDecimal(type)) return checkDecimal(total, counters)
    if (big !== null && (big + BigInt(sum) > BigInt(MAX_INT) || big + BigInt(sum) < -BigInt(MAX_INT))) {
      counters.overflow++
      return null
    }
    return total
  }
}

function doubleSum(fn: 'sum' | 'avg', counters: Counters): Scan {
  return (input, filter, from, to, base) => {
    let count = base ? base.count : 0
    let sum = base ? (base.sum as number) : 0
    for (let i = from; i < to; i++) {
      const value = input![i]!
      if (value === null || (filter && filter[i] !== true)) continue
      count++
      sum += value as number
    }
    if (count === 0) return null
    return checkDouble(fn === 'avg' ? sum / count : sum, counters)
  }
}

const extreme =
  (better: (value: Value, best: Value) => boolean): Scan =>
  (input, filter, from, to, base) => {
    let best = base ? base.value : null
    for (let i = from; i < to; i++) {
      const value = input![i]!
      if (better(value, best) && (!filter || filter[i] === true)) best = value
    }
    return best
  }

/** Numbers, timestamps and booleans compare by JavaScript's `<` (decimals of one column share their scale). */
const extremeNumber =
  (sign: number): Scan =>
  (input, filter, from, to, base) => {
    let best = base ? base.value : null
    for (let i = from; i < to; i++) {
      const value = input![i]!
      if (value === null || (filter && filter[i] !== true)) continue
      if (best === null || (sign > 0 ? value > best : value < best)) best = value
    }
    return best
  }

const firstRow: Scan = (input, filter, from, to, base) => {
  if (base && base.count > 0) return base.value
  for (let i = from; i < to; i++) if (!filter || filter[i] === true) return input![i]!
  return null
}

const lastRow: Scan = (input, filter, from, to, base) => {
  for (let i = to - 1; i >= from; i--) if (!filter || filter[i] === true) return input![i]!
  return base ? base.value : null
}
