/**
 * Strings as bytes and back without loss: UTF-8, and for a surrogate that stands alone (JSON's `"\ud800"` makes one) the three
 * bytes it would have (WTF-8), where TextEncoder would put U+FFFD. Equal strings have equal bytes, and bytes sort as code points.
 */
import { Buffer } from 'node:buffer'

export function wtf8(text: string): Uint8Array {
  if (text.isWellFormed()) return Buffer.from(text, 'utf8')
  const out: number[] = []
  for (const char of text) {
    const code = char.codePointAt(0)!
    if (code >= 0xd800 && code <= 0xdfff) out.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63))
    else out.push(...Buffer.from(char, 'utf8'))
  }
  return Uint8Array.from(out)
}

export function textOf(bytes: Uint8Array, start: number, end: number): string {
  for (let i = start; i < end - 1; i++) if (bytes[i] === 0xed && bytes[i + 1]! >= 0xa0) return loneSurrogates(bytes, start, end)
  return asBuffer(bytes).utf8Slice(start, end)
}

interface Slices {
  utf8Slice(start: number, end: number): string
}

const views = new WeakMap<Uint8Array, Slices>()

/** One Buffer view for each array: making one per string costs more than the string. */
function asBuffer(bytes: Uint8Array): Slices {
  if (Buffer.isBuffer(bytes)) return bytes as unknown as Slices
  let view = views.get(bytes)
  if (!view) {
    view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength) as unknown as Slices
    views.set(bytes, view)
  }
  return view
}

function loneSurrogates(bytes: Uint8Array, start: number, end: number): string {
  let text = ''
  let from = start
  for (let i = start; i < end; i++) {
    if (bytes[i] !== 0xed || (bytes[i + 1] ?? 0) < 0xa0) continue
    text += asBuffer(bytes).utf8Slice(from, i) + String.fromCharCode(0xd000 | ((bytes[i + 1]! & 63) << 6) | (bytes[i + 2]! & 63))
    from = i + 3
    i += 2
  }
  return text + asBuffer(bytes).utf8Slice(from, end)
}
