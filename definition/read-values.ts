/** Constants, names, types and intervals of a tree. Undefined: could not be read, and the reason is reported. */
import type { A_Const, Node, TypeName } from 'libpg-query'
import { EDGE_NAMES } from './check-group.ts'
import { findName } from './identifiers.ts'
import { parseInterval } from './interval.ts'
import type { Expr, FieldType, Interval } from './model.ts'
import { firstLocation, type Placed, type ReadContext } from './read-context.ts'
import { intervalUnitOf } from './read-interval.ts'
import { didYouMean } from './suggest.ts'
import { CAST_TARGETS, typeByName } from './types.ts'

export function readConstant(constant: A_Const, context: ReadContext, placed: Placed): Expr | undefined {
  const { location } = constant
  if (constant.isnull) return placed({ kind: 'literal', type: 'null', value: null }, location)
  if (constant.boolval) return placed({ kind: 'literal', type: 'boolean', value: constant.boolval.boolval ?? false }, location)
  if (constant.sval) return placed({ kind: 'literal', type: 'string', value: constant.sval.sval ?? '' }, location)
  if (constant.ival) return placed({ kind: 'literal', type: 'int', value: constant.ival.ival ?? 0 }, location)
  if (!constant.fval) {
    context.problem('not_yet', location, 'a bit string is not available yet')
    return undefined
  }
  const negative = constant.fval.fval?.startsWith('-') ?? false
  const digits = (constant.fval.fval ?? '').replace(/^-/, '').replaceAll('_', '')
  if (/^(\d+|0[xob][\da-f]+)$/i.test(digits)) {
    // an int beyond 32 bits arrives as text; beyond 2^53 the check refuses what Number cannot hold
    const value = BigInt(digits)
    const exact = value <= 2n ** 53n
    if (!exact)
      context.problem(
        'number_out_of_range',
        location,
        'an int is a whole number within ±9007199254740992 (2^53)',
        'use a string for identifiers, decimal for money',
      )
    return exact ? placed({ kind: 'literal', type: 'int', value: negative ? -Number(value) : Number(value) }, location) : undefined
  }
  if (/e/i.test(digits)) return placed({ kind: 'literal', type: 'double', value: negative ? 0 - Number(digits) : Number(digits) }, location)
  const decimal = placed({ kind: 'decimal', text: digits }, location)
  return negative ? placed({ kind: 'unary', op: '-', arg: decimal }, location) : decimal
}

export function readName(
  { fields = [], location }: { fields?: Node[]; location?: number },
  context: ReadContext,
  placed: Placed,
): Expr | undefined {
  const parts = fields.map((field) => ('String' in field ? (field.String.sval ?? '') : '*'))
  if (parts.at(-1) === '*') {
    context.problem('not_yet', location, '* is not available yet', 'name the columns')
    return undefined
  }
  if (parts.length > 2) {
    context.problem('unknown_field', location, `\`${parts.join('.')}\` has too many parts`, 'write the field alone')
    return undefined
  }
  const written = parts.map((part, i) => context.tokens.name(context.tokens.at(location, i * 2), part))
  const [first, second] = written
  if (!first) return undefined
  if (second && findName(first, context.qualifiers).found === undefined) {
    context.problem(
      'unknown_stream',
      location,
      `\`${first.name}\` is not the stream of this view`,
      didYouMean(first.name, context.qualifiers),
    )
    return undefined
  }
  const name = second ?? first
  const field = findName(name, context.fields)
  if (field.several) {
    context.problem(
      'ambiguous_name',
      location,
      `\`${name.name}\` could be ${field.several.map((one) => `"${one}"`).join(' or ')}`,
      'put the one you mean in double quotes',
    )
    return undefined
  }
  if (field.found !== undefined) return placed({ kind: 'field', name: field.found }, location)
  if (context.isGroup && !second && EDGE_NAMES.has(name.name))
    return placed({ kind: 'windowEdge', edge: name.name === 'window_start' ? 'start' : 'end' }, location)
  const feature = second ? undefined : (findName(name, context.featuresSoFar).found ?? findName(name, context.allFeatures).found)
  if (feature !== undefined) return placed({ kind: 'feature', name: feature }, location)
  const isEventTime = name.name === 'event_time' && context.eventTime !== undefined
  return placed({ kind: 'field', name: isEventTime ? context.eventTime! : name.name }, location)
}

/** `INTERVAL '3' HOUR`; `none`: this is no interval, undefined: it is one that cannot be read, and the reason is reported. */
export function readInterval(node: Node | undefined, context: Pick<ReadContext, 'problem'>): Interval | 'none' | undefined {
  const cast = node && 'TypeCast' in node ? node.TypeCast : undefined
  const type = cast?.typeName?.names?.at(-1)
  if (!cast || !type || !('String' in type) || type.String.sval !== 'interval') return 'none'
  return readIntervalConstant(cast.arg, cast.typeName, context)
}

/** An interval constant, or undefined with a problem reported. */
export function readIntervalConstant(
  arg: Node | undefined,
  typeName: TypeName | undefined,
  context: Pick<ReadContext, 'problem'>,
): Interval | undefined {
  const constant = arg && 'A_Const' in arg ? arg.A_Const : undefined
  if (!constant?.sval) {
    context.problem(
      'bad_interval',
      (arg && firstLocation(arg)) ?? typeName?.location,
      'an interval must be a constant',
      "INTERVAL '3' HOUR",
    )
    return undefined
  }
  try {
    const text = constant.sval.sval ?? ''
    const unit = intervalUnitOf(typeName)
    // DuckDB cuts INTERVAL '1.5' HOUR down to one hour, PostgreSQL takes 90 minutes: neither is meant here
    if (unit && unit !== 'second' && !/^\s*[+-]?\d+\s*$/.test(text))
      throw new Error(`INTERVAL '…' ${unit.toUpperCase()} needs a whole number`)
    return parseInterval(text, unit ?? 'second')
  } catch (error) {
    context.problem(
      'bad_interval',
      constant.location,
      error instanceof Error ? error.message : String(error),
      "INTERVAL '3' HOUR, INTERVAL '90 minutes'",
    )
    return undefined
  }
}

export function readType(typeName: TypeName | undefined, lastName: string, context: ReadContext): FieldType | undefined {
  const at = typeName?.location
  const written = context.tokens.at(at)?.text.toLowerCase() ?? lastName
  const modifiers = (typeName?.typmods ?? []).map((modifier) =>
    'A_Const' in modifier && modifier.A_Const.ival ? (modifier.A_Const.ival.ival ?? 0) : -1,
  )
  const refuse = (message: string, hint?: string) => {
    context.problem('unknown_type', at, message, hint)
    return undefined
  }
  if (typeName?.arrayBounds?.length) return refuse('arrays are not available yet')
  if (lastName === 'numeric' || lastName === 'decimal') {
    const [precision = 0, scale = 0] = modifiers
    if (precision >= 1 && precision <= 15 && scale >= 0 && scale <= precision) return `decimal(${precision},${scale})`
    return refuse('a decimal needs its digits: at most 15, and how many of them behind the point', 'decimal(15,2)')
  }
  // FLOAT is 4 bytes in DuckDB and 8 in PostgreSQL
  if (written === 'float' || lastName === 'float4') return refuse('a 4-byte float is not available', 'double')
  if (modifiers.length > 0) return refuse(`${written} takes no length here`, `${written} alone`)
  const type = typeByName(lastName)
  return (
    type ??
    refuse(
      `there is no type ${lastName}`,
      didYouMean(lastName, ['boolean', 'int', 'bigint', 'double', 'decimal', 'varchar', 'text', 'timestamp']) ??
        `types are ${CAST_TARGETS.join(', ')}`,
    )
  )
}
