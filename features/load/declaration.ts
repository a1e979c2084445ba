/** A declaration as a file gives it: checked by hand, so that what is wrong is said in the words of the guide. */
import { isFunctionName } from '../../definition/functions.ts'
import { quoteName } from '../../definition/identifiers.ts'
import { parseDurationMs } from '../../definition/interval.ts'
import { type CodeFeature, FieldType } from '../../definition/model.ts'
import { isValidType } from '../../definition/types.ts'
import type { FeatureDeclaration, InputType, StateDeclaration, TypeName } from '../evenflow.ts'

export type Declaration = FeatureDeclaration<
  Record<string, InputType>,
  TypeName,
  Record<string, { type: TypeName; default: boolean | number | string }>,
  Record<string, StateDeclaration>
>

const NAME = /^[a-z_][a-z0-9_]{0,39}$/
/** Written in SQL without quotes. */
const isPlainName = (name: unknown): name is string => typeof name === 'string' && NAME.test(name) && quoteName(name) === name
const KINDS = ['value', 'list', 'map', 'reducing', 'aggregating']

export function declarationProblems(given: unknown): string[] {
  if (typeof given !== 'object' || given === null) return ['the default export is no feature: write `export default defineFeature({ … })`']
  const one = given as Record<string, unknown>
  const problems: string[] = []
  const need = (holds: boolean, message: string) => {
    if (!holds) problems.push(message)
  }
  const { name, input, parameters = {}, state = {} } = one
  need(isPlainName(name), '`name`: small letters, digits and _, a letter first, at most 40, and no word of SQL')
  if (typeof name === 'string') need(!isFunctionName(name), `\`name\`: ${name} is a function of the language already`)
  need(one.doc === undefined || typeof one.doc === 'string', '`doc` is a sentence')
  need(isRecord(input), '`input` names what the feature is called with: { delay: "int" }')
  for (const [field, type] of entries(input)) {
    need(isPlainName(field), `input \`${field}\`: small letters, digits and _, and no word of SQL`)
    need(typeof type === 'string' && isType(type.replace(/\?$/, '')), `input \`${field}\`: ${String(type)} is no type`)
  }
  need(isType(one.output), `\`output\`: ${String(one.output)} is no type`)
  for (const [field, declared] of entries(parameters)) {
    const { type, default: value } = (isRecord(declared) ? declared : {}) as { type?: unknown; default?: unknown }
    need(isPlainName(field), `parameter \`${field}\`: small letters, digits and _, and no word of SQL`)
    need(!(isRecord(input) && field in input), `parameter \`${field}\`: an input has this name`)
    need(isType(type), `parameter \`${field}\`: ${String(type)} is no type`)
    need(fits(value, String(type)), `parameter \`${field}\`: its default is no ${String(type)}`)
  }
  for (const [field, declared] of entries(state))
    need(
      isRecord(declared) && KINDS.includes(String(declared.kind)),
      `state \`${field}\`: declare it with valueState, listState, mapState, …`,
    )
  need(typeof one.onEvent === 'function', '`onEvent` is a function')
  need(one.onTimer === undefined || typeof one.onTimer === 'function', '`onTimer` is a function')
  if (one.ttl !== undefined && ttlOf(one.ttl) === undefined) problems.push("`ttl` is a duration: '30 days'")
  return problems
}

export function describe(one: Declaration): Omit<CodeFeature, 'hash' | 'file' | 'source'> {
  return {
    name: one.name,
    doc: one.doc ?? '',
    inputs: Object.entries(one.input).map(([name, type]) => ({ name, type: type.replace(/\?$/, ''), nullable: type.endsWith('?') })),
    output: one.output,
    parameters: Object.entries(one.parameters ?? {}).map(([name, { type, default: value }]) => ({ name, type, default: value })),
    ttlMs: one.ttl === undefined ? null : (ttlOf(one.ttl) ?? null),
  }
}

function ttlOf(text: unknown): number | undefined {
  if (typeof text !== 'string') return undefined
  try {
    const ms = parseDurationMs(text)
    return ms > 0 ? ms : undefined
  } catch {
    return undefined
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)
const entries = (value: unknown): [string, unknown][] => (isRecord(value) ? Object.entries(value) : [])
const isType = (value: unknown): value is FieldType => FieldType.safeParse(value).success && isValidType(value as FieldType)

function fits(value: unknown, type: string): boolean {
  if (type === 'boolean' || type === 'string') return typeof value === type
  if (type === 'int' || type === 'timestamp') return Number.isSafeInteger(value)
  return typeof value === 'number' && Number.isFinite(value)
}
