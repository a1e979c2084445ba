/** What the features in TypeScript of a view keep of one key. */
import type { Value } from '../compile/value.ts'
import { ByteReader, ByteWriter } from '../state/byte-writer.ts'
import { wtf8 } from '../compile/wtf8.ts'
import type { CallPlace, CodeInstance, InstanceState } from './code-instance.ts'

const KEY_BYTES = 120
const INSTANCE_BYTES = 200
const VALUE_BYTES = 40

export interface Due {
  readonly index: number
  readonly atMs: number
  readonly what: 'timer' | 'ttl'
}

export class KeyCode implements CallPlace {
  readonly key: string
  readonly group: number
  /** position of its latest event */
  partition = 0
  offset = 0
  /** newest moment that its values stand for: of an event or a timer */
  asOfMs = Number.NEGATIVE_INFINITY
  /** by call, changed in place */
  readonly values: Value[]
  /** its entry in the heap of what is due; null: none */
  reminderMs: number | null = null
  /** timers fired and states forgotten since it was asked last: each makes a new version of the key's row */
  #fired = 0
  /** as counted last */
  bytes = 0
  readonly #instances: readonly CodeInstance[]
  readonly #states: (InstanceState | null)[]

  constructor(key: string, group: number, instances: readonly CodeInstance[]) {
    this.key = key
    this.group = group
    this.#instances = instances
    this.values = instances.map(() => null)
    this.#states = instances.map(() => null)
  }

  stateOf(index: number): InstanceState {
    return (this.#states[index] ??= this.#instances[index]!.newState())
  }

  takeFired(): number {
    const fired = this.#fired
    this.#fired = 0
    return fired
  }

  forget(index: number): void {
    this.#states[index] = null
    this.values[index] = null
  }

  noteEvent(timeMs: number, partition: number, offset: number): void {
    this.partition = partition
    this.offset = offset
    if (timeMs > this.asOfMs) this.asOfMs = timeMs
  }

  noteFired(atMs: number): void {
    this.#fired++
    if (atMs > this.asOfMs) this.asOfMs = atMs
  }

  /** What comes next by time alone. At one moment a timer comes before the end of a TTL, the feature named first before the other. */
  next(): Due | null {
    let next: Due | null = null
    for (let index = 0; index < this.#states.length; index++) {
      const state = this.#states[index]
      if (!state) continue
      const timerMs = state.timers.nextMs
      const { ttlMs } = this.#instances[index]!.planned.feature
      const endMs = ttlMs === null ? Number.POSITIVE_INFINITY : state.touchedMs + ttlMs
      if (timerMs !== null && timerMs <= endMs && timerMs < (next?.atMs ?? Number.POSITIVE_INFINITY))
        next = { index, atMs: timerMs, what: 'timer' }
      else if (endMs < (next?.atMs ?? Number.POSITIVE_INFINITY)) next = { index, atMs: endMs, what: 'ttl' }
    }
    return next
  }

  /** The values at an instant: known from the latest event or timer on, and no longer than the TTL lasts. */
  valuesAt(atMs: number): readonly Value[] {
    return this.values.map((value, index) => {
      const state = this.#states[index]
      const { ttlMs } = this.#instances[index]!.planned.feature
      const isKnown = state && atMs >= this.asOfMs && (ttlMs === null || atMs <= state.touchedMs + ttlMs)
      return isKnown ? value : null
    })
  }

  measure(): number {
    let bytes = KEY_BYTES
    for (const state of this.#states) {
      if (!state) continue
      bytes += INSTANCE_BYTES + VALUE_BYTES * state.timers.list().length
      for (const { count } of state.states) bytes += VALUE_BYTES * count
    }
    return bytes
  }

  write(out: ByteWriter): void {
    out.text(wtf8(this.key))
    out.f64(this.asOfMs)
    out.u32(this.partition)
    out.f64(this.offset)
    for (const [index, state] of this.#states.entries()) {
      const own = new ByteWriter(64)
      if (state) this.#instances[index]!.write(own, state)
      out.text(own.finish())
    }
  }

  /** `slots`: of each call in the bytes, which one of this view's it is; −1: none. */
  read(from: ByteReader, slots: readonly number[]): void {
    const [asOfMs, partition, offset] = [from.f64(), from.u32(), from.f64()]
    if (this.asOfMs === Number.NEGATIVE_INFINITY) {
      this.asOfMs = asOfMs
      this.partition = partition
      this.offset = offset
    }
    for (const slot of slots) {
      const bytes = from.text()
      if (slot < 0 || bytes.length === 0 || this.#states[slot]) continue
      const state = this.#instances[slot]!.read(new ByteReader(bytes))
      this.#states[slot] = state
      this.values[slot] = state.value
    }
  }
}
