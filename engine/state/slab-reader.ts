/** Reads from the slabs: the values of a key at a moment, without changing anything. */
import type { Evaluator } from '../compile/evaluator.ts'
import type { Kernel } from '../compile/kernel.ts'
import type { Value } from '../sink/port.ts'
import { KeyRows } from './key-rows.ts'
import type { KeyReading } from './operator.ts'
import { readRows } from './plain-operator.ts'
import { F_ANCHOR, F_APPLIED, F_AS_OF } from './slab-keys.ts'
import type { SlabStore } from './slab-store.ts'
import type { Ttl } from './ttl.ts'

export interface SlabReaderParts {
  readonly evaluator: Evaluator
  readonly store: SlabStore
  readonly kernel: Kernel
  readonly ttl: Ttl
  /** feature values of the moment that the record stands for */
  readonly valuesNow: (f: Float64Array, g: Int32Array, k: number, slot: number) => Value[]
}

export class SlabReader {
  private readonly parts: SlabReaderParts
  private readonly saved: Float64Array

  constructor(parts: SlabReaderParts) {
    this.parts = parts
    this.saved = new Float64Array(parts.store.layout.recordWords)
  }

  /** `slot` −1: a key that was never seen, or is forgotten at that moment. */
  read(slot: number, key: string, group: number, atMs: number): KeyReading {
    if (slot >= 0) return this.readSlot(slot, atMs)
    const { evaluator, store, ttl } = this.parts
    return readRows(evaluator, null, new KeyRows(key, group, store.layout.columns.length), atMs, ttl)
  }

  /**
   * A moment from the key's current one on: the record is moved on to it, read, and put back. A moment before it, or one at which
   * rows come in, or leave an order of values (which would change the rows' links): from the rows, by the plain evaluator.
   */
  private readSlot(slot: number, atMs: number): KeyReading {
    const { evaluator, store, kernel, valuesNow, ttl } = this.parts
    const f = store.keys.floatsOf(slot)
    const g = store.keys.intsOf(slot)
    const k = store.keys.base(slot)
    const isOrdered = store.layout.quantities.some(({ kind }) => kind === 'ranked')
    if (
      atMs < f[k + F_ANCHOR]! ||
      (isOrdered && kernel.validUntil(f, k) <= atMs) ||
      store.layout.edges.some(({ endMs, enterAt }) => endMs > 0 && f[k + enterAt]! <= atMs)
    ) {
      const rows = store.keyRows(slot)
      return readRows(evaluator, rows, rows, atMs, ttl)
    }
    this.saved.set(f.subarray(k, k + this.saved.length))
    settleUpTo(kernel, f, g, k, atMs)
    const values = valuesNow(f, g, k, slot)
    const asOfMs = f[k + F_AS_OF]!
    const status = kernel.holds(f, g, k) ? 'PRESENT' : 'EMPTY'
    const version = [asOfMs, f[k + F_APPLIED]!, f[k + F_ANCHOR]! - asOfMs] as const
    f.set(this.saved, k)
    return { status, values, asOfMs, version }
  }
}

/** Moves the key's current moment to the last change at or before `nowMs`. True where it moved. */
export function settleUpTo(kernel: Kernel, f: Float64Array, g: Int32Array, k: number, nowMs: number): boolean {
  let moved = false
  for (let next = kernel.validUntil(f, k); next <= nowMs; next = kernel.validUntil(f, k)) {
    kernel.advance(f, g, k, next)
    moved = true
  }
  return moved
}
