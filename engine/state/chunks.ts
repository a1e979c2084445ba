/**
 * Memory for slabs, in chunks that are never moved. They are cut from large pieces, which the system can back by huge pages (it is asked to
 * by `toolEnvironment` in `scripts/lib/paths.mjs`): state is met at random places, and most of what such a place costs is finding its page.
 */
const FIRST_PIECE_BYTES = 1 << 20
/** A large piece begins 16 bytes behind a page, behind what the allocator notes of it; its chunks begin with a cache line. */
const LINE_OFFSET = 48
const PAGE_WORDS = 512
const LARGEST_PIECE_BYTES = 1 << 25

export class Chunks {
  private piece = new ArrayBuffer(0)
  private used = 0

  /** So many 64-bit words, all zero; each page is written to, so that it is there when it is needed. */
  take(words: number): Float64Array<ArrayBuffer> {
    const bytes = words * 8
    if (this.used + bytes > this.piece.byteLength) {
      const size = Math.min(Math.max(FIRST_PIECE_BYTES, this.piece.byteLength * 2), LARGEST_PIECE_BYTES)
      this.piece = new ArrayBuffer(Math.max(size, bytes + LINE_OFFSET))
      this.used = LINE_OFFSET
    }
    const chunk = new Float64Array(this.piece, this.used, words)
    this.used += bytes
    for (let word = 0; word < words; word += PAGE_WORDS) chunk[word] = 0
    return chunk
  }
}
