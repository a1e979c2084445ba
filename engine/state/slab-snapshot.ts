/**
 * A snapshot of the slabs while events go on being applied: it holds every key as it was when the snapshot began. A key is written
 * when its turn comes or just before it first changes, whichever is earlier (copy before write, key by key), so that the barrier
 * itself costs only the rows that wait.
 */
import { ByteWriter } from './byte-writer.ts'
import { KEY_ENTRY, WAITING_ENTRY } from './group-format.ts'
import { KEY_GROUPS } from './hash.ts'
import type { KeyState } from './key-state.ts'
import type { OperatorSnapshot, OperatorState } from './operator.ts'
import { F_ANCHOR, F_APPLIED, F_AS_OF, F_AS_OF_POSITION, F_DROPPED_TIME, I_GROUP, I_SNAPSHOT } from './slab-keys.ts'
import type { WaitingRows } from './waiting-rows.ts'

export class SlabSnapshot implements OperatorSnapshot {
  readonly operator: OperatorState
  private readonly state: KeyState
  private readonly number: number
  private readonly keyCount: number
  private readonly groups: (ByteWriter | null)[] = new Array(KEY_GROUPS).fill(null)
  private nextSlot = 0
  private readonly slots = new Int32Array(128)
  private readonly completed: () => void

  /** `number` differs from that of every other snapshot of these slabs. `completed`: it need not be given keys any more. */
  constructor(parts: { state: KeyState; waiting: WaitingRows; operator: OperatorState; number: number; completed: () => void }) {
    const { state, waiting } = parts
    this.state = state
    this.operator = parts.operator
    this.number = parts.number
    this.completed = parts.completed
    this.keyCount = state.keys.count
    for (const row of waiting.sorted()) this.writeWaiting(waiting, row)
  }

  advance(maxKeys: number): boolean {
    const end = Math.min(this.keyCount, this.nextSlot + maxKeys)
    while (this.nextSlot < end) this.takeSome(Math.min(end - this.nextSlot, this.slots.length))
    if (this.nextSlot < this.keyCount) return false
    this.completed()
    return true
  }

  /** What stands behind their records is loaded first, so that cache misses overlap rather than follow one another. */
  private takeSome(keys: number): void {
    for (let i = 0; i < keys; i++) this.slots[i] = this.nextSlot + i
    this.state.touch(this.slots, 0, keys)
    for (let i = 0; i < keys; i++) this.take(this.nextSlot++)
  }

  /** Writes the key as it is now, once. To be called before it changes. */
  take(slot: number): void {
    const { keys } = this.state
    const f = keys.floatsOf(slot)
    const g = keys.intsOf(slot)
    const k = keys.base(slot)
    if (slot >= this.keyCount || g[2 * k + I_SNAPSHOT] === this.number) return
    g[2 * k + I_SNAPSHOT] = this.number
    if (f[k + F_APPLIED] === 0) return // known by a waiting row only
    const out = this.writerOf(g[2 * k + I_GROUP]!)
    out.u8(KEY_ENTRY)
    keys.writeText(out, slot)
    out.f64(f[k + F_AS_OF]!)
    out.f64(f[k + F_AS_OF_POSITION]!)
    out.f64(f[k + F_APPLIED]!)
    out.f64(f[k + F_ANCHOR]!)
    out.f64(f[k + F_DROPPED_TIME]!)
    this.state.writeKey(out, f, g, k)
  }

  private writeWaiting(waiting: WaitingRows, row: number): void {
    const { keys } = this.state
    const slot = waiting.slots[row]!
    const out = this.writerOf(keys.intsOf(slot)[2 * keys.base(slot) + I_GROUP]!)
    out.u8(WAITING_ENTRY)
    keys.writeText(out, slot)
    out.f64(waiting.times[row]!)
    out.f64(waiting.positions[row]!)
    this.state.writeInputs(out, waiting.columns, row)
  }

  private writerOf(group: number): ByteWriter {
    const known = this.groups[group]
    if (known) return known
    const out = new ByteWriter()
    this.state.writeHead(out)
    this.groups[group] = out
    return out
  }

  /** Once `advance` has said that it is done. */
  partsOf(group: number): readonly Uint8Array[] | null {
    return this.groups[group]?.parts() ?? null
  }
}
