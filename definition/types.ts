/**
 * Which types go with which operator, and what comes out. The one table of it:
 *
 * | expression | operands | result |
 * |---|---|---|
 * | `+` `-` `*` `%` | int, int | int (beyond ±2^53: NULL, counted as overflow) |
 * | `+` `-` `*` `%` | any double | double |
 * | `+` `-` `%` | decimal with decimal or int | decimal(15, larger scale) |
 * | `*` | decimal(p,s) with decimal(q,t) or int | decimal(15, s + t); s + t above 15 is refused |
 * | `/` | numbers | double (true division; by zero: NULL, counted) |
 * | `div(a, b)`, `a // b` | int, int | int, towards zero |
 * | `+` `-` | timestamp with interval | timestamp |
 * | `\|\|` | strings | string |
 * | comparison, IS DISTINCT FROM, IN | two numbers; else the same type | boolean |
 * | AND OR NOT | boolean | boolean |
 * | LIKE ILIKE | strings | boolean |
 * | CASE COALESCE GREATEST LEAST | a common type | that: int < decimal < double; else the same type |
 * | NULLIF(a, b) | comparable | type of a |
 * | abs | number | the same |
 * | round(x[, n]) floor ceil | int, double | the same (DuckDB: double for an int, with the same values) |
 * | round(x[, n]) floor ceil | decimal(p,s) | decimal(15, min(s, n)), n = 0 where not given |
 * | lower upper · length | string | string · int (characters) |
 * | COUNT COUNT_IF | anything · boolean | int |
 * | SUM | int · double · decimal(p,s) | int · double · decimal(15,s) |
 * | AVG | number | double |
 * | MIN MAX FIRST LAST MODE | anything | the same |
 * | BOOL_AND BOOL_OR | boolean | boolean |
 * | STDDEV VARIANCE (_SAMP, _POP) SKEWNESS KURTOSIS (_POP) | number | double |
 * | MEDIAN, QUANTILE_CONT(x, q) | number | double |
 * | QUANTILE_DISC(x, q) | anything | the same |
 * | ENTROPY | anything | double (bits) |
 * | ARG_MIN ARG_MAX(x, y) | anything, anything | type of x |
 * | EXP_DECAY_SUM(x, half-life) | number, interval without months | double |
 * | LAG(x[, k]) | anything, 1 ≤ k ≤ 1000 | type of x |
 * | TIME_SINCE_LAST() | | int (milliseconds) |
 * | LIST(x) | anything | list of it, `T[]` |
 * | MIN(x, k) MAX(x, k), ARG_MIN(x, y, k) ARG_MAX(x, y, k) | anything, 1 ≤ k ≤ 1000 | list of type of x |
 * | HISTOGRAM(x) | anything | `map(T,int)` |
 * | APPROX_COUNT_DISTINCT | anything | int |
 * | APPROX_QUANTILE(x, q) | number | double |
 * | lists and maps | CASE, COALESCE, IS NULL | the same; they are not compared, cast or aggregated |
 * | constant with a fraction | up to 15 digits | decimal(digits, fraction digits), longer: double |
 */
import type { FieldType, ValueType } from './model.ts'

/** What an expression can have while it is being checked. `unknown`: a problem is already reported, ask no more. */
export type ExprType = ValueType | 'null' | 'interval' | 'unknown'

export const MAX_DECIMAL_DIGITS = 15
/** `int` is exact within ±2^53. */
export const MAX_INT = Number.MAX_SAFE_INTEGER + 1

export function decimalScale(type: ExprType): number | undefined {
  const match = /^decimal\((\d+),(\d+)\)$/.exec(type)
  return match ? Number(match[2]) : undefined
}

export function decimalPrecision(type: ExprType): number | undefined {
  const match = /^decimal\((\d+),(\d+)\)$/.exec(type)
  return match ? Number(match[1]) : undefined
}

export function isDecimal(type: ExprType): boolean {
  return type.startsWith('decimal(') && type.endsWith(')')
}

/** The types of lists and maps are written here and read here alone. */
export function listOf(type: ExprType): ExprType {
  return type === 'unknown' || type === 'null' ? type : `${type}[]`
}

/** From each value to a whole number. */
export function mapOf(type: ExprType): ExprType {
  return type === 'unknown' || type === 'null' ? type : `map(${type},int)`
}

/** What a list holds; undefined: it is none. */
export function elementType(type: ExprType): FieldType | undefined {
  return type.endsWith('[]') ? type.slice(0, -2) : undefined
}

/** What a map's keys are; undefined: it is none. */
export function mapKeyType(type: ExprType): FieldType | undefined {
  return type.startsWith('map(') ? type.slice(4, -',int)'.length) : undefined
}

export function isCollection(type: ExprType): boolean {
  return type.endsWith('[]') || type.startsWith('map(')
}

export function isNumeric(type: ExprType): boolean {
  return type === 'int' || type === 'double' || isDecimal(type)
}

/** A decimal type that can exist: 1 ≤ p ≤ 15, 0 ≤ s ≤ p. The pattern of FieldType alone allows more. */
export function isValidType(type: FieldType): boolean {
  const precision = decimalPrecision(type)
  if (precision === undefined) return true
  return precision >= 1 && precision <= MAX_DECIMAL_DIGITS && (decimalScale(type) ?? 0) <= precision
}

export function decimal(scale: number): FieldType {
  return `decimal(${MAX_DECIMAL_DIGITS},${scale})`
}

/** Type of a numeric constant with a fraction. */
export function decimalConstantType(text: string): FieldType {
  const [whole = '', fraction = ''] = text.split('.')
  const digits = Math.max(1, whole.replace(/^0+/, '').length + fraction.length)
  return digits > MAX_DECIMAL_DIGITS ? 'double' : `decimal(${digits},${fraction.length})`
}

/** The type both can be turned into without a cast, or undefined. */
export function commonType(a: ExprType, b: ExprType): ExprType | undefined {
  if (a === 'unknown' || b === 'unknown') return 'unknown'
  if (a === b || b === 'null') return a
  if (a === 'null') return b
  if (!isNumeric(a) || !isNumeric(b)) return undefined
  if (a === 'double' || b === 'double') return 'double'
  return decimal(Math.max(decimalScale(a) ?? 0, decimalScale(b) ?? 0))
}

/** Result of an arithmetic operator, or undefined where the operands do not go together. */
export function arithmeticType(op: '+' | '-' | '*' | '/' | '%', a: ExprType, b: ExprType): ExprType | undefined {
  if (a === 'unknown' || b === 'unknown') return 'unknown'
  if (a === 'timestamp' && b === 'interval' && (op === '+' || op === '-')) return 'timestamp'
  if (a === 'interval' && b === 'timestamp' && op === '+') return 'timestamp'
  const left = a === 'null' ? b : a
  const right = b === 'null' ? a : b
  if (left === 'null') return op === '/' ? 'double' : 'int'
  if (!isNumeric(left) || !isNumeric(right)) return undefined
  if (op === '/' || left === 'double' || right === 'double') return 'double'
  if (left === 'int' && right === 'int') return 'int'
  const scales = [decimalScale(left) ?? 0, decimalScale(right) ?? 0] as const
  if (op !== '*') return decimal(Math.max(...scales))
  const scale = scales[0] + scales[1]
  return scale > MAX_DECIMAL_DIGITS ? undefined : decimal(scale)
}

const CASTS: Record<string, string[]> = {
  boolean: ['boolean', 'int', 'double', 'decimal', 'string'],
  int: ['boolean', 'int', 'double', 'decimal', 'string'],
  double: ['boolean', 'int', 'double', 'decimal', 'string'],
  decimal: ['boolean', 'int', 'double', 'decimal', 'string'],
  string: ['boolean', 'int', 'double', 'decimal', 'string', 'timestamp'],
  timestamp: ['string', 'timestamp'],
}

const family = (type: ExprType) => (isDecimal(type) ? 'decimal' : type)

export function canCast(from: ExprType, to: FieldType): boolean {
  if (from === 'unknown' || from === 'null') return true
  return CASTS[family(from)]?.includes(family(to)) ?? false
}

const TYPE_NAMES: Record<string, FieldType> = {
  bool: 'boolean',
  boolean: 'boolean',
  logical: 'boolean',
  int: 'int',
  int2: 'int',
  int4: 'int',
  int8: 'int',
  integer: 'int',
  bigint: 'int',
  smallint: 'int',
  long: 'int',
  double: 'double',
  float8: 'double',
  text: 'string',
  varchar: 'string',
  string: 'string',
  bpchar: 'string',
  timestamp: 'timestamp',
  datetime: 'timestamp',
}

/** A cast's target by its SQL name (lower case), or undefined. `decimal` needs its arguments, see the SQL reader. */
export function typeByName(name: string): FieldType | undefined {
  return Object.hasOwn(TYPE_NAMES, name) ? TYPE_NAMES[name] : undefined
}

export const CAST_TARGETS = ['boolean', 'int', 'double', 'decimal(p,s)', 'string', 'timestamp'] as const

/** How a type is written in the canonical SQL; DuckDB and PostgreSQL read all of these but `string` and `int`'s width. */
export function typeToSql(type: FieldType): string {
  return type === 'int' ? 'bigint' : type === 'string' ? 'varchar' : type
}
