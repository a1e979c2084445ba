/** Shared memory that goes round: a batch takes a piece and gives it back when no thread looks at it any more. */
const SMALLEST_BYTES = 1 << 14

export class MemoryPool {
  /** by the binary logarithm of their size */
  private readonly free: SharedArrayBuffer[][] = []
  private readonly keep: number

  /** `keep`: pieces of one size that are kept while nobody needs them */
  constructor(keep: number) {
    this.keep = keep
  }

  take(bytes: number): SharedArrayBuffer {
    const log2 = Math.ceil(Math.log2(Math.max(SMALLEST_BYTES, bytes)))
    return this.free[log2]?.pop() ?? new SharedArrayBuffer(2 ** log2)
  }

  give(memory: SharedArrayBuffer): void {
    const ofSize = (this.free[Math.log2(memory.byteLength)] ??= [])
    if (ofSize.length < this.keep) ofSize.push(memory)
  }
}
