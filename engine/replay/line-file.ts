/**
 * An event file, line by line: bytes of each line and its number from 0. A byte-order mark at the start is skipped, blank lines
 * are skipped but counted, a last line needs no newline.
 */
import { closeSync, openSync, readSync } from 'node:fs'

export interface Line {
  /** valid until the next call of `next` */
  readonly bytes: Uint8Array
  readonly number: number
}

/** Where to go on reading: what a checkpoint keeps of a file. */
export interface FilePlace {
  readonly byte: number
  readonly line: number
}

const CHUNK_BYTES = 1 << 20
const NEWLINE = 10

export class LineFile {
  private readonly fd: number
  private buffer = Buffer.alloc(CHUNK_BYTES)
  private from = 0
  private to = 0
  private ended = false
  private readByte: number
  private taken: FilePlace
  private head: Line | null = null
  private headEnd: FilePlace

  constructor(path: string, place: FilePlace = { byte: 0, line: 0 }) {
    this.fd = openSync(path, 'r')
    this.readByte = place.byte
    this.taken = place
    this.headEnd = place
    if (place.byte === 0) this.skipByteOrderMark()
    this.advance()
  }

  /** The next line that is not blank, or null at the end. */
  peek(): Line | null {
    return this.head
  }

  /** Takes the head: the place moves behind it (and the blank lines before it). */
  take(): Line | null {
    const line = this.head
    this.taken = this.headEnd
    return line
  }

  /** After `take`, once its bytes are no longer needed. */
  advance(): void {
    let byte = this.taken.byte
    let number = this.taken.line
    this.head = null
    for (;;) {
      const line = this.readLine()
      if (!line) break
      byte += line.consumed
      if (isBlank(line.bytes)) {
        number++
        continue
      }
      this.head = { bytes: line.bytes, number }
      this.headEnd = { byte, line: number + 1 }
      return
    }
    this.headEnd = { byte, line: number }
    this.taken = this.headEnd
  }

  get place(): FilePlace {
    return this.taken
  }

  close(): void {
    closeSync(this.fd)
  }

  private skipByteOrderMark(): void {
    this.fill()
    if (this.to >= 3 && this.buffer[0] === 0xef && this.buffer[1] === 0xbb && this.buffer[2] === 0xbf) {
      this.from = 3
      this.taken = { byte: 3, line: 0 }
    }
  }

  private readLine(): { bytes: Uint8Array; consumed: number } | null {
    let searched = this.from
    for (;;) {
      const at = this.buffer.subarray(0, this.to).indexOf(NEWLINE, searched)
      if (at >= 0) {
        const bytes = this.buffer.subarray(this.from, at)
        const consumed = at + 1 - this.from
        this.from = at + 1
        return { bytes, consumed }
      }
      searched = this.to
      if (this.ended) {
        if (this.from === this.to) return null
        const bytes = this.buffer.subarray(this.from, this.to)
        this.from = this.to
        return { bytes, consumed: bytes.length }
      }
      searched -= this.fill()
    }
  }

  /** Reads more behind what is there. Returns by how much the kept bytes moved to the front. */
  private fill(): number {
    const moved = this.from
    const kept = this.to - this.from
    // A new buffer, for the head's bytes may still point into the old one.
    const next = Buffer.allocUnsafe(kept + CHUNK_BYTES)
    this.buffer.copy(next, 0, this.from, this.to)
    this.buffer = next
    const count = readSync(this.fd, next, kept, CHUNK_BYTES, this.readByte)
    this.readByte += count
    this.from = 0
    this.to = kept + count
    if (count === 0) this.ended = true
    return moved
  }
}

function isBlank(bytes: Uint8Array): boolean {
  for (const byte of bytes) if (byte !== 32 && byte !== 9 && byte !== 13) return false
  return true
}
