/**
 * CAST, and the silent conversions between numbers. A cast that fails gives NULL and is counted (badCast).
 * To int: half to even (language.md 13). To decimal: half away from zero, as DuckDB. Text forms are DuckDB's.
 */
import type { FieldType } from '../../definition/model.ts'
import { decimalPrecision, decimalScale, type ExprType, isDecimal, MAX_INT } from '../../definition/types.ts'
import { parseSqlTimestamp, sqlTimestamp } from './timestamp.ts'
import { type Counters, POW10, roundHalfAway, roundHalfEven, type Value } from './value.ts'

type Convert = (value: NonNullable<Value>, counters: Counters) => Value

const fail = (counters: Counters): null => {
  counters.badCast++
  return null
}

/** Non-null value of type `from` → value of type `to`. */
export function converter(from: ExprType, to: FieldType): Convert {
  if (from === to || from === 'null') return (value) => value
  const scale = decimalScale(from) ?? 0
  const asNumber = (value: NonNullable<Value>) => (scale > 0 ? Number(value) / POW10[scale]! : Number(value))
  switch (to) {
    case 'boolean':
      return from === 'string' ? (value, counters) => textToBoolean(String(value)) ?? fail(counters) : (value) => value !== 0
    case 'double':
      return from === 'string' ? (value, counters) => textToNumber(String(value)) ?? fail(counters) : asNumber
    case 'int':
      if (from === 'string') return (value, counters) => toInt(textToNumber(String(value)), counters)
      return (value, counters) => toInt(asNumber(value), counters)
    case 'string':
      return (value) => toText(value, from)
    case 'timestamp':
      return (value, counters) => parseSqlTimestamp(String(value)) ?? fail(counters)
    default:
      return toDecimal(from, to, asNumber)
  }
}

function toInt(value: number | null, counters: Counters): number | null {
  if (value === null) return fail(counters)
  const whole = roundHalfEven(value)
  return Math.abs(whole) <= MAX_INT ? whole : fail(counters)
}

function toDecimal(from: ExprType, to: FieldType, asNumber: (value: NonNullable<Value>) => number): Convert {
  const scale = decimalScale(to) ?? 0
  const limit = POW10[decimalPrecision(to) ?? 15]!
  const bounded = (scaled: number, counters: Counters) => (scaled < limit && scaled > -limit ? scaled + 0 : fail(counters))
  if (from === 'string') {
    return (value, counters) => {
      const scaled = textToScaled(String(value), scale)
      return scaled === null ? fail(counters) : bounded(scaled, counters)
    }
  }
  if (isDecimal(from)) {
    const step = scale - (decimalScale(from) ?? 0)
    if (step >= 0) return (value, counters) => bounded(Number(value) * POW10[step]!, counters)
    return (value, counters) => bounded(roundHalfAway(Number(value) / POW10[-step]!), counters)
  }
  return (value, counters) => bounded(roundHalfAway(asNumber(value) * POW10[scale]!), counters)
}

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/

function textToNumber(text: string): number | null {
  const trimmed = text.trim()
  if (!NUMBER.test(trimmed)) return null
  const value = Number(trimmed)
  return Number.isFinite(value) ? value : null
}

/** Decimal text → scaled integer, half away from zero; null where it is no number or far too large. */
export function textToScaled(text: string, scale: number): number | null {
  const parts = splitDecimal(text, scale)
  if (!parts) return null
  const whole = Number(parts.whole || '0') + (parts.rest.charCodeAt(0) >= 53 ? 1 : 0)
  return Number.isFinite(whole) ? (parts.negative ? -whole + 0 : whole) : null
}

/** True where the number has digits other than 0 behind the `scale`-th place after the point. */
export function isFinerThan(text: string, scale: number): boolean {
  return /[1-9]/.test(splitDecimal(text, scale)?.rest ?? '')
}

/** The digits before and after the `scale`-th place behind the point. */
function splitDecimal(text: string, scale: number): { negative: boolean; whole: string; rest: string } | null {
  const match = /^([+-]?)(\d*)\.?(\d*)(?:[eE]([+-]?\d{1,4}))?$/.exec(text.trim())
  if (!match || (match[2] === '' && match[3] === '')) return null
  const digits = match[2]! + match[3]!
  const point = match[2]!.length + Number(match[4] ?? 0) + scale
  const padded = point < 0 ? '0'.repeat(-point) + digits : digits.padEnd(point, '0')
  return { negative: match[1] === '-', whole: padded.slice(0, Math.max(0, point)), rest: padded.slice(Math.max(0, point)) }
}

function textToBoolean(text: string): boolean | null {
  switch (text.trim().toLowerCase()) {
    case 'true':
    case 't':
    case '1':
    case 'yes':
    case 'y':
      return true
    case 'false':
    case 'f':
    case '0':
    case 'no':
    case 'n':
      return false
    default:
      return null
  }
}

function toText(value: NonNullable<Value>, from: ExprType): string {
  if (from === 'timestamp') return sqlTimestamp(Number(value))
  if (from === 'double') return doubleText(Number(value))
  const scale = decimalScale(from) ?? 0
  if (scale === 0) return String(value)
  const digits = String(Math.abs(Number(value))).padStart(scale + 1, '0')
  return `${Number(value) < 0 ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`
}

/** Shortest text that reads back the same; always with a point or an exponent of two digits at least. */
function doubleText(value: number): string {
  const [mantissa = '0', exponent = '0'] = value.toExponential().split('e')
  const power = Number(exponent)
  if (power < -4 || power >= 16) {
    return `${mantissa}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`
  }
  const text = String(value) // plain for these powers
  return text.includes('.') ? text : `${text}.0`
}
