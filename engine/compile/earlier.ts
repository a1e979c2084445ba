/**
 * LAG and TIME_SINCE_LAST: they ignore the frame and look at rows before the current one, by position. What is remembered of dropped
 * rows: the newest of them (`value`, and in `by` whether FILTER took it) and, in `recent`, the last few that FILTER took before it.
 */
import type { ExprType } from '../../definition/types.ts'
import { type Base, type Column, type CompiledAggregate, emptyBase } from './aggregate.ts'
import type { Value } from './value.ts'

type Found = { value: Value } | null

/** The k-th row before the current one among those that FILTER takes; `to − 1` is the current row, or the newest dropped one is. */
function earlier(input: Column, filter: Column | undefined, from: number, to: number, base: Base | null, k: number): Found {
  let left = k
  for (let i = to - 2; i >= from; i--) if ((!filter || filter[i] === true) && --left === 0) return { value: input[i]! }
  if (!base || base.count === 0) return null
  if (to > from && base.by === true && --left === 0) return { value: base.value }
  const at = base.recent!.length - left
  return at >= 0 ? { value: base.recent![at]! } : null
}

function compileEarlier(type: ExprType, k: number, result: (found: Found, current: Value) => Value): CompiledAggregate {
  return {
    type,
    byPosition: true,
    evaluate(input, filter, from, to, base) {
      if (to === from && !base?.count) return null
      return result(earlier(input!, filter, from, to, base, k), to > from ? input![to - 1]! : base!.value)
    },
    newBase: () => ({ ...emptyBase(), recent: [] }),
    absorb(base, value, _second, taken) {
      if (base.count > 0 && base.by === true && base.recent!.push(base.value) > k) base.recent!.shift()
      base.count++
      base.value = value
      base.by = taken
    },
  }
}

export const compileLag = (type: ExprType, k: number) => compileEarlier(type, k, (found) => found?.value ?? null)

/** Its input is the event time. */
export const compileTimeSinceLast = () =>
  compileEarlier('int', 1, (found, current) => (found ? Number(current) - Number(found.value) : null))
