/** APPROX_COUNT_DISTINCT and APPROX_QUANTILE: sketches of the frame; of dropped rows the sketch is kept, in as many bytes as it needs. */
import { type Base, type CompiledAggregate, emptyBase } from './aggregate.ts'
import { HLL_LEAST_BYTES, HLL_MOST_BYTES, hllAdd, hllBytes, hllEstimate } from './hyper-log-log.ts'
import {
  QUANTILES_LEAST_BYTES,
  QUANTILES_MOST_BYTES,
  quantilesAdd,
  quantilesAtRank,
  quantilesBytes,
  quantilesCount,
} from './quantile-sketch.ts'
import { rankOf } from './tally.ts'
import type { Expr } from '../../definition/model.ts'
import { valueHash } from './value-hash.ts'
import type { Value } from './value.ts'

interface Kind {
  readonly leastBytes: number
  readonly mostBytes: number
  bytesOf(sketch: Uint8Array, at: number): number
  add(sketch: Uint8Array, room: number, value: NonNullable<Value>): boolean
  result(sketch: Uint8Array): Value
}

function compileSketch(type: string, kind: Kind): CompiledAggregate {
  const frame = new Uint8Array(kind.mostBytes)
  return {
    type,
    evaluate(input, filter, from, to, base) {
      frame.fill(0, 0, kind.leastBytes)
      if (base?.sketch) frame.set(base.sketch.subarray(0, kind.bytesOf(base.sketch, 0)))
      for (let i = from; i < to; i++) {
        const value = input![i]!
        if (value !== null && (!filter || filter[i] === true)) kind.add(frame, frame.length, value)
      }
      return kind.result(frame)
    },
    newBase: () => ({ ...emptyBase(), sketch: new Uint8Array(kind.leastBytes) }),
    absorb(base, value) {
      if (value === null) return
      while (!kind.add(base.sketch!, base.sketch!.length, value)) base.sketch = larger(base, kind.mostBytes)
    },
  }
}

function larger({ sketch }: Base, most: number): Uint8Array {
  const grown = new Uint8Array(Math.min(most, sketch!.length * 2 + 16))
  grown.set(sketch!)
  return grown
}

/** The standard error is 6.5 %; up to 128 different values are counted all but for a rare collision. */
export const compileApproxCountDistinct = (): CompiledAggregate =>
  compileSketch('int', {
    leastBytes: HLL_LEAST_BYTES,
    mostBytes: HLL_MOST_BYTES,
    bytesOf: hllBytes,
    add: (sketch, room, value) => hllAdd(sketch, 0, room, valueHash(value)),
    result: (sketch) => hllEstimate(sketch, 0),
  })

/** Within 1 % of what QUANTILE_DISC has. */
export function compileApproxQuantile(fraction: Expr | undefined, divisor: number): CompiledAggregate {
  const rank = rankOf(fraction)
  return compileSketch('double', {
    leastBytes: QUANTILES_LEAST_BYTES,
    mostBytes: QUANTILES_MOST_BYTES,
    bytesOf: quantilesBytes,
    add: (sketch, room, value) => quantilesAdd(sketch, 0, room, Number(value) / divisor),
    result(sketch) {
      const count = quantilesCount(sketch, 0)
      return count === 0 ? null : quantilesAtRank(sketch, 0, Math.max(1, rank(count)))
    },
  })
}
