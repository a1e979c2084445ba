/**
 * Rows of the keys, each key's in one ring: a block of 2^n rows (n ≥ 2) that moves to one of twice the size when it is full.
 * Blocks are cut from chunks of one size and go back to a list by size; a block larger than a chunk has one to itself.
 */
const CHUNK_WORDS = 1 << 17
export const MIN_ROWS_LOG2 = 2
const SIZES = 31

export interface RowBlock {
  readonly chunk: number
  /** first 64-bit word in the chunk */
  readonly base: number
}

export class RowSlab {
  /** 64-bit words of a row */
  readonly stride: number
  readonly floats: Float64Array[] = []
  readonly ints: Int32Array[] = []
  /** set by `allocate` */
  chunk = 0
  base = 0
  private bumpChunk = -1
  private bumpUsed = CHUNK_WORDS
  /** newest free block by size; each free block names the next in its first two 32-bit words */
  private readonly freeChunk = new Int32Array(SIZES).fill(-1)
  private readonly freeBase = new Int32Array(SIZES)
  private readonly emptyChunks: number[] = []
  private usedWords = 0
  private heldWords = 0

  constructor(stride: number) {
    this.stride = stride
  }

  /** Finds a block of 2^log2 rows and leaves its place in `chunk` and `base`. Its content is whatever was there. */
  allocate(log2: number): void {
    const words = this.stride << log2
    this.usedWords += words
    if (words > CHUNK_WORDS) {
      this.chunk = this.addChunk(words)
      this.base = 0
      return
    }
    if (this.freeChunk[log2]! >= 0) {
      this.chunk = this.freeChunk[log2]!
      this.base = this.freeBase[log2]!
      const ints = this.ints[this.chunk]!
      this.freeChunk[log2] = ints[this.base * 2]!
      this.freeBase[log2] = ints[this.base * 2 + 1]!
      return
    }
    if (this.bumpUsed + words > CHUNK_WORDS) {
      this.bumpChunk = this.addChunk(CHUNK_WORDS)
      this.bumpUsed = 0
    }
    this.chunk = this.bumpChunk
    this.base = this.bumpUsed
    this.bumpUsed += words
  }

  free(chunk: number, base: number, log2: number): void {
    const words = this.stride << log2
    this.usedWords -= words
    if (words > CHUNK_WORDS) {
      this.heldWords -= words
      this.floats[chunk] = new Float64Array(0)
      this.ints[chunk] = new Int32Array(0)
      this.emptyChunks.push(chunk)
      return
    }
    const ints = this.ints[chunk]!
    ints[base * 2] = this.freeChunk[log2]!
    ints[base * 2 + 1] = this.freeBase[log2]!
    this.freeChunk[log2] = chunk
    this.freeBase[log2] = base
  }

  private addChunk(words: number): number {
    const floats = new Float64Array(words).fill(0) // written once, so that the pages are there when rows come
    const index = this.emptyChunks.pop() ?? this.floats.length
    this.floats[index] = floats
    this.ints[index] = new Int32Array(floats.buffer)
    this.heldWords += words
    return index
  }

  /** Bytes of all chunks, of which `usedBytes` stand in rings. */
  get byteLength(): number {
    return this.heldWords * 8
  }

  get usedBytes(): number {
    return this.usedWords * 8
  }
}
