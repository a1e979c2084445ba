/** What a reader calls a key (`{ origin: "ORD" }`) ⇄ canonical key text. Types are as strict as in events. */
import { EvenflowError } from '../../contract/errors.ts'
import { keyTextOf } from '../compile/extract.ts'
import { parseIsoTimestamp } from '../compile/timestamp.ts'
import type { Scalar, Value } from '../compile/value.ts'

export interface KeyField {
  readonly name: string
  readonly type: string
}

/** @throws EvenflowError bad_request, naming the field */
export function keyTextFrom(asked: Record<string, unknown>, fields: readonly KeyField[]): string {
  const names = fields.map(({ name }) => name).join(', ')
  for (const name of Object.keys(asked)) {
    if (!fields.some((field) => field.name === name))
      throw new EvenflowError('bad_request', `The key has no field \`${name}\`.`, { hint: `The key of this view is ${names}.` })
  }
  return keyTextOf(
    fields.map(({ name, type }) => {
      const value = Object.hasOwn(asked, name) ? valueOf(asked[name], type) : null
      if (value === null)
        throw new EvenflowError('bad_request', `The key field \`${name}\` must be ${type}.`, { hint: `The key of this view is ${names}.` })
      return value
    }),
  )
}

export function keyFromText(text: string, fields: readonly KeyField[]): Record<string, Scalar> {
  const values = JSON.parse(text) as Scalar[]
  return Object.fromEntries(fields.map(({ name }, i) => [name, values[i]!]))
}

function valueOf(raw: unknown, type: string): Value {
  switch (type) {
    case 'string':
      return typeof raw === 'string' ? raw : null
    case 'boolean':
      return typeof raw === 'boolean' ? raw : null
    case 'int':
      return typeof raw === 'number' && Number.isInteger(raw) ? raw + 0 : null
    case 'timestamp':
      return typeof raw === 'string' ? parseIsoTimestamp(raw) : typeof raw === 'number' && Number.isInteger(raw) ? raw : null
    default:
      return typeof raw === 'number' && Number.isFinite(raw) ? raw + 0 : null
  }
}
