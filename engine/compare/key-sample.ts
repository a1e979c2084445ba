/** Keys chosen by their hash: the same ones in every run, spread over all, and told of any key whether it is one of them. */
import { createHash } from 'node:crypto'

/** Uniform over keys and independent of their key groups: 0 to 2^32 − 1. */
export const sampleHash = (key: string): number => createHash('sha256').update(key).digest().readUInt32LE(0)

export interface KeySample {
  readonly keys: readonly string[]
  /** also of keys that were not offered: every key below the bound would have been taken */
  has(key: string): boolean
}

/** Those with the smallest hashes, at most `size`. */
export class KeySampler {
  private readonly size: number
  private offered: { key: string; hash: number }[] = []
  private isCut = false

  constructor(size: number) {
    this.size = size
  }

  offer(key: string): void {
    this.offered.push({ key, hash: sampleHash(key) })
    if (this.offered.length >= 2 * this.size + 1000) this.cut()
  }

  private cut(): void {
    this.isCut ||= this.offered.length > this.size
    this.offered.sort((a, b) => a.hash - b.hash || (a.key < b.key ? -1 : 1))
    this.offered.length = Math.min(this.offered.length, this.size)
  }

  get sample(): KeySample {
    this.cut()
    const keys = this.offered.map(({ key }) => key)
    const bound = this.isCut ? (this.offered.at(-1)?.hash ?? -1) : Number.POSITIVE_INFINITY
    const known = new Map<string, boolean>() // asked for every event
    const has = (key: string): boolean => {
      const answer = known.get(key) ?? (this.size > 0 && sampleHash(key) <= bound)
      known.set(key, answer)
      return answer
    }
    return { keys, has }
  }
}
