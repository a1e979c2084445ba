/** Bytes that grow, little endian, and back. */
export class ByteWriter {
  private bytes: Uint8Array<ArrayBuffer>
  private view: DataView<ArrayBuffer>
  private used = 0

  constructor(size = 4096) {
    this.bytes = new Uint8Array(size)
    this.view = new DataView(this.bytes.buffer)
  }

  private room(count: number): number {
    const at = this.used
    this.used += count
    if (this.used > this.bytes.length) {
      const larger = new Uint8Array(Math.max(this.used, this.bytes.length * 2))
      larger.set(this.bytes.subarray(0, at))
      this.bytes = larger
      this.view = new DataView(larger.buffer)
    }
    return at
  }

  u8(value: number): void {
    const at = this.room(1)
    this.bytes[at] = value
  }

  u32(value: number): void {
    const at = this.room(4)
    this.view.setUint32(at, value, true)
  }

  f64(value: number): void {
    const at = this.room(8)
    this.view.setFloat64(at, value, true)
  }

  text(bytes: Uint8Array): void {
    this.u32(bytes.length)
    const at = this.room(bytes.length)
    this.bytes.set(bytes, at)
  }

  /** bytes[from, from + length). Few bytes are copied one by one: calling into the runtime costs more. */
  raw(bytes: Uint8Array, from: number, length: number): void {
    const at = this.room(length)
    if (length > 64) this.bytes.set(bytes.subarray(from, from + length), at)
    else for (let i = 0; i < length; i++) this.bytes[at + i] = bytes[from + i]!
  }

  get length(): number {
    return this.used
  }

  finish(): Uint8Array {
    return this.bytes.subarray(0, this.used)
  }
}

export class ByteReader {
  private readonly bytes: Uint8Array
  private readonly view: DataView
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
