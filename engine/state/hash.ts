/**
 * Which key group a key belongs to. Fixed for ever (semantics.md 9): changing it would part state from its keys.
 * murmur3-32 (Appleby, x86 variant, seed 0) of the canonical key text in UTF-8, mod 128.
 */
export const KEY_GROUPS = 128

export function murmur3(bytes: Uint8Array, from = 0, to = bytes.length): number {
  const blocks = (to - from) >> 2
  let h = 0
  let at = from
  for (let i = 0; i < blocks; i++, at += 4) {
    h ^= scramble(bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24))
    h = (h << 13) | (h >>> 19)
    h = (Math.imul(h, 5) + 0xe6546b64) | 0
  }
  const rest = (to - from) & 3
  if (rest > 0) {
    let tail = bytes[at]!
    if (rest > 1) tail |= bytes[at + 1]! << 8
    if (rest > 2) tail |= bytes[at + 2]! << 16
    h ^= scramble(tail)
  }
  h ^= to - from
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

function scramble(k: number): number {
  const mixed = Math.imul(k, 0xcc9e2d51)
  return Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593)
}

const scratch = new Uint8Array(512)
const encoder = new TextEncoder()

export function keyGroupOf(keyText: string): number {
  if (keyText.length * 3 > scratch.length) return murmur3(encoder.encode(keyText)) % KEY_GROUPS
  const { written } = encoder.encodeInto(keyText, scratch)
  return murmur3(scratch.subarray(0, written)) % KEY_GROUPS
}

/** The key groups of subtask `index` of `parallelism`: contiguous, as even as can be. [from, to) */
export function keyGroupRange(index: number, parallelism: number): { from: number; to: number } {
  return { from: Math.floor((index * KEY_GROUPS) / parallelism), to: Math.floor(((index + 1) * KEY_GROUPS) / parallelism) }
}

/** By key group: the subtask that owns it. */
export function subtasksOfGroups(parallelism: number): Uint8Array {
  const owners = new Uint8Array(KEY_GROUPS)
  for (let index = 0; index < parallelism; index++) {
    const { from, to } = keyGroupRange(index, parallelism)
    owners.fill(index, from, to)
  }
  return owners
}
