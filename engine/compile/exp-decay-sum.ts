/** EXP_DECAY_SUM: each value halves per half-life of age. Carried forward from row to row, so that dropped rows leave the same bits. */
import { type CompiledAggregate, emptyBase } from './aggregate.ts'
import { checkDouble, type Counters } from './value.ts'

/** `second` is the event time; `divisor` turns an input (a scaled decimal) into its number. */
export function compileExpDecaySum(halfLifeMs: number, divisor: number, counters: Counters): CompiledAggregate {
  const aged = (sum: number, fromMs: number, toMs: number) => sum * 2 ** ((fromMs - toMs) / halfLifeMs)
  return {
    type: 'double',
    evaluate(input, filter, from, to, base, second, atMs = 0) {
      let count = base ? base.count : 0
      let sum = base ? (base.sum as number) : 0
      let sumMs = base && base.by !== null ? Number(base.by) : 0
      for (let i = from; i < to; i++) {
        const value = input![i]!
        if (value === null || (filter && filter[i] !== true)) continue
        const timeMs = Number(second![i]!)
        sum = (count === 0 ? 0 : aged(sum, sumMs, timeMs)) + Number(value) / divisor
        sumMs = timeMs
        count++
      }
      return count === 0 ? null : checkDouble(aged(sum, sumMs, atMs), counters)
    },
    newBase: emptyBase,
    absorb(base, value, second) {
      if (value === null) return
      base.sum = (base.count === 0 ? 0 : aged(base.sum as number, Number(base.by), Number(second))) + Number(value) / divisor
      base.by = second
      base.count++
    },
  }
}
