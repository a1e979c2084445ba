/** A value's 32-bit hash for sketches: equal values of one type have equal hashes, on any machine and for ever (snapshots hold them). */
import { murmur3 } from '../state/hash.ts'
import type { Value } from './value.ts'
import { wtf8 } from './wtf8.ts'

const number = new Float64Array(1)
const words = new Int32Array(number.buffer)

export function valueHash(value: NonNullable<Value>): number {
  if (typeof value === 'string') return textHash(value)
  return numberHash(Number(value))
}

/** murmur3-32 of the text's WTF-8 bytes. */
export function textHash(text: string): number {
  const bytes = wtf8(text)
  return murmur3(bytes, 0, bytes.length)
}

/** Both words of the double, mixed as murmur3-32 mixes its blocks. −0 and 0 are one value; a boolean is 0 or 1. */
export function numberHash(value: number): number {
  number[0] = value + 0
  let h = mixBlock(words[0]!, 0)
  h = mixBlock(words[1]!, h) ^ 8
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

function mixBlock(word: number, h: number): number {
  let k = Math.imul(word, 0xcc9e2d51)
  k = Math.imul((k << 15) | (k >>> 17), 0x1b873593)
  const mixed = h ^ k
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe6546b64) | 0
}
