/**
 * Variance, skewness and kurtosis from central moments, updated value by value (Welford 1962; Pébay 2008 for the third and
 * fourth): large means do not spoil them, and dropped rows then kept ones give the same bits as one scan over all.
 */
import type { AggregateName } from '../../definition/model.ts'
import type { CompiledAggregate, Scan } from './aggregate.ts'
import { emptyBase } from './aggregate.ts'
import { checkDouble, type Counters, type Value } from './value.ts'

export type MomentName = Extract<
  AggregateName,
  'stddev_samp' | 'stddev_pop' | 'var_samp' | 'var_pop' | 'skewness' | 'skewness_pop' | 'kurtosis' | 'kurtosis_pop'
>

type Moments = [count: number, mean: number, m2: number, m3: number, m4: number]

function add(moments: Moments, x: number): void {
  const [before, mean, m2, m3, m4] = moments
  const n = before + 1
  const delta = x - mean
  const step = delta / n
  const term = delta * step * before
  moments[0] = n
  moments[1] = mean + step
  moments[2] = m2 + term
  moments[3] = m3 + term * step * (n - 2) - 3 * step * m2
  moments[4] = m4 + term * step * step * (n * n - 3 * n + 3) + 6 * step * step * m2 - 4 * step * m3
}

/** Null where there are too few values; a division by zero (all values equal) gives NaN. */
export const RESULTS: Record<MomentName, (moments: Moments) => number | null> = {
  var_pop: ([n, , m2]) => (n < 1 ? null : m2 / n),
  var_samp: ([n, , m2]) => (n < 2 ? null : m2 / (n - 1)),
  stddev_pop: ([n, , m2]) => (n < 1 ? null : Math.sqrt(m2 / n)),
  stddev_samp: ([n, , m2]) => (n < 2 ? null : Math.sqrt(m2 / (n - 1))),
  skewness_pop: ([n, , m2, m3]) => (n < 1 ? null : populationSkewness(n, m2, m3)),
  skewness: ([n, , m2, m3]) => (n < 3 ? null : (Math.sqrt(n * (n - 1)) / (n - 2)) * populationSkewness(n, m2, m3)),
  kurtosis_pop: ([n, , m2, , m4]) => (n < 2 ? null : (n * m4) / (m2 * m2) - 3),
  kurtosis: ([n, , m2, , m4]) => (n < 4 ? null : ((n - 1) * ((n + 1) * ((n * m4) / (m2 * m2)) - 3 * (n - 1))) / ((n - 2) * (n - 3))),
}
const populationSkewness = (n: number, m2: number, m3: number) => m3 / n / (m2 / n) ** 1.5

/** `divisor`: what turns an input (a scaled decimal) into its number. */
export function compileMoments(fn: MomentName, divisor: number, counters: Counters): CompiledAggregate {
  const result = RESULTS[fn]
  const evaluate: Scan = (input, filter, from, to, base) => {
    const moments: Moments = base ? ([...base.moments!] as Moments) : [0, 0, 0, 0, 0]
    for (let i = from; i < to; i++) {
      const value = input![i]!
      if (value !== null && (!filter || filter[i] === true)) add(moments, (value as number) / divisor)
    }
    const found = result(moments)
    return found === null ? null : checkDouble(found, counters)
  }
  return {
    type: 'double',
    evaluate,
    newBase: () => ({ ...emptyBase(), moments: [0, 0, 0, 0, 0] }),
    absorb: (base, value: Value) => {
      if (value !== null) add(base.moments as Moments, (value as number) / divisor)
    },
  }
}
