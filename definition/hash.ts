/** SHA-256 (FIPS 180-4) in plain TypeScript: the same in browser and server, synchronous. For ids, not for secrets. */

const K = primeRoots(64, 1 / 3)
const INITIAL = primeRoots(8, 1 / 2)

/** First 32 bits of the fractional parts of roots of the first primes. */
function primeRoots(count: number, power: number): Uint32Array {
  const words = new Uint32Array(count)
  for (let found = 0, candidate = 2; found < count; candidate++) {
    let prime = true
    for (let divisor = 2; divisor * divisor <= candidate; divisor++) if (candidate % divisor === 0) prime = false
    if (!prime) continue
    const root = candidate ** power
    words[found++] = Math.floor((root - Math.floor(root)) * 2 ** 32)
  }
  return words
}

export function sha256Hex(text: string): string {
  const bytes = new TextEncoder().encode(text)
  const padded = new Uint8Array((((bytes.length + 8) >> 6) + 1) << 6)
  padded.set(bytes)
  padded[bytes.length] = 0x80
  const view = new DataView(padded.buffer)
  view.setUint32(padded.length - 8, Math.floor(bytes.length / 2 ** 29))
  view.setUint32(padded.length - 4, bytes.length << 3)
  const hash = INITIAL.slice()
  const w = new Uint32Array(64)
  for (let block = 0; block < padded.length; block += 64) compress(hash, w, view, block)
  return [...hash].map((word) => word.toString(16).padStart(8, '0')).join('')
}

const rotate = (word: number, by: number) => (word >>> by) | (word << (32 - by))
const at = (words: Uint32Array, i: number) => words[i] as number

function compress(hash: Uint32Array, w: Uint32Array, view: DataView, block: number): void {
  for (let i = 0; i < 16; i++) w[i] = view.getUint32(block + i * 4)
  for (let i = 16; i < 64; i++) {
    const [a, b] = [at(w, i - 15), at(w, i - 2)]
    const s0 = rotate(a, 7) ^ rotate(a, 18) ^ (a >>> 3)
    const s1 = rotate(b, 17) ^ rotate(b, 19) ^ (b >>> 10)
    w[i] = at(w, i - 16) + s0 + at(w, i - 7) + s1
  }
  const v = hash.slice()
  for (let i = 0; i < 64; i++) {
    const [a, e] = [at(v, 0), at(v, 4)]
    const s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)
    const s0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)
    const choice = (e & at(v, 5)) ^ (~e & at(v, 6))
    const majority = (a & at(v, 1)) ^ (a & at(v, 2)) ^ (at(v, 1) & at(v, 2))
    const t1 = (at(v, 7) + s1 + choice + at(K, i) + at(w, i)) | 0
    v.copyWithin(1, 0, 7)
    v[4] = at(v, 4) + t1
    v[0] = t1 + s0 + majority
  }
  for (let i = 0; i < 8; i++) hash[i] = at(hash, i) + at(v, i)
}
