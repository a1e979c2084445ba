/** A view's kernel: functions generated from the plan that keep a key's rows and running quantities in the slabs up to date. */
import type { ExprType } from '../../definition/types.ts'
import { MAX_INT } from '../../definition/types.ts'
import type { Plan } from '../plan/plan.ts'
import type { LastSeen } from '../state/last-seen.ts'
import { OrderTree } from '../state/order-tree.ts'
import type { RowSlab } from '../state/slab-rows.ts'
import type { TextPool } from '../state/text-pool.ts'
import type { KernelLayout } from './kernel-layout.ts'
import { KernelRewind } from './kernel-rewind.ts'
import { KernelValues } from './kernel-values.ts'
import { type MomentName, RESULTS } from './moments.ts'
import { squareRest, sumOfDeviations } from './two-doubles.ts'
import { compileRank, isRanked } from './ranks.ts'
import { checkDecimal, checkDouble, type Counters } from './value.ts'

type Floats = Float64Array
type Ints = Int32Array

/** f, g, k: the chunk of the key's record as 64- and 32-bit words, and the record's first 64-bit word. */
export interface Kernel {
  /** Moves all windows on to a moment not before the one they stand for. */
  advance(f: Floats, g: Ints, k: number, atMs: number): void
  /** Takes in the row that stands behind the newest one in the ring; the windows do not stand for a later moment than its own. */
  join(f: Floats, g: Ints, k: number, slot: number): void
  /** Takes the newest row off again. */
  part(f: Floats, g: Ints, k: number, slot: number): void
  /** Moves all windows back to a moment of which no row is newer; only where all windows end now. */
  retreat(f: Floats, g: Ints, k: number, atMs: number): void
  /** The words of one row, links apart. */
  write(rows: Floats, ints: Ints, at: number, timeMs: number, position: number, columns: readonly Floats[], i: number): void
  /** Takes off rows older than `neededMs`, which have left all windows. Returns how many. */
  drop(f: Floats, g: Ints, k: number, slot: number, neededMs: number): number
  /** Undoes what others know of the key's rows, before these are moved about. */
  unlink(f: Floats, g: Ints, k: number, slot: number): void
  /** Derives everything anew from the rows, for the moment in the record's anchor. */
  rebuild(f: Floats, g: Ints, k: number, slot: number): void
  holds(f: Floats, g: Ints, k: number): boolean
  validUntil(f: Floats, k: number): number
  /** Values of all aggregates of the plan into out[a][o]; NaN is NULL, a text stands by its number, a decimal is scaled. */
  evaluate(f: Floats, g: Ints, k: number, out: readonly Floats[], o: number): void
}

const BOOLEANS = Float64Array.of(Number.NaN, 0, 1, Number.NaN)

export function compileKernel(
  plan: Plan,
  columnTypes: readonly ExprType[],
  layout: KernelLayout,
  rows: RowSlab,
  seen: LastSeen,
  texts: TextPool,
  counters: Counters,
): Kernel {
  const moves = new KernelRewind(layout)
  const values = new KernelValues(plan, layout)
  const names = ['advance', 'join', 'part', 'retreat', 'write', 'drop', 'unlink', 'rebuild', 'holds', 'validUntil', 'evaluate'] as const
  const body = `'use strict';
const RF=rows.floats,RI=rows.ints,textNumber=(x)=>x<0?NaN:x;
${moves.write()}
${moves.advance()}
${moves.join()}
${moves.part()}
${moves.retreat()}
${moves.drop()}
${moves.unlink()}
${moves.rebuild()}
${values.holds()}
${values.validUntil()}
${values.evaluate(columnTypes)}
return {${names.join(',')}}`
  const finite = (value: number): number => checkDouble(value, counters) ?? Number.NaN
  const decimal = (high: number, low: number): number => checkDecimal(high + low, counters) ?? Number.NaN
  const whole = (high: number, low: number): number => wholeSum(high, low, counters)
  const moments = (
    fn: MomentName,
    n: number,
    sum: number,
    sumLow: number,
    squares: number,
    squaresLow: number,
    divisor: number,
  ): number => {
    const m2 = n === 0 ? 0 : sumOfDeviations(n, sum, sumLow, squares, squaresLow) / divisor / divisor
    const value = RESULTS[fn]([n, 0, m2, 0, 0])
    return value === null ? Number.NaN : finite(value)
  }
  const trees = layout.quantities.map((quantity) =>
    quantity.kind === 'ranked' ? new OrderTree({ ...quantity, stride: layout.rowWords, value: layout.columns[quantity.input]!.at }) : null,
  )
  const ranks = plan.aggregates.map(({ expr, input }) => (isRanked(expr.fn) ? compileRank(expr, columnTypes[input]!) : null))
  return new Function('rows', 'seen', 'texts', 'BOOLEANS', 'finite', 'decimal', 'whole', 'moments', 'squareRest', 'trees', 'ranks', body)(
    rows,
    seen,
    texts,
    BOOLEANS,
    finite,
    decimal,
    whole,
    moments,
    squareRest,
    trees,
    ranks,
  ) as Kernel
}

/** A sum of whole numbers kept in two doubles; NULL, counted, beyond ±2^53. */
export function wholeSum(high: number, low: number, counters: Counters): number {
  const sum = high + low
  if (sum < MAX_INT && sum > -MAX_INT) return sum
  const rest = low - (sum - high)
  if (Math.abs(sum) === MAX_INT && (rest === 0 || rest > 0 !== sum > 0)) return sum
  counters.overflow++
  return Number.NaN
}
