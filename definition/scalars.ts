/** Scalar functions with fixed types: what each takes and gives. Those whose result follows from their arguments are in `check-call.ts`. */
import type { ScalarName } from './model.ts'

/** `part`: a constant text from `DATE_PARTS`; `number`: int, double or decimal, computed as double. */
export type Taken = 'string' | 'int' | 'number' | 'timestamp' | 'part'
export type Signature = {
  takes: readonly Taken[]
  /** how many must be given, where not all */
  least?: number
  /** the last one may come again and again */
  repeats?: true
  gives: 'string' | 'int' | 'double' | 'boolean' | 'timestamp'
}

const text = (...takes: Taken[]): Signature => ({ takes, gives: 'string' })
const test: Signature = { takes: ['string', 'string'], gives: 'boolean' }
const maths = (count: number): Signature => ({ takes: Array.from({ length: count }, () => 'number'), gives: 'double' })

export const SIGNATURES = {
  concat: { takes: ['string'], repeats: true, gives: 'string' },
  concat_ws: { takes: ['string', 'string'], repeats: true, gives: 'string' },
  substring: { takes: ['string', 'int', 'int'], least: 2, gives: 'string' },
  trim: { takes: ['string', 'string'], least: 1, gives: 'string' },
  ltrim: { takes: ['string', 'string'], least: 1, gives: 'string' },
  rtrim: { takes: ['string', 'string'], least: 1, gives: 'string' },
  replace: text('string', 'string', 'string'),
  split_part: text('string', 'string', 'int'),
  left: text('string', 'int'),
  right: text('string', 'int'),
  reverse: text('string'),
  repeat: text('string', 'int'),
  lpad: text('string', 'int', 'string'),
  rpad: text('string', 'int', 'string'),
  strpos: { takes: ['string', 'string'], gives: 'int' },
  starts_with: test,
  ends_with: test,
  contains: test,
  date_part: { takes: ['part', 'timestamp'], gives: 'int' }, // epoch: double
  date_trunc: { takes: ['part', 'timestamp'], gives: 'timestamp' },
  date_diff: { takes: ['part', 'timestamp', 'timestamp'], gives: 'int' },
  epoch_ms: { takes: ['timestamp'], gives: 'int' },
  sqrt: maths(1),
  cbrt: maths(1),
  power: maths(2),
  exp: maths(1),
  ln: maths(1),
  log10: maths(1),
  log2: maths(1),
  sin: maths(1),
  cos: maths(1),
  tan: maths(1),
  asin: maths(1),
  acos: maths(1),
  atan: maths(1),
  atan2: maths(2),
  radians: maths(1),
  degrees: maths(1),
  pi: maths(0),
  sign: { takes: ['number'], gives: 'int' },
} as const satisfies Partial<Record<ScalarName, Signature>>
export type SignedName = keyof typeof SIGNATURES

export const isSigned = (name: ScalarName): name is SignedName => Object.hasOwn(SIGNATURES, name)
export const signatureOf = (name: ScalarName): Signature | undefined => (isSigned(name) ? SIGNATURES[name] : undefined)

/** What a part may be, by function; weeks are ISO weeks and begin on Monday, `dow` counts from Sunday 0, `isodow` from Monday 1. */
export const DATE_PARTS = {
  date_part: ['year', 'quarter', 'month', 'week', 'day', 'dow', 'isodow', 'doy', 'hour', 'minute', 'second', 'millisecond', 'epoch'],
  date_trunc: ['year', 'quarter', 'month', 'week', 'day', 'hour', 'minute', 'second', 'millisecond'],
  date_diff: ['year', 'quarter', 'month', 'day', 'hour', 'minute', 'second', 'millisecond'],
} as const
export type PartFunction = keyof typeof DATE_PARTS
export type DatePart = (typeof DATE_PARTS)['date_part'][number]

const PART_SPELLINGS: Record<string, DatePart> = { milliseconds: 'millisecond', ms: 'millisecond', dayofweek: 'dow', dayofyear: 'doy' }

/** The part by its name in any case, singular or plural; undefined: the function has none of this name. */
export function datePart(fn: PartFunction, written: string): DatePart | undefined {
  const lower = written.trim().toLowerCase()
  const spelled = PART_SPELLINGS[lower] ?? lower
  const parts: readonly DatePart[] = DATE_PARTS[fn]
  return parts.find((part) => part === spelled || (`${part}s` === spelled && part.length > 3))
}

/** Functions that are a part of a timestamp by name: `hour(t)` is `date_part('hour', t)`. */
export const PART_FUNCTIONS: Readonly<Record<string, DatePart>> = {
  year: 'year',
  quarter: 'quarter',
  month: 'month',
  week: 'week',
  weekofyear: 'week',
  day: 'day',
  dayofmonth: 'day',
  dayofweek: 'dow',
  isodow: 'isodow',
  dayofyear: 'doy',
  hour: 'hour',
  minute: 'minute',
  second: 'second',
  millisecond: 'millisecond',
  epoch: 'epoch',
}
