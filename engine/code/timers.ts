/** The timers of one key and one feature: one for each (time, name), in the order in which they fire. */
import type { Timer } from '../../features/evenflow.ts'
import type { ByteReader, ByteWriter } from '../state/byte-writer.ts'
import { wtf8 } from '../compile/wtf8.ts'
import { readText } from './json-codec.ts'
import type { Undo } from './undo.ts'

const MAX_PER_KEY = 1000

export class KeyTimers {
  /** never changed in place: a list taken before a change stays as it was */
  #list: readonly Timer[] = []
  readonly #undo: Undo

  constructor(undo: Undo) {
    this.#undo = undo
  }

  get nextMs(): number | null {
    return this.#list[0]?.atMs ?? null
  }

  list(): readonly Timer[] {
    return this.#list
  }

  /** @throws RangeError where it is no moment after `nowMs`: it would never be reached in order */
  set(name: string, atMs: number, nowMs: number): void {
    if (!Number.isSafeInteger(atMs) || atMs <= nowMs)
      throw new RangeError(`a timer is set for a moment after the present one, in whole milliseconds: ${atMs} is not after ${nowMs}`)
    const timer = Object.freeze({ name: String(name), atMs })
    let at = this.#list.length
    while (at > 0 && compare(this.#list[at - 1]!, timer) > 0) at--
    if (at > 0 && compare(this.#list[at - 1]!, timer) === 0) return
    if (this.#list.length >= MAX_PER_KEY) throw new RangeError(`a key has ${MAX_PER_KEY} timers of this feature already`)
    this.#replace(this.#list.toSpliced(at, 0, timer))
  }

  clear(name: string, atMs?: number): void {
    const rest = this.#list.filter((timer) => timer.name !== name || (atMs !== undefined && timer.atMs !== atMs))
    if (rest.length < this.#list.length) this.#replace(rest)
  }

  /** Takes the first one out. Not undone: a timer whose call throws has fired all the same. */
  shift(): Timer {
    const [first, ...rest] = this.#list
    this.#list = rest
    return first!
  }

  write(out: ByteWriter): void {
    out.u32(this.#list.length)
    for (const { name, atMs } of this.#list) {
      out.f64(atMs)
      out.text(wtf8(name))
    }
  }

  read(from: ByteReader): void {
    const list: Timer[] = []
    for (let left = from.u32(); left > 0; left--) {
      const atMs = from.f64()
      list.push(Object.freeze({ name: readText(from), atMs }))
    }
    this.#list = list
  }

  #replace(list: readonly Timer[]): void {
    const before = this.#list
    this.#undo.note(() => (this.#list = before))
    this.#list = list
  }
}

const compare = (a: Timer, b: Timer): number => a.atMs - b.atMs || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)
