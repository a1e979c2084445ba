/**
 * Blocks of rows for the keys: a key's rows stand in one block, which moves to a larger one when it is full. Blocks are cut from chunks
 * of one size and go back to a list by size; a block larger than a chunk has one to itself. Rings of rows have 2^n (n ≥ 2).
 */
import { Chunks } from './chunks.ts'

const CHUNK_WORDS = 1 << 17
export const MIN_ROWS_LOG2 = 2
const POWERS_OF_TWO: readonly number[] = Array.from({ length: 31 }, (_, log2) => 2 ** log2)

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
  readonly bytes: Uint8Array[] = []
  private readonly memory = new Chunks()
  /** rows of a block, by size */
  private readonly rowsOf: readonly number[]
  /** set by `allocate` */
  chunk = 0
  base = 0
  private bumpChunk = -1
  private bumpUsed = CHUNK_WORDS
  /** newest free block by size; each free block names the next in its first two 32-bit words */
  private readonly freeChunk: Int32Array
  private readonly freeBase: Int32Array
  private readonly emptyChunks: number[] = []
  private usedWords = 0
  private heldWords = 0

  constructor(stride: number, rowsOf: readonly number[] = POWERS_OF_TWO) {
    this.stride = stride
    this.rowsOf = rowsOf
    this.freeChunk = new Int32Array(rowsOf.length).fill(-1)
    this.freeBase = new Int32Array(rowsOf.length)
  }

  /** Finds a block of this size (its log2, unless told otherwise) and leaves its place in `chunk` and `base`. Its content is whatever was there. */
  allocate(size: number): void {
    const words = this.stride * this.rowsOf[size]!
    this.usedWords += words
    if (words > CHUNK_WORDS) {
      this.chunk = this.addChunk(words)
      this.base = 0
      return
    }
    if (this.freeChunk[size]! >= 0) {
      this.chunk = this.freeChunk[size]!
      this.base = this.freeBase[size]!
      const ints = this.ints[this.chunk]!
      this.freeChunk[size] = ints[this.base * 2]!
      this.freeBase[size] = ints[this.base * 2 + 1]!
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

  free(chunk: number, base: number, size: number): void {
    const words = this.stride * this.rowsOf[size]!
    this.usedWords -= words
    if (words > CHUNK_WORDS) {
      this.heldWords -= words
      this.floats[chunk] = new Float64Array(0)
      this.ints[chunk] = new Int32Array(0)
      this.bytes[chunk] = new Uint8Array(0)
      this.emptyChunks.push(chunk)
      return
    }
    const ints = this.ints[chunk]!
    ints[base * 2] = this.freeChunk[size]!
    ints[base * 2 + 1] = this.freeBase[size]!
    this.freeChunk[size] = chunk
    this.freeBase[size] = base
  }

  private addChunk(words: number): number {
    const floats = words > CHUNK_WORDS ? new Float64Array(words).fill(0) : this.memory.take(words)
    const index = this.emptyChunks.pop() ?? this.floats.length
    this.floats[index] = floats
    this.ints[index] = new Int32Array(floats.buffer, floats.byteOffset, words * 2)
    this.bytes[index] = new Uint8Array(floats.buffer, floats.byteOffset, words * 8)
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
