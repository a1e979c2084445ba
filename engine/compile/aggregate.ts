/** What a compiled aggregate is: a scan over rows [from, to) of its input columns, and what it remembers of rows that are gone. */
import type { ExprType } from '../../definition/types.ts'
import type { Value } from './value.ts'

export type Column = readonly Value[]

/** Contribution of dropped rows. One shape for all functions; JSON-safe but for `sum`, `seen`, `counts` and `sketch`, see the snapshot codec. */
export interface Base {
  count: number
  /** exact for whole numbers, a plain left-to-right double sum otherwise */
  sum: bigint | number
  value: Value
  /** what `value` was chosen by (ARG_MIN, ARG_MAX) */
  by: Value
  seen: Set<Value> | null
  /** how often each value came, in order of its first coming */
  counts: Map<Value, number> | null
  /** the last values, oldest first; or the best ones */
  recent: Value[] | null
  /** mean and sums of powers of the distance from it */
  moments: number[] | null
  /** a slice that holds one of the sketches, and may be longer than it */
  sketch: Uint8Array | null
}

export interface CompiledAggregate {
  readonly type: ExprType
  /** [from, to) are all kept rows up to the current one, instead of the frame; and dropped rows are absorbed whatever the window */
  readonly byPosition?: true
  /** `second`: the other input of a function of two; `atMs`: the moment that is asked about */
  evaluate(
    input: Column | undefined,
    filter: Column | undefined,
    from: number,
    to: number,
    base: Base | null,
    second?: Column,
    atMs?: number,
  ): Value
  newBase(): Base
  /** `taken`: FILTER takes the row; others come only where `byPosition` is set */
  absorb(base: Base, value: Value, second: Value, taken: boolean): void
}

export type Scan = CompiledAggregate['evaluate']
export type Absorb = CompiledAggregate['absorb']

export const emptyBase = (): Base => ({
  count: 0,
  sum: 0,
  value: null,
  by: null,
  seen: null,
  counts: null,
  recent: null,
  moments: null,
  sketch: null,
})
