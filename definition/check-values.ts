/** Constants, comparisons, and results that must have one type. */
import type { Checked, Report } from './check-scope.ts'
import type { Expr } from './model.ts'
import { commonType, type ExprType, isCollection, MAX_INT } from './types.ts'

export function checkLiteral(expr: Extract<Expr, { kind: 'literal' }>, report: Report): ExprType {
  const { type, value } = expr
  const fits = type === 'null' ? value === null : type === 'int' || type === 'double' ? typeof value === 'number' : typeof value === type
  if (!fits) report('bad_definition', expr, `a constant of type ${type} cannot be ${JSON.stringify(value)}`)
  else if (type === 'int' && (!Number.isInteger(value) || Math.abs(value as number) > MAX_INT)) {
    report(
      'number_out_of_range',
      expr,
      'an int is a whole number within ±9007199254740992 (2^53)',
      'use a string for identifiers, decimal for money',
    )
  } else if (type === 'double' && !Number.isFinite(value)) report('number_out_of_range', expr, 'this number is too large for a double')
  else if (typeof value === 'string' && (value.includes('\0') || !value.isWellFormed()))
    report('bad_character', expr, 'a text constant cannot hold NUL or half a character')
  return fits ? type : 'unknown'
}

/** Both sides of a comparison; a text constant beside a timestamp is read as one, as in PostgreSQL and DuckDB. */
export function comparable(left: Checked, right: Checked, at: Expr, report: Report): [Checked, Checked] {
  const a = asTimestamp(left, right.type, report)
  const b = asTimestamp(right, left.type, report)
  if (a.type === 'interval' || b.type === 'interval' || isCollection(a.type) || commonType(a.type, b.type) === undefined) {
    const texts = [a, b].some(({ type, expr }) => type === 'string' && expr.kind === 'literal')
    report(
      'type_mismatch',
      at,
      `${a.type} and ${b.type} cannot be compared`,
      texts ? 'text stands in quotes, numbers without' : 'cast one side',
    )
  }
  return [a, b]
}

export function asTimestamp(checked: Checked, other: ExprType, report: Report): Checked {
  const { expr } = checked
  if (other !== 'timestamp' || expr.kind !== 'literal' || expr.type !== 'string') return checked
  checkTimestamp(expr, report)
  return { ...checked, type: 'timestamp', expr: { kind: 'cast', arg: expr, type: 'timestamp' } }
}

/** PostgreSQL and DuckDB drop a zone in a TIMESTAMP constant without a word; here it is refused instead. */
export function checkTimestamp(expr: Extract<Expr, { kind: 'literal' }>, report: Report): void {
  if (timestampConstantMs(String(expr.value)) !== undefined) return
  report('bad_literal', expr, `'${String(expr.value).slice(0, 60)}' is not a timestamp`, "write it in UTC: '2001-02-28 23:59:59.999'")
}

/** Epoch milliseconds of `2001-02-28`, `2001-02-28 23:59[:59[.999]]`, with T or a space, with Z or nothing; else undefined. */
export function timestampConstantMs(text: string): number | undefined {
  const match = /^\s*(\d{4})-(\d{2})-(\d{2})(?:[ T](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,3}))?)?(?:Z|\+00(?::00)?)?)?\s*$/i.exec(text)
  if (!match) return undefined
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map((part) => Number(part ?? 0))
  const ms = Date.UTC(year, month - 1, day, hour, minute, second, Number((match[7] ?? '').padEnd(3, '0')))
  const date = new Date(ms)
  const exact = year >= 100 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day && hour < 24 && minute < 60 && second < 60
  return exact ? ms : undefined
}

export function unify(checked: Checked[], at: Expr[], what: string, report: Report): { type: ExprType; exprs: Expr[] } {
  const anyTimestamp = checked.some(({ type }) => type === 'timestamp')
  const sides = anyTimestamp ? checked.map((one) => asTimestamp(one, 'timestamp', report)) : checked
  let type: ExprType = 'null'
  for (const [i, side] of sides.entries()) {
    const common: ExprType | undefined = side.type === 'interval' ? undefined : commonType(type, side.type)
    if (common === undefined) {
      report('type_mismatch', at[i] ?? {}, `${what} must have one type: ${type} and ${side.type} do not go together`, 'cast one of them')
      type = 'unknown'
    } else type = common
  }
  return { type, exprs: sides.map(({ expr }) => expr) }
}

/** -5 is a constant, not minus of 5; minus of minus of a constant is the constant: as PostgreSQL reads it. */
export function negate(arg: Expr): Expr {
  if (arg.kind === 'literal' && typeof arg.value === 'number') return { ...arg, value: 0 - arg.value }
  if (arg.kind === 'unary' && arg.op === '-' && arg.arg.kind === 'decimal') return arg.arg
  return { kind: 'unary', op: '-', arg }
}
