/** Numbers drawn from a text: the same text gives the same numbers, in every run and on every machine. sfc32 (Doty-Humphrey, PractRand). */
import { murmur3 } from '../state/hash.ts'

const encoder = new TextEncoder()

export function seededRandom(seed: string): () => number {
  let [a, b, c, d] = ['a', 'b', 'c', 'd'].map((part) => murmur3(encoder.encode(`${part}:${seed}`))) as [number, number, number, number]
  const next = (): number => {
    const t = (((a + b) | 0) + d) | 0
    d = (d + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + t
    c |= 0
    return (t >>> 0) / 4294967296
  }
  for (let i = 0; i < 12; i++) next() // the first ones still look like the seed
  return next
}
