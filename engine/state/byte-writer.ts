/** Bytes that grow, little endian, and back. */

const LARGEST_PIECE = 1 << 18

/** They grow by pieces, each twice the one before up to a size: what was written is never moved. */
export class ByteWriter {
  /** the newest piece; `reserve` says where in it */
  bytes: Uint8Array<ArrayBuffer>
  view: DataView<ArrayBuffer>
  private used = 0
  private readonly full: Uint8Array<ArrayBuffer>[] = []

  constructor(size = 4096) {
    this.bytes = new Uint8Array(size)
    this.view = new DataView(this.bytes.buffer)
  }

  /** Room for `count` bytes side by side, which are the caller's to write: at the answer in `bytes` and `view`. */
  reserve(count: number): number {
    const at = this.used
    if (at + count > this.bytes.length) return this.beginPiece(count)
    this.used = at + count
    return at
  }

  private beginPiece(count: number): number {
    if (this.used > 0) this.full.push(this.bytes.subarray(0, this.used))
    this.bytes = new Uint8Array(Math.max(count, Math.min(this.bytes.length * 2, LARGEST_PIECE)))
    this.view = new DataView(this.bytes.buffer)
    this.used = count
    return 0
  }

  u8(value: number): void {
    const at = this.reserve(1)
    this.bytes[at] = value
  }

  u32(value: number): void {
    const at = this.reserve(4)
    this.view.setUint32(at, value, true)
  }

  f64(value: number): void {
    const at = this.reserve(8)
    this.view.setFloat64(at, value, true)
  }

  text(bytes: Uint8Array): void {
    this.u32(bytes.length)
    this.raw(bytes, 0, bytes.length)
  }

  /** bytes[from, from + length). Few bytes are copied one by one: calling into the runtime costs more. */
  raw(bytes: Uint8Array, from: number, length: number): void {
    const at = this.reserve(length)
    const to = this.bytes
    if (length > 64) to.set(bytes.subarray(from, from + length), at)
    else for (let i = 0; i < length; i++) to[at + i] = bytes[from + i]!
  }

  /** All that was written, piece after piece. */
  parts(): readonly Uint8Array<ArrayBuffer>[] {
    return [...this.full, this.bytes.subarray(0, this.used)]
  }

  /** The same in one. */
  finish(): Uint8Array<ArrayBuffer> {
    const parts = this.parts()
    return parts.length === 1 ? parts[0]! : Buffer.concat(parts)
  }
}

export class ByteReader {
  readonly view: DataView
  private readonly bytes: Uint8Array
  private at = 0

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get atEnd(): boolean {
    return this.at >= this.bytes.length
  }

  u8(): number {
    return this.view.getUint8(this.at++)
  }

  u32(): number {
    this.at += 4
    return this.view.getUint32(this.at - 4, true)
  }

  f64(): number {
    this.at += 8
    return this.view.getFloat64(this.at - 8, true)
  }

  text(): Uint8Array {
    return this.raw(this.u32())
  }

  /** Where the next `length` bytes stand, which are passed over. */
  skip(length: number): number {
    this.at += length
    if (this.at > this.bytes.length) throw new RangeError('the text ends behind the bytes')
    return this.at - length
  }

  raw(length: number): Uint8Array {
    this.skip(length)
    return this.bytes.subarray(this.at - length, this.at)
  }
}
