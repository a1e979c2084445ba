/** Aggregates that settle on one row or condition: ARG_MIN, ARG_MAX, BOOL_AND, BOOL_OR. */
import type { ExprType } from '../../definition/types.ts'
import { type CompiledAggregate, emptyBase } from './aggregate.ts'
import { comparer } from './typed.ts'
import type { Value } from './value.ts'

/** The value beside the largest (sign 1) or smallest (−1) other one. Rows where either is NULL do not count; of equals the first row. */
export function compileArgExtreme(type: ExprType, byType: ExprType, sign: 1 | -1): CompiledAggregate {
  const compare = comparer(byType, byType)
  const better = (value: Value, by: Value, best: Value) => value !== null && by !== null && (best === null || compare(by, best) * sign > 0)
  return {
    type,
    evaluate(input, filter, from, to, base, second) {
      let [value, best] = [base?.value ?? null, base?.by ?? null]
      for (let i = from; i < to; i++) {
        if (better(input![i]!, second![i]!, best) && (!filter || filter[i] === true)) [value, best] = [input![i]!, second![i]!]
      }
      return value
    },
    newBase: emptyBase,
    absorb(base, value, by) {
      if (better(value, by, base.by)) [base.value, base.by] = [value, by]
    },
  }
}

/** NULLs do not count; `decisive`: the value that settles it (true for OR, false for AND). */
export function compileBoolean(decisive: boolean): CompiledAggregate {
  const next = (known: Value, value: Value) => (value === null || known === decisive ? known : value)
  return {
    type: 'boolean',
    evaluate(input, filter, from, to, base) {
      let result = base?.value ?? null
      for (let i = from; i < to; i++) if (!filter || filter[i] === true) result = next(result, input![i]!)
      return result
    },
    newBase: emptyBase,
    absorb: (base, value) => void (base.value = next(base.value, value)),
  }
}
