/**
 * Texts that rows hold, each kept once under a number: equal texts have equal numbers. Counted by reference; a text that no row
 * holds any more is forgotten, its number given away again.
 */
import { textOf, wtf8 } from '../compile/wtf8.ts'
import type { ByteWriter } from './byte-writer.ts'
import { murmur3 } from './hash.ts'

export class TextPool {
  private table = new Int32Array(1024) // number + 1
  private mask = 1023
  private hashes = new Int32Array(512)
  private starts = new Int32Array(512)
  private lengths = new Int32Array(512)
  private references = new Int32Array(512)
  private bytes = new Uint8Array(16_384)
  private bytesUsed = 0
  private bytesDead = 0
  private used = 0
  private readonly freeNumbers: number[] = []

  /** Number of the text in bytes[from, to), with one reference more. */
  intern(bytes: Uint8Array, from: number, to: number): number {
    const hash = murmur3(bytes, from, to) | 0
    const { table, mask, hashes } = this
    let i = hash & mask
    for (let entry = table[i]!; entry !== 0; entry = table[i]!) {
      if (hashes[entry - 1] === hash && this.equals(entry - 1, bytes, from, to)) {
        this.references[entry - 1]!++
        return entry - 1
      }
      i = (i + 1) & mask
    }
    return this.add(bytes, from, to, hash)
  }

  internText(text: string): number {
    const bytes = wtf8(text)
    return this.intern(bytes, 0, bytes.length)
  }

  retain(number: number): void {
    this.references[number]!++
  }

  release(number: number): void {
    if (--this.references[number]! > 0) return
    this.remove(number)
    this.bytesDead += this.lengths[number]!
    this.lengths[number] = -1
    this.freeNumbers.push(number)
  }

  text(number: number): string {
    const start = this.starts[number]!
    return textOf(this.bytes, start, start + this.lengths[number]!)
  }

  /** The text as `group-format.ts` has a value, without making a string of it. */
  writeTo(out: ByteWriter, number: number): void {
    const length = this.lengths[number]!
    out.u32(length + 1)
    out.raw(this.bytes, this.starts[number]!, length)
  }

  get size(): number {
    return this.used - this.freeNumbers.length
  }

  get byteLength(): number {
    return this.bytes.length + this.table.byteLength + 4 * this.hashes.byteLength
  }

  private equals(number: number, bytes: Uint8Array, from: number, to: number): boolean {
    if (this.lengths[number] !== to - from) return false
    const own = this.bytes
    const at = this.starts[number]! - from
    for (let j = from; j < to; j++) if (own[at + j] !== bytes[j]) return false
    return true
  }

  private add(bytes: Uint8Array, from: number, to: number, hash: number): number {
    if ((this.size + 1) * 2 > this.mask) this.growTable()
    const number = this.freeNumbers.pop() ?? this.used++
    if (number >= this.hashes.length) this.growNumbers()
    if (this.bytesUsed + to - from > this.bytes.length) this.makeRoom(to - from)
    this.bytes.set(bytes.subarray(from, to), this.bytesUsed)
    this.hashes[number] = hash
    this.starts[number] = this.bytesUsed
    this.lengths[number] = to - from
    this.references[number] = 1
    this.bytesUsed += to - from
    this.enter(number)
    return number
  }

  private enter(number: number): void {
    let i = this.hashes[number]! & this.mask
    while (this.table[i] !== 0) i = (i + 1) & this.mask
    this.table[i] = number + 1
  }

  /** Takes the entry out and moves later ones of its run back, so that no probe ends early (Knuth, 6.4 R). */
  private remove(number: number): void {
    const { table, mask, hashes } = this
    let hole = hashes[number]! & mask
    while (table[hole] !== number + 1) hole = (hole + 1) & mask
    for (let i = (hole + 1) & mask; table[i] !== 0; i = (i + 1) & mask) {
      const home = hashes[table[i]! - 1]! & mask
      if (((i - home) & mask) < ((i - hole) & mask)) continue
      table[hole] = table[i]!
      hole = i
    }
    table[hole] = 0
  }

  private growTable(): void {
    const old = this.table
    this.table = new Int32Array(old.length * 2)
    this.mask = this.table.length - 1
    for (const entry of old) if (entry !== 0) this.enter(entry - 1)
  }

  private growNumbers(): void {
    const larger = (old: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> => {
      const array = new Int32Array(old.length * 2)
      array.set(old)
      return array
    }
    this.hashes = larger(this.hashes)
    this.starts = larger(this.starts)
    this.lengths = larger(this.lengths)
    this.references = larger(this.references)
  }

  /** Copies what is alive to a new array: of the same size when half of the old one was dead. */
  private makeRoom(needed: number): void {
    const alive = this.bytesUsed - this.bytesDead
    let size = this.bytes.length
    while (alive + needed > size / 2) size *= 2
    const bytes = new Uint8Array(size)
    let at = 0
    for (let number = 0; number < this.used; number++) {
      const length = this.lengths[number]!
      if (length < 0) continue
      const start = this.starts[number]!
      bytes.set(this.bytes.subarray(start, start + length), at)
      this.starts[number] = at
      at += length
    }
    this.bytes = bytes
    this.bytesUsed = at
    this.bytesDead = 0
  }
}
