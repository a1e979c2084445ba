/** The unit in `INTERVAL '3' HOUR`: PostgreSQL puts it into a bit mask. */
import type { TypeName } from 'libpg-query'
import type { IntervalUnit } from './interval.ts'

// INTERVAL_MASK of PostgreSQL's timestamp.h
const UNIT_BY_MASK: Record<number, IntervalUnit> = {
  [1 << 2]: 'year',
  [1 << 1]: 'month',
  [1 << 3]: 'day',
  [1 << 10]: 'hour',
  [1 << 11]: 'minute',
  [1 << 12]: 'second',
}
const FULL_RANGE = 0x7fff

/** @throws Error for `YEAR TO MONTH` and the like, and for a precision such as `SECOND(2)` */
export function intervalUnitOf(typeName: TypeName | undefined): IntervalUnit | undefined {
  const masks = (typeName?.typmods ?? []).map((modifier) => ('A_Const' in modifier ? (modifier.A_Const.ival?.ival ?? 0) : 0))
  const [mask] = masks
  if (mask === undefined || (mask === FULL_RANGE && masks.length === 1)) return undefined
  const unit = UNIT_BY_MASK[mask]
  if (!unit || masks.length > 1) throw new Error('an interval takes one unit after it, or all of them inside the quotes')
  return unit
}
