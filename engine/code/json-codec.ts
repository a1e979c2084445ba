/**
 * The values that states hold: JSON values, copied and frozen when they come in, so that nothing changes behind the engine's back; and
 * as bytes, the same for equal values.
 */
import type { Json } from '../../features/evenflow.ts'
import { textOf, wtf8 } from '../compile/wtf8.ts'
import type { ByteReader, ByteWriter } from '../state/byte-writer.ts'

const MAX_DEPTH = 50

/** @throws TypeError where it is no JSON value */
export function frozenCopy(value: unknown, depth = 0): Json {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value
  if (typeof value === 'number') return value + 0 // −0 is 0
  if (depth > MAX_DEPTH) throw new TypeError('a state cannot hold a value nested so deeply, or one that holds itself')
  if (Array.isArray(value)) return Object.freeze(value.map((one) => frozenCopy(one, depth + 1)))
  if (typeof value === 'object' && isPlain(value)) {
    const copy: Record<string, Json> = {}
    for (const [name, one] of Object.entries(value)) copy[name] = frozenCopy(one, depth + 1)
    return Object.freeze(copy)
  }
  throw new TypeError(
    `a state holds JSON values; ${typeof value === 'object' ? Object.prototype.toString.call(value) : typeof value} is none`,
  )
}

/** Of this realm or of the feature's own. */
function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value) as object | null
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

const [NULL, FALSE, TRUE, NUMBER, TEXT, LIST, OBJECT] = [0, 1, 2, 3, 4, 5, 6]

export function writeJson(out: ByteWriter, value: Json): void {
  if (value === null) out.u8(NULL)
  else if (typeof value === 'boolean') out.u8(value ? TRUE : FALSE)
  else if (typeof value === 'number') {
    out.u8(NUMBER)
    out.f64(value)
  } else if (typeof value === 'string') {
    out.u8(TEXT)
    out.text(wtf8(value))
  } else if (Array.isArray(value)) {
    out.u8(LIST)
    out.u32(value.length)
    for (const one of value as readonly Json[]) writeJson(out, one)
  } else {
    const entries = Object.entries(value)
    out.u8(OBJECT)
    out.u32(entries.length)
    for (const [name, one] of entries) {
      out.text(wtf8(name))
      writeJson(out, one)
    }
  }
}

export function readJson(from: ByteReader): Json {
  const tag = from.u8()
  switch (tag) {
    case NULL:
      return null
    case FALSE:
      return false
    case TRUE:
      return true
    case NUMBER:
      return from.f64()
    case TEXT:
      return readText(from)
    case LIST: {
      const list: Json[] = []
      for (let left = from.u32(); left > 0; left--) list.push(readJson(from))
      return Object.freeze(list)
    }
    case OBJECT: {
      const object: Record<string, Json> = {}
      for (let left = from.u32(); left > 0; left--) object[readText(from)] = readJson(from)
      return Object.freeze(object)
    }
    default:
      throw new RangeError(`the state of a feature has a value of an unknown kind: ${tag}`)
  }
}

export function readText(from: ByteReader): string {
  const bytes = from.text()
  return textOf(bytes, 0, bytes.length)
}
