/** Values between the engine and feature code: a decimal is scaled here and a plain number there. */
import type { FieldType } from '../../definition/model.ts'
import { decimalScale } from '../../definition/types.ts'
import { checkDecimal, checkDouble, checkInt, type Counters, POW10, roundHalfAway, type Value } from '../compile/value.ts'

/** A value as the feature sees it. */
export function toCode(type: FieldType): (value: Value) => Value {
  const divisor = POW10[decimalScale(type) ?? 0]!
  return divisor === 1 ? (value) => value : (value) => (typeof value === 'number' ? value / divisor : value)
}

/** What the feature answered, as the engine keeps it. Too large a number is NULL and counted, as everywhere. @throws TypeError */
export function fromCode(type: FieldType, counters: Counters): (answer: unknown) => Value {
  const scale = decimalScale(type)
  const refuse = (answer: unknown): never => {
    const shown = typeof answer === 'object' || typeof answer === 'function' ? Object.prototype.toString.call(answer) : String(answer)
    throw new TypeError(`it answered ${shown.slice(0, 80)}, and its output is ${type}`)
  }
  return (answer) => {
    if (answer === null) return null
    if (type === 'string') return typeof answer === 'string' ? answer : refuse(answer)
    if (type === 'boolean') return typeof answer === 'boolean' ? answer : refuse(answer)
    if (typeof answer !== 'number') return refuse(answer)
    if (!Number.isFinite(answer)) return checkDouble(answer, counters)
    if (type === 'double') return answer + 0
    if (scale !== undefined) return checkDecimal(roundHalfAway(answer * POW10[scale]!), counters)
    return Number.isInteger(answer) ? checkInt(answer + 0, counters, () => BigInt(answer)) : refuse(answer)
  }
}
