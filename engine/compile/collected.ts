/** Aggregates whose result is a list or a map: LIST, the k smallest and largest, HISTOGRAM; and any aggregate over different values only. */
import { type ExprType, listOf, mapOf } from '../../definition/types.ts'
import { type CompiledAggregate, emptyBase } from './aggregate.ts'
import { compileTally } from './tally.ts'
import { comparer } from './typed.ts'
import { outputOf, type Scalar, type Value } from './value.ts'

/** All values in order of position, NULLs too. */
export function compileList(type: ExprType): CompiledAggregate {
  return {
    type: listOf(type),
    evaluate(input, filter, from, to, base) {
      const list: Scalar[] = [...((base?.recent ?? []) as Scalar[])]
      for (let i = from; i < to; i++) if (!filter || filter[i] === true) list.push(input![i] as Scalar)
      return list.length === 0 ? null : list
    },
    newBase: () => ({ ...emptyBase(), recent: [] }),
    absorb: (base, value) => void base.recent!.push(value),
  }
}

/** The best k of what is put in, best first; of equals the first one put in. What it costs does not depend on how many there were. */
class Best {
  readonly values: Value[] = []
  readonly by: Value[] = []
  private readonly k: number
  private readonly isBetter: (a: NonNullable<Value>, b: NonNullable<Value>) => boolean

  constructor(k: number, isBetter: Best['isBetter']) {
    this.k = k
    this.isBetter = isBetter
  }

  put(value: Value, by: Value): void {
    if (value === null || by === null) return
    let at = this.by.length
    if (at === this.k && !this.isBetter(by, this.by[at - 1]!)) return
    if (at === this.k) at--
    for (; at > 0 && this.isBetter(by, this.by[at - 1]!); at--) {
      this.values[at] = this.values[at - 1]!
      this.by[at] = this.by[at - 1]!
    }
    this.values[at] = value
    this.by[at] = by
  }
}

/**
 * The k largest (sign 1) or smallest values; with `byType`, the values beside the largest or smallest others. Of dropped rows the best k are
 * remembered: `recent` has each value and what it was chosen by, in turn.
 */
export function compileBest(type: ExprType, byType: ExprType | null, sign: 1 | -1, k: number): CompiledAggregate {
  const compare = comparer(byType ?? type, byType ?? type)
  const best = (remembered: readonly Value[] | null | undefined) => {
    const kept = new Best(k, (a, b) => compare(a, b) * sign > 0)
    for (let i = 0; remembered && i < remembered.length; i += 2) kept.put(remembered[i]!, remembered[i + 1]!)
    return kept
  }
  return {
    type: listOf(type),
    evaluate(input, filter, from, to, base, second = input) {
      const kept = best(base?.recent)
      for (let i = from; i < to; i++) if (!filter || filter[i] === true) kept.put(input![i]!, second![i]!)
      return kept.values.length === 0 ? null : (kept.values as Scalar[])
    },
    newBase: () => ({ ...emptyBase(), recent: [] }),
    absorb(base, value, second) {
      const kept = best(base.recent)
      kept.put(value, byType === null ? value : second)
      base.recent = kept.values.flatMap((one, i) => [one, kept.by[i]!])
    },
  }
}

/** How often each value came, by its text as JSON has it; in order of the values, as far as a JSON object keeps one. NULL is no value. */
export function compileHistogram(type: ExprType): CompiledAggregate {
  const compare = comparer(type, type)
  const output = outputOf(type)
  return compileTally(mapOf(type), null, (tally) =>
    Object.fromEntries([...tally].sort(([a], [b]) => compare(a!, b!)).map(([value, times]) => [String(output(value)), times])),
  )
}

/** The aggregate over different values, in order of their first coming. */
export function overDistinct(inner: CompiledAggregate): CompiledAggregate {
  return {
    type: inner.type,
    evaluate(input, filter, from, to, base) {
      const seen = new Set(base?.seen)
      for (let i = from; i < to; i++) if (!filter || filter[i] === true) seen.add(input![i]!)
      const values = [...seen]
      return inner.evaluate(values, undefined, 0, values.length, null)
    },
    newBase: () => ({ ...emptyBase(), seen: new Set() }),
    absorb: (base, value) => void base.seen!.add(value),
  }
}
