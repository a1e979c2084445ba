/**
 * The keys of a subtask: one record of fixed size for each, in chunks of one size that are never moved. A record holds the key's
 * canonical text, where its rows are, and the running state of the view's aggregates (laid out by `record-layout.ts`).
 * They are found through a hash table of (hash, slot) pairs, probed for a whole batch at a time so that cache misses overlap.
 */
import { textOf } from '../compile/wtf8.ts'
import type { ByteWriter } from './byte-writer.ts'
import { Chunks } from './chunks.ts'

const CHUNK_BITS = 12
export const RECORDS_PER_CHUNK = 1 << CHUNK_BITS
const INLINE_BYTES = 24
const ARENA_BYTES = 1 << 20
const INTS_PER_LINE = 16
const WORDS_PER_LINE = 8

/** The table's hash of a key: murmur3 turned so that its low bits, which are the key group, do not decide the place. */
export const tableHash = (murmur: number): number => (murmur >>> 7) | (murmur << 25)

/** Places in a record: I… count 32-bit words, F… 64-bit ones, from the record's start. */
export const I_HASH = 0
export const I_KEY_BYTES = 1
export const I_GROUP = 2
/** rows: chunk and first word of the ring, sequence numbers [head, tail), capacity − 1 */
export const I_ROW_CHUNK = 3
export const I_ROW_BASE = 4
export const I_HEAD = 5
export const I_TAIL = 6
export const I_ROW_MASK = 7
/** index + 1 in the operator's list of touched keys */
export const I_TOUCHED = 8
/** number of the newest snapshot that holds the key */
export const I_SNAPSHOT = 9
/** where the text of a key longer than INLINE_BYTES begins: arena × ARENA_BYTES + offset */
const F_KEY_PLACE = 5
/** newest event time of the key */
export const F_AS_OF = 6
/** events of it applied */
export const F_APPLIED = 7
/** position of the event that F_AS_OF is from: the last of its millisecond */
export const F_AS_OF_POSITION = 8
/** the moment that the key's current values, and with them the aggregates in the record, stand for */
export const F_ANCHOR = 9
/** earliest entry in the decay heap; Infinity: none */
export const F_TIMER = 10
/** when the current values stop being right; Infinity: never */
export const F_VALID_UNTIL = 11
/** event time of the oldest kept row; Infinity: none */
export const F_HEAD_TIME = 12
/** event time of the newest dropped row; −Infinity: none */
export const F_DROPPED_TIME = 13
const F_KEY = 14
export const FIXED_WORDS = F_KEY + INLINE_BYTES / 8

export class KeySlab {
  readonly words: number
  readonly floats: Float64Array[] = []
  readonly ints: Int32Array[] = []
  count = 0
  private readonly memory = new Chunks()
  private readonly bytes: Uint8Array[] = []
  private readonly arenas: Uint8Array[] = []
  private arenaUsed = ARENA_BYTES
  private table = new Int32Array(2048)
  private tableMask = 1023
  /** slots whose key was removed */
  private readonly free: number[] = []
  /** places of removed long keys, by length in bytes */
  private readonly freePlaces = new Map<number, number[]>()

  /** `words`: size of a record in 64-bit words. */
  constructor(words: number) {
    this.words = Math.ceil(words / WORDS_PER_LINE) * WORDS_PER_LINE
  }

  /** A candidate slot + 1 for each hash, 0 where there is none. To be confirmed by `find`. */
  probe(hashes: Int32Array, from: number, to: number, out: Int32Array): void {
    const { table, tableMask } = this
    for (let k = from; k < to; k++) {
      const hash = hashes[k]!
      let i = hash & tableMask
      let slot = table[2 * i + 1]!
      while (slot !== 0 && table[2 * i] !== hash) {
        i = (i + 1) & tableMask
        slot = table[2 * i + 1]!
      }
      out[k] = slot
    }
  }

  /** Loads the candidates' records, a word of each cache line, so that their misses overlap rather than follow one another. */
  touch(candidates: Int32Array, from: number, to: number): number {
    let sum = 0
    const { ints, words } = this
    for (let k = from; k < to; k++) {
      const slot = candidates[k]! - 1
      if (slot < 0) continue
      const chunk = ints[slot >>> CHUNK_BITS]!
      const first = (slot & (RECORDS_PER_CHUNK - 1)) * words * 2
      for (let word = 0; word < 2 * words; word += INTS_PER_LINE) sum ^= chunk[first + word]!
    }
    return sum
  }

  /** Slot of the key whose text is key[from, to), or −1. `candidate` comes from `probe`; 0 where unknown. */
  find(key: Uint8Array, from: number, to: number, hash: number, candidate: number): number {
    if (candidate !== 0 && this.equals(candidate - 1, key, from, to)) return candidate - 1
    const { table, tableMask } = this
    for (let i = hash & tableMask; ; i = (i + 1) & tableMask) {
      const slot = table[2 * i + 1]!
      if (slot === 0) return -1
      if (table[2 * i] === hash && this.equals(slot - 1, key, from, to)) return slot - 1
    }
  }

  private equals(slot: number, key: Uint8Array, from: number, to: number): boolean {
    const chunk = slot >>> CHUNK_BITS
    const base = (slot & (RECORDS_PER_CHUNK - 1)) * this.words
    const length = to - from
    if (this.ints[chunk]![base * 2 + I_KEY_BYTES] !== length) return false
    let bytes = this.bytes[chunk]!
    let at = (base + F_KEY) * 8
    if (length > INLINE_BYTES) {
      const place = this.floats[chunk]![base + F_KEY_PLACE]!
      bytes = this.arenas[Math.floor(place / ARENA_BYTES)]!
      at = place % ARENA_BYTES
    }
    for (let j = 0; j < length; j++) if (bytes[at + j] !== key[from + j]) return false
    return true
  }

  /** A new record, zeroed but for the key and, where it was another's before, I_SNAPSHOT; the caller sets the rest. */
  insert(key: Uint8Array, from: number, to: number, hash: number, group: number): number {
    const slot = this.free.pop() ?? this.count++
    const chunk = slot >>> CHUNK_BITS
    if (chunk === this.floats.length) this.addChunk()
    const base = (slot & (RECORDS_PER_CHUNK - 1)) * this.words
    const ints = this.ints[chunk]!
    ints[base * 2 + I_HASH] = hash
    ints[base * 2 + I_KEY_BYTES] = to - from
    ints[base * 2 + I_GROUP] = group
    if (to - from <= INLINE_BYTES) {
      const bytes = this.bytes[chunk]!
      const at = (base + F_KEY) * 8
      for (let j = from; j < to; j++) bytes[at + j - from] = key[j]!
    } else this.floats[chunk]![base + F_KEY_PLACE] = this.keepLong(key.subarray(from, to))
    if (this.count * 2 > this.tableMask) this.growTable()
    this.enter(hash, slot)
    return slot
  }

  /** The key is gone, its record free for another. Later entries of its run move back, so that no probe ends early (Knuth, 6.4 R). */
  remove(slot: number): void {
    const ints = this.intsOf(slot)
    const base = this.base(slot)
    const { table, tableMask } = this
    let hole = ints[base * 2 + I_HASH]! & tableMask
    while (table[2 * hole + 1] !== slot + 1) hole = (hole + 1) & tableMask
    for (let i = (hole + 1) & tableMask; table[2 * i + 1] !== 0; i = (i + 1) & tableMask) {
      if (((i - table[2 * i]!) & tableMask) < ((i - hole) & tableMask)) continue
      table[2 * hole] = table[2 * i]!
      table[2 * hole + 1] = table[2 * i + 1]!
      hole = i
    }
    table[2 * hole + 1] = 0
    const length = this.keyLength(slot)
    if (length > INLINE_BYTES) {
      const place = this.floatsOf(slot)[base + F_KEY_PLACE]!
      this.freePlaces.set(length, [...(this.freePlaces.get(length) ?? []), place])
    }
    const snapshot = ints[base * 2 + I_SNAPSHOT]!
    this.floatsOf(slot).fill(0, base, base + this.words)
    ints[base * 2 + I_SNAPSHOT] = snapshot
    this.free.push(slot)
  }

  private keepLong(key: Uint8Array): number {
    const free = this.freePlaces.get(key.length)?.pop()
    if (free !== undefined) {
      this.arenas[Math.floor(free / ARENA_BYTES)]!.set(key, free % ARENA_BYTES)
      return free
    }
    if (this.arenaUsed + key.length > ARENA_BYTES) {
      this.arenas.push(new Uint8Array(Math.max(ARENA_BYTES, key.length)))
      this.arenaUsed = 0
    }
    const place = (this.arenas.length - 1) * ARENA_BYTES + this.arenaUsed
    this.arenas.at(-1)!.set(key, this.arenaUsed)
    this.arenaUsed += key.length
    return place
  }

  private addChunk(): void {
    const floats = this.memory.take(RECORDS_PER_CHUNK * this.words)
    this.floats.push(floats)
    this.ints.push(new Int32Array(floats.buffer, floats.byteOffset, floats.length * 2))
    this.bytes.push(new Uint8Array(floats.buffer, floats.byteOffset, floats.byteLength))
  }

  private enter(hash: number, slot: number): void {
    const { table, tableMask } = this
    let i = hash & tableMask
    while (table[2 * i + 1] !== 0) i = (i + 1) & tableMask
    table[2 * i] = hash
    table[2 * i + 1] = slot + 1
  }

  private growTable(): void {
    const old = this.table
    this.tableMask = this.tableMask * 2 + 1
    this.table = new Int32Array((this.tableMask + 1) * 2)
    for (let i = 0; i < old.length; i += 2) if (old[i + 1] !== 0) this.enter(old[i]!, old[i + 1]! - 1)
  }

  /** Canonical key text. */
  text(slot: number): string {
    const length = this.keyLength(slot)
    const at = this.keyPlace(slot)
    return textOf(this.keyHolder(slot), at, at + length)
  }

  /** Its length in UTF-8, then its bytes. */
  writeText(out: ByteWriter, slot: number): void {
    const length = this.keyLength(slot)
    out.u32(length)
    out.raw(this.keyHolder(slot), this.keyPlace(slot), length)
  }

  private keyLength(slot: number): number {
    return this.intsOf(slot)[this.base(slot) * 2 + I_KEY_BYTES]!
  }

  private keyPlace(slot: number): number {
    const base = this.base(slot)
    return this.keyLength(slot) <= INLINE_BYTES ? (base + F_KEY) * 8 : this.floatsOf(slot)[base + F_KEY_PLACE]! % ARENA_BYTES
  }

  private keyHolder(slot: number): Uint8Array {
    if (this.keyLength(slot) <= INLINE_BYTES) return this.bytes[slot >>> CHUNK_BITS]!
    return this.arenas[Math.floor(this.floatsOf(slot)[this.base(slot) + F_KEY_PLACE]! / ARENA_BYTES)]!
  }

  /** Index of the record's first 64-bit word in its chunk. */
  base(slot: number): number {
    return (slot & (RECORDS_PER_CHUNK - 1)) * this.words
  }

  floatsOf(slot: number): Float64Array {
    return this.floats[slot >>> CHUNK_BITS]!
  }

  intsOf(slot: number): Int32Array {
    return this.ints[slot >>> CHUNK_BITS]!
  }

  bytesOf(slot: number): Uint8Array {
    return this.bytes[slot >>> CHUNK_BITS]!
  }

  get byteLength(): number {
    return this.floats.length * RECORDS_PER_CHUNK * this.words * 8 + this.table.byteLength + this.arenas.length * ARENA_BYTES
  }
}
