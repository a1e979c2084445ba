/** Text functions, by DuckDB's meanings: characters are code points, counted from 1. A text that grows beyond a bound is NULL, counted as an overflow. */
import type { SignedName } from '../../definition/scalars.ts'
import type { Counters, Value } from './value.ts'

type Apply = (args: readonly Value[], counters: Counters) => Value

/** Longer results are no features: what an event can hold times what a view may do with it must not fill the memory. */
const MAX_TEXT = 1_000_000

const bounded = (text: string, counters: Counters): string | null => {
  if (text.length <= MAX_TEXT) return text
  counters.overflow++
  return null
}

export const TEXT_FUNCTIONS: Partial<Record<SignedName, Apply>> = {
  concat: (args, counters) => bounded(present(args).join(''), counters),
  concat_ws: ([separator, ...args], counters) => (separator === null ? null : bounded(present(args).join(String(separator)), counters)),
  substring: strict(([text, start, length]) => slice(String(text), Number(start), length === undefined ? undefined : Number(length))),
  trim: strict(([text, chars]) => trimmed(String(text), chars, true, true)),
  ltrim: strict(([text, chars]) => trimmed(String(text), chars, true, false)),
  rtrim: strict(([text, chars]) => trimmed(String(text), chars, false, true)),
  replace: strict(([text, from, to], counters) => (from === '' ? text! : replaced(String(text), String(from), String(to), counters))),
  split_part: strict(([text, separator, at]) => part(String(text), String(separator), Number(at))),
  left: strict(([text, count]) => edge([...String(text)], Number(count), true)),
  right: strict(([text, count]) => edge([...String(text)], Number(count), false)),
  reverse: strict(([text]) => reversed(String(text))),
  repeat: strict(([text, times], counters) => {
    const count = Math.max(0, Number(times))
    return String(text).length * count > MAX_TEXT ? tooLong(counters) : String(text).repeat(text === '' ? 0 : count)
  }),
  lpad: strict(([text, width, fill], counters) => padded(String(text), Number(width), String(fill), true, counters)),
  rpad: strict(([text, width, fill], counters) => padded(String(text), Number(width), String(fill), false, counters)),
  strpos: strict(([text, wanted]) => {
    const at = String(text).indexOf(String(wanted))
    return at < 0 ? 0 : [...String(text).slice(0, at)].length + 1
  }),
  starts_with: strict(([text, start]) => String(text).startsWith(String(start))),
  ends_with: strict(([text, end]) => String(text).endsWith(String(end))),
  contains: strict(([text, inner]) => String(text).includes(String(inner))),
}

function strict(apply: Apply): Apply {
  return (args, counters) => (args.includes(null) ? null : apply(args, counters))
}

const present = (args: readonly Value[]) => args.filter((arg) => arg !== null)

function tooLong(counters: Counters): null {
  counters.overflow++
  return null
}

/** A start below zero counts from the end, a length below zero goes backwards from the start. */
function slice(text: string, start: number, length: number | undefined): string {
  const chars = [...text]
  const from = start > 0 ? start - 1 : start < 0 ? chars.length + start : -1
  const to = length === undefined ? chars.length : from + length
  return chars.slice(Math.max(0, Math.min(from, to)), Math.max(0, Math.max(from, to))).join('')
}

/** Without `chars`: spaces of any width, no tabs or line breaks. */
function trimmed(text: string, chars: Value | undefined, start: boolean, end: boolean): string {
  const set = chars === undefined ? null : new Set(String(chars))
  const goes = set ? (char: string) => set.has(char) : (char: string) => /^\p{Zs}$/u.test(char)
  const all = [...text]
  let [from, to] = [0, all.length]
  while (start && from < to && goes(all[from]!)) from++
  while (end && from < to && goes(all[to - 1]!)) to--
  return all.slice(from, to).join('')
}

function replaced(text: string, from: string, to: string, counters: Counters): Value {
  const parts = text.split(from)
  const length = text.length + (parts.length - 1) * (to.length - from.length)
  return length > MAX_TEXT ? tooLong(counters) : parts.join(to)
}

/** From 1, below zero from the end; the empty text where there is none. An empty separator parts all characters. */
function part(text: string, separator: string, at: number): string {
  const parts = separator === '' ? [...text] : text.split(separator)
  return (at > 0 ? parts[at - 1] : at < 0 ? parts[parts.length + at] : undefined) ?? ''
}

/** The first or last characters; below zero all but so many of the other end. */
function edge(chars: readonly string[], count: number, first: boolean): string {
  const kept = Math.min(chars.length, Math.max(0, count < 0 ? chars.length + count : count))
  return (first ? chars.slice(0, kept) : chars.slice(chars.length - kept)).join('')
}

const graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' })

/** What is one sign for a reader (a letter with its accents, an emoji of several parts) stays whole. */
function reversed(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the ASCII range is meant
  const signs = /^[\x00-\x0c\x0e-\x7f]*$/.test(text) ? [...text] : [...graphemes.segment(text)].map(({ segment }) => segment)
  return signs.reverse().join('')
}

/** Cut where it is longer. Nothing to fill with: NULL, counted as a cast that fails. */
function padded(text: string, width: number, fill: string, before: boolean, counters: Counters): Value {
  const chars = [...text]
  if (chars.length >= width) return chars.slice(0, Math.max(0, width)).join('')
  if (width > MAX_TEXT) return tooLong(counters)
  const signs = [...fill]
  if (signs.length === 0) {
    counters.badCast++
    return null
  }
  const filling = Array.from({ length: width - chars.length }, (_, i) => signs[i % signs.length]).join('')
  return before ? filling + text : text + filling
}
