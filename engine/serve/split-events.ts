/** The body of an ingest request → events as slices of it, with the line (from 1) each stands at: NDJSON, or one JSON array. No copy. */
import { EvenflowError } from '../../contract/errors.ts'

export interface EventSlices {
  readonly data: Buffer
  readonly start: number[]
  readonly end: number[]
  readonly line: number[]
}

const NEWLINE = 10
const RETURN = 13
const QUOTE = 34
const COMMA = 44
const BACKSLASH = 92
const isSpace = (byte: number | undefined): boolean => byte === 32 || byte === 9 || byte === NEWLINE || byte === RETURN

export function splitEvents(body: Buffer): EventSlices {
  let from = body.length >= 3 && body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf ? 3 : 0
  while (isSpace(body[from]) && body[from] !== NEWLINE) from++
  let head = from
  while (isSpace(body[head])) head++
  return body[head] === 0x5b ? splitArray(body, head) : splitLines(body, from)
}

function splitLines(data: Buffer, from: number): EventSlices {
  const out: EventSlices = { data, start: [], end: [], line: [] }
  for (let at = from, line = 1; at < data.length; line++) {
    let next = data.indexOf(NEWLINE, at)
    if (next < 0) next = data.length
    let start = at
    let end = next
    while (start < end && isSpace(data[start])) start++
    while (end > start && isSpace(data[end - 1])) end--
    if (end > start) push(out, start, end, line) // blank lines are skipped but counted
    at = next + 1
  }
  return out
}

function push(out: EventSlices, start: number, end: number, line: number): void {
  out.start.push(start)
  out.end.push(end)
  out.line.push(line)
}

/** Elements of the array by depth and strings alone; what is inside each is judged later. "Line" is the place in the array. */
function splitArray(data: Buffer, open: number): EventSlices {
  const out: EventSlices = { data, start: [], end: [], line: [] }
  const broken = (why: string): EvenflowError =>
    new EvenflowError('bad_request', `The body is a JSON array that ${why}. Nothing was taken.`, {
      hint: 'Send NDJSON (an event a line) or a complete JSON array of objects.',
    })
  let depth = 0
  let start = -1
  let end = -1
  let inString = false
  for (let at = open; at < data.length; at++) {
    const byte = data[at] as number
    if (inString) {
      if (byte === BACKSLASH) at++
      else if (byte === QUOTE) inString = false
      end = at + 1
      continue
    }
    if (isSpace(byte)) continue
    if (depth === 1 && (byte === COMMA || byte === 0x5d)) {
      if (start >= 0) push(out, start, end, out.line.length + 1)
      else if (byte === COMMA || out.start.length > 0) throw broken(`has an empty place after its element ${out.start.length}`)
      start = -1
      if (byte === COMMA) continue
    }
    if (byte === 0x7b || byte === 0x5b) depth++
    else if (byte === 0x7d || byte === 0x5d) depth--
    if (depth === 0) {
      for (let rest = at + 1; rest < data.length; rest++) if (!isSpace(data[rest])) throw broken('goes on after its end')
      return out
    }
    if (byte === QUOTE) inString = true
    if (at > open) {
      if (start < 0) start = at
      end = at + 1
    }
  }
  throw broken('does not end')
}
