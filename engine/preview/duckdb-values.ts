/** Values of the language ⇄ DuckDB's, and whether two of them are the same. */
import { type DuckDBAppender, DuckDBDecimalValue, DuckDBTimestampValue } from '@duckdb/node-api'
import type { FieldType } from '../../definition/model.ts'
import { decimalPrecision, decimalScale, elementType, mapKeyType } from '../../definition/types.ts'
import type { Scalar, Value } from '../sink/port.ts'

const RELATIVE = 1e-9
/** what is left of terms that cancel out */
const ABSOLUTE = 1e-12

/** A value in the appender's next column. */
export function append(appender: DuckDBAppender, type: string, value: Value): void {
  if (value === null) appender.appendNull()
  else if (type === 'boolean') appender.appendBoolean(Boolean(value))
  else if (type === 'int') appender.appendBigInt(BigInt(Number(value)))
  else if (type === 'double') appender.appendDouble(Number(value))
  else if (type === 'timestamp') appender.appendTimestamp(new DuckDBTimestampValue(BigInt(Number(value)) * 1000n))
  else if (type === 'string') appender.appendVarchar(String(value))
  else
    appender.appendDecimal(
      new DuckDBDecimalValue(BigInt(Number(value)), decimalPrecision(type as FieldType) ?? 15, decimalScale(type as FieldType) ?? 0),
    )
}

export function sqlType(type: string): string {
  if (type === 'int') return 'BIGINT'
  if (type === 'string') return 'VARCHAR'
  return type.toUpperCase() // BOOLEAN, DOUBLE, TIMESTAMP, DECIMAL(p,s)
}

/** DuckDB's value as ours: timestamps are epoch ms, NaN and infinities NULL, a map is an object. */
export function plain(value: unknown, type: string): Value {
  const [element, key] = [elementType(type), mapKeyType(type)]
  if (Array.isArray(value) && element !== undefined) return value.map((item) => plain(item, element) as Scalar)
  if (Array.isArray(value) && key !== undefined)
    return Object.fromEntries(value.map((entry: { key: unknown; value: unknown }) => [String(plain(entry.key, key)), Number(entry.value)]))
  if (value === null || value === undefined) return null
  if (typeof value === 'bigint') return Number(value)
  if (value instanceof Date) return value.getTime()
  if (typeof value === 'number') return Number.isFinite(value) ? value : null
  if (typeof value === 'boolean' || typeof value === 'string') return value
  return String(value)
}

/** Doubles of two computations agree to 1e-9 of their size (next to zero to 1e-12), everything else is equal. */
export function sameValue(ours: Value, theirs: Value, type: string): boolean {
  if (type === 'double' && typeof ours === 'number' && typeof theirs === 'number')
    return ours === theirs || Math.abs(ours - theirs) <= Math.max(ABSOLUTE, RELATIVE * Math.max(Math.abs(ours), Math.abs(theirs)))
  if (Array.isArray(ours) && Array.isArray(theirs)) {
    const element = elementType(type) ?? type
    return ours.length === theirs.length && ours.every((item, i) => sameValue(item, theirs[i] as Scalar, element))
  }
  if (isMap(ours) && isMap(theirs)) {
    const keys = Object.keys(ours)
    return keys.length === Object.keys(theirs).length && keys.every((key) => ours[key] === theirs[key])
  }
  return ours === theirs
}

const isMap = (value: Value): value is { [key: string]: number } => typeof value === 'object' && value !== null && !Array.isArray(value)
