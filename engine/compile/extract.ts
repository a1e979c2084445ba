/**
 * Record bytes → the fields a view reads, by JSON.parse: the plain extractor. Types are strict (language.md 18). What is no good
 * is refused with a code of the closed list below and a sentence; it never throws.
 */
import { decimalPrecision, decimalScale, isDecimal, MAX_INT } from '../../definition/types.ts'
import type { Plan } from '../plan/plan.ts'
import { isFinerThan, textToScaled } from './cast.ts'
import { parseIsoTimestamp } from './timestamp.ts'
import { POW10, type Scalar, type Value } from './value.ts'

/** Why an event was refused. Closed: screens and tests know them all. */
export const DEAD_LETTER_CODES = [
  'empty_record',
  'too_large',
  'invalid_utf8',
  'not_json',
  'not_an_object',
  'missing_key',
  'missing_field',
  'wrong_type',
  'number_out_of_range',
  'bad_timestamp',
  'event_time_out_of_range',
  'event_time_in_future',
] as const
export type DeadLetterCode = (typeof DEAD_LETTER_CODES)[number]

export interface Refusal {
  readonly code: DeadLetterCode
  readonly message: string
}

export const MAX_EVENT_BYTES = 1024 * 1024
/** 1900-01-01 to 2200-01-01, both included. */
export const MIN_EVENT_TIME_MS = Date.UTC(1900, 0, 1)
export const MAX_EVENT_TIME_MS = Date.UTC(2200, 0, 1)

/** What an extractor has to know of a plan: which fields, and which of them are more than fields. −1: the event time is judged elsewhere. */
export type ReadFields = Pick<Plan, 'stream' | 'fields' | 'keySlots' | 'eventTimeSlot'>

export interface Extractor {
  /** Fills `row` (slots of the plan's fields) and returns null, or says why the record is refused. end < 0: a null record. */
  extract(data: Uint8Array, start: number, end: number, row: Value[]): Refusal | null
}

export function compileExtractor(plan: ReadFields): Extractor {
  const strictDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  const readers = plan.fields.map((field, slot) => {
    const isKey = plan.keySlots.includes(slot)
    const required = isKey || slot === plan.eventTimeSlot || !field.nullable
    return { name: field.name, isKey, required, read: readerOf(field.name, field.type) }
  })
  return {
    extract(data, start, end, row) {
      if (end < 0) return refuse('empty_record', 'the record has no value')
      if (end - start > MAX_EVENT_BYTES)
        return refuse('too_large', `the event has ${end - start} bytes, at most ${MAX_EVENT_BYTES} are taken`)
      let text: string
      try {
        text = strictDecoder.decode(data.subarray(start, end))
      } catch {
        return refuse('invalid_utf8', 'the event is not valid UTF-8')
      }
      let event: unknown
      try {
        event = JSON.parse(text)
      } catch (error) {
        return refuse('not_json', `the event is not JSON: ${(error as Error).message}`)
      }
      if (typeof event !== 'object' || event === null || Array.isArray(event))
        return refuse('not_an_object', 'the event is JSON, but no object with fields')
      const fields = event as Record<string, unknown>
      for (let slot = 0; slot < readers.length; slot++) {
        const { name, isKey, required, read } = readers[slot]!
        const raw = Object.hasOwn(fields, name) ? fields[name] : undefined
        if (raw === undefined || raw === null) {
          if (required) return missing(name, isKey, raw === null)
          row[slot] = null
          continue
        }
        const value = read(raw, text)
        if (typeof value === 'object' && value !== null) return value
        row[slot] = value
      }
      return plan.eventTimeSlot < 0 ? null : outOfRange(plan.stream.eventTime, row[plan.eventTimeSlot] as number)
    },
  }
}

export function missing(name: string, isKey: boolean, isNull: boolean): Refusal {
  return refuse(isKey ? 'missing_key' : 'missing_field', `${isKey ? 'the key' : 'the field'} \`${name}\` is ${isNull ? 'null' : 'missing'}`)
}

/** Of an event time: null where it can be one. */
export function outOfRange(name: string, eventTimeMs: number): Refusal | null {
  if (eventTimeMs >= MIN_EVENT_TIME_MS && eventTimeMs <= MAX_EVENT_TIME_MS) return null
  return refuse('event_time_out_of_range', `the event time \`${name}\` is ${eventTimeMs}; it must lie between 1900-01-01 and 2200-01-01`)
}

/** Canonical key text: the key's values as a JSON array, in key order; what the key is called everywhere. */
export function keyTextOf(values: readonly Value[]): string {
  return JSON.stringify(values)
}

const refuse = (code: DeadLetterCode, message: string): Refusal => ({ code, message })

type Read = (raw: {}, text: string) => Scalar | Refusal

function readerOf(name: string, type: string): Read {
  const wrong = (raw: unknown) => refuse('wrong_type', `\`${name}\` must be ${type}, this is ${describe(raw)}`)
  if (isDecimal(type as never)) return decimalReader(name, type, wrong)
  switch (type) {
    case 'boolean':
      return (raw) => (typeof raw === 'boolean' ? raw : wrong(raw))
    case 'string':
      return (raw) => (typeof raw === 'string' ? raw : wrong(raw))
    case 'double':
      return (raw) =>
        typeof raw !== 'number'
          ? wrong(raw)
          : Number.isFinite(raw)
            ? raw + 0
            : refuse('number_out_of_range', `\`${name}\` is too large for a double`)
    case 'int':
      return (raw, text) => {
        if (typeof raw !== 'number' || (!Number.isInteger(raw) && Number.isFinite(raw))) return wrong(raw)
        if (Math.abs(raw) < MAX_INT) return raw + 0
        if (Math.abs(raw) === MAX_INT && sourceOf(text, name) === String(raw)) return raw
        return refuse(
          'number_out_of_range',
          `\`${name}\` is beyond ±2^53, where whole numbers are no longer exact; use a string for identifiers, decimal for money`,
        )
      }
    default:
      return (raw) => {
        if (typeof raw === 'number')
          return Number.isInteger(raw) ? raw + 0 : refuse('bad_timestamp', `\`${name}\` is ${raw}; epoch milliseconds are whole`)
        if (typeof raw !== 'string') return wrong(raw)
        return (
          parseIsoTimestamp(raw) ??
          refuse(
            'bad_timestamp',
            `\`${name}\` is ${describe(raw)}; a timestamp is epoch milliseconds or ISO 8601 with zone, such as 2025-01-31T08:00:00Z`,
          )
        )
      }
  }
}

function decimalReader(name: string, type: string, wrong: (raw: unknown) => Refusal): Read {
  const scale = decimalScale(type as never) ?? 0
  const limit = POW10[decimalPrecision(type as never) ?? 15]!
  return (raw) => {
    if (typeof raw !== 'number' && typeof raw !== 'string') return wrong(raw)
    const text = String(raw)
    if (!/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,4})?$/.test(text)) return wrong(raw)
    const scaled = textToScaled(text, scale)
    if (scaled === null || Math.abs(scaled) >= limit)
      return refuse('number_out_of_range', `\`${name}\` is ${text.slice(0, 60)}, which does not fit ${type}`)
    if (isFinerThan(text, scale))
      return refuse('number_out_of_range', `\`${name}\` is ${text.slice(0, 60)}, which has more digits behind the point than ${type}`)
    return scaled
  }
}

/** The digits of a top-level number as they stand in the text: JSON.parse has already rounded them. The last of equal names counts. */
function sourceOf(text: string, name: string): string | undefined {
  const sources = new Map<unknown, string>()
  const top = JSON.parse(text, function (this: unknown, key: string, value: unknown, context?: { source?: string }) {
    if (key === name && context?.source !== undefined) sources.set(this, context.source)
    return value
  } as (this: unknown, key: string, value: unknown) => unknown)
  return sources.get(top)
}

function describe(raw: unknown): string {
  if (Array.isArray(raw)) return 'a list'
  if (typeof raw === 'object') return 'an object'
  const text = JSON.stringify(raw) ?? String(raw)
  return `${typeof raw} ${text.length > 60 ? `${text.slice(0, 60)}…` : text}`
}
