/** Features of keys at an instant, computed by DuckDB from their events. */
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { quoteName } from '../../definition/identifiers.ts'
import type { StreamSchema, ViewDefinition } from '../../definition/model.ts'
import { onlyFeatures } from '../../definition/restrict.ts'
import type { Plan } from '../plan/plan.ts'
import { oracleSql, skippedFeatures } from '../preview/duckdb-check.ts'
import { DUCKDB_DIALECT } from '../preview/duckdb-dialect.ts'
import { append, plain, sqlType } from '../preview/duckdb-values.ts'
import type { Value } from '../sink/port.ts'
import type { SampledEvent } from './sampled-events.ts'
import type { Order } from './savepoint-values.ts'

export interface DuckdbQuestion {
  readonly definition: ViewDefinition
  readonly stream: StreamSchema
  readonly order: Order
  readonly plan: Plan
  /** in the order of the definition's features */
  readonly featureTypes: readonly string[]
  readonly atMs: number
}

/** Names of the features that it cannot say, with the reason. What a window leaves out of the current event's neighbours has none at an instant. */
export function unsaidByDuckdb({ definition, plan }: Pick<DuckdbQuestion, 'definition' | 'plan'>): ReadonlyMap<string, string> {
  const skipped = skippedFeatures(definition)
  const seenFromAnEvent = plan.windows.filter(({ rows, exclude }) => rows || exclude).map(({ name }) => name)
  for (const { name, expr } of definition.features)
    if (!skipped.has(name) && mentions(expr, seenFromAnEvent, skipped))
      skipped.set(name, 'its window is seen from an event, not from an instant')
  return skipped
}

function mentions(node: unknown, windows: readonly string[], skipped: ReadonlyMap<string, string>): boolean {
  if (typeof node !== 'object' || node === null) return false
  const { kind, window, name } = node as { kind?: unknown; window?: unknown; name?: unknown }
  if (kind === 'aggregate' && windows.includes(String(window))) return true
  if (kind === 'feature' && skipped.has(String(name))) return true
  return Object.values(node).some((child) => mentions(child, windows, skipped))
}

export interface SaidByDuckdb {
  /** why it does not take the statement; null: it did */
  readonly refusal: string | null
  /** undefined: it has no row of that key */
  of(key: string, feature: string): Value | undefined
}

/** The features named alone, and those that they are derived from: what it cannot say is not in the statement. */
export async function askDuckdb(
  question: DuckdbQuestion,
  names: readonly string[],
  byKey: ReadonlyMap<string, readonly SampledEvent[]>,
): Promise<SaidByDuckdb> {
  if (names.length === 0) return { refusal: null, of: () => undefined }
  const types = new Map(question.definition.features.map(({ name }, i) => [name, question.featureTypes[i]!]))
  const definition = onlyFeatures(question.definition, names)
  const featureTypes = definition.features.map(({ name }) => types.get(name)!)
  try {
    const values = await valuesAt({ ...question, definition, featureTypes }, byKey)
    const at = new Map(definition.features.map(({ name }, i) => [name, i]))
    return { refusal: null, of: (key, feature) => values.get(key)?.[at.get(feature) ?? -1] }
  } catch (error) {
    return { refusal: (error as Error).message.split('\n')[0]!, of: () => undefined }
  }
}

/** By key, in the order of the definition's features; keys without an event (or without a window that has ended) are not there. */
async function valuesAt(
  question: DuckdbQuestion,
  byKey: ReadonlyMap<string, readonly SampledEvent[]>,
): Promise<ReadonlyMap<string, readonly Value[]>> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' })
  const connection = await instance.connect()
  try {
    const keyAt = await loadEvents(connection, question, byKey)
    const { definition, stream, order, featureTypes, atMs } = question
    const result = await connection.runAndReadAll(oracleSql({ definition, stream, order, atMs }))
    const rows = result.getRowsJS()
    const values = (row: readonly unknown[], from: number) => featureTypes.map((type, i) => plain(row[from + i], type))
    if (!definition.group)
      return new Map(rows.map((row) => [keyAt.get(`${plain(row[0], 'int')}:${plain(row[1], 'int')}`)!, values(row, 2)]))
    const keys = definition.key.length
    const ended = rows
      .map((row) => ({ key: keyText(row.slice(0, keys)), endMs: Number(plain(row.at(-1), 'timestamp')), values: values(row, keys + 1) }))
      .filter(({ endMs }) => endMs <= atMs)
      .sort((a, b) => a.endMs - b.endMs)
    return new Map(ended.map((one) => [one.key, one.values])) // the newest comes last
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

const keyText = (parts: readonly unknown[]): string => JSON.stringify(parts.map((part) => plain(part, 'string')))

/** Answers the key of each shown event, by its place. */
async function loadEvents(
  connection: DuckDBConnection,
  { plan, atMs, definition }: DuckdbQuestion,
  byKey: ReadonlyMap<string, readonly SampledEvent[]>,
): Promise<Map<string, string>> {
  const shown = new Map<string, string>()
  const columns = plan.fields.map(({ name, type }) => `${quoteName(name)} ${sqlType(type)}`)
  await connection.run(
    `CREATE TABLE events (__arrival BIGINT, __partition INTEGER, __offset BIGINT, __shown BOOLEAN, ${columns.join(', ')})`,
  )
  for (const statement of DUCKDB_DIALECT) await connection.run(statement)
  const appender = await connection.createAppender('events')
  for (const [key, events] of byKey) {
    const newest = definition.group ? undefined : events.findLast(({ timeMs }) => timeMs <= atMs)
    if (newest) shown.set(`${newest.partition}:${newest.offset}`, key)
    for (const event of events) {
      appender.appendBigInt(BigInt(event.order))
      appender.appendInteger(event.partition)
      appender.appendBigInt(BigInt(event.offset))
      appender.appendBoolean(event === newest)
      plan.fields.forEach(({ type }, f) => append(appender, type, event.fields[f] ?? null))
      appender.endRow()
    }
  }
  appender.flushSync()
  appender.closeSync()
  return shown
}
