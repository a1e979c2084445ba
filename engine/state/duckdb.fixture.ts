/** DuckDB as the oracle: the view's own SQL over the same events. */
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api'
import type { StreamSchema, ViewDefinition } from '../../definition/model.ts'
import { printView } from '../../definition/print-sql.ts'
import { DUCKDB_DIALECT } from '../preview/duckdb-dialect.ts'
import { elementType, isCollection, mapKeyType } from '../../definition/types.ts'
import type { Scalar, Value } from '../sink/port.ts'

export async function openDuckdb(instance?: DuckDBInstance): Promise<DuckDBConnection> {
  const duckdb = await (instance ?? (await DuckDBInstance.create(':memory:', { threads: '1' }))).connect()
  for (const statement of DUCKDB_DIALECT) await duckdb.run(statement)
  return duckdb
}

const SQL_TYPES: Record<string, string> = { int: 'BIGINT', double: 'DOUBLE', string: 'VARCHAR', boolean: 'BOOLEAN', timestamp: 'TIMESTAMP' }

export async function fillTable(duckdb: DuckDBConnection, stream: StreamSchema, events: readonly object[]): Promise<void> {
  // `event_time` is the other name of the event-time field (language.md 5).
  const alias =
    stream.eventTime === 'event_time'
      ? ''
      : `; ALTER TABLE "${stream.name}" ADD COLUMN event_time TIMESTAMP; UPDATE "${stream.name}" SET event_time = "${stream.eventTime}"`
  const columns = stream.fields.map(({ name, type }) => `"${name}" ${SQL_TYPES[type] ?? type}`)
  const rows = events.map(
    (event) => `(${stream.fields.map(({ name, type }) => sqlValue((event as Record<string, Value>)[name] ?? null, type)).join(', ')})`,
  )
  await duckdb.run(
    `CREATE OR REPLACE TABLE "${stream.name}" (${columns.join(', ')}); INSERT INTO "${stream.name}" VALUES ${rows.join(', ')}${alias}`,
  )
}

function sqlValue(value: Value, type: string): string {
  if (value === null) return 'NULL'
  if (type === 'timestamp') return `make_timestamp(${value}000::BIGINT)`
  return typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : String(value)
}

/** Feature values by row number (the field `n`), as they leave the engine: timestamps as epoch ms, decimals as numbers. */
export async function duckdbRows(
  duckdb: DuckDBConnection,
  definition: ViewDefinition,
  types: readonly string[],
): Promise<Map<number, Value[]>> {
  const result = await duckdb.runAndReadAll(oracleSql(definition, types))
  const decoded = (value: Value, type: string): Value => {
    if (value === null || !isCollection(type)) return value
    const parsed = JSON.parse(String(value)) as Scalar[] | { k: Scalar; n: number }[]
    return mapKeyType(type) === undefined
      ? (parsed as Scalar[])
      : Object.fromEntries((parsed as { k: Scalar; n: number }[]).map(({ k, n }) => [String(k), n]))
  }
  return new Map(
    result.getRows().map(([number, ...values]) => [Number(number), values.map((value, i) => decoded(value as Value, types[i]!))]),
  )
}

/** A statement that gives the row's number, then its feature values as they leave the engine. */
export function oracleSql(definition: ViewDefinition, types: readonly string[]): string {
  const numbered = {
    ...definition,
    features: [
      { name: 'row_number_', expr: { kind: 'field' as const, name: 'n' } },
      ...definition.features.map(({ name, expr }) => ({ name, expr: inDuckdb(expr) })),
    ],
  }
  const outputs = definition.features.map(({ name }, i) => plainValue(`"${name}"`, types[i]!))
  // rows of one millisecond stand in the order of their numbers in a ROWS frame
  const sql = printView(numbered).replaceAll(/(ORDER BY event_time) (ROWS +BETWEEN)/g, '$1, n $2')
  return `SELECT row_number_::DOUBLE, ${outputs.join(', ')} FROM (${sql})`
}

/**
 * DuckDB's COUNT_IF of nothing is NULL, ours is 0 (language.md 14): COUNT(*) with the condition as a filter says the same in both.
 * MEDIAN and QUANTILE_CONT of a decimal are rounded to its scale there, and a double here.
 */
export function inDuckdb<T>(node: T): T {
  if (Array.isArray(node)) return node.map(inDuckdb) as T
  if (typeof node !== 'object' || node === null) return node
  const copy = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, inDuckdb(value)])) as Record<string, unknown>
  if (copy.kind === 'aggregate' && (copy.fn === 'median' || copy.fn === 'quantile_cont')) {
    const [arg, ...rest] = copy.args as unknown[]
    return { ...copy, args: [{ kind: 'cast', arg, type: 'double' }, ...rest] } as T
  }
  if (copy.kind !== 'aggregate' || copy.fn !== 'count_if') return copy as T
  const [condition] = copy.args as unknown[]
  const filter = copy.filter ? { kind: 'binary', op: 'and', left: copy.filter, right: condition } : condition
  return { ...copy, fn: 'count', args: [], star: true, filter } as T
}

export function plainValue(column: string, type: string): string {
  const [element, key] = [elementType(type), mapKeyType(type)]
  if (element !== undefined) return `to_json(list_transform(${column}, lambda x: ${plainValue('x', element)}))::VARCHAR`
  if (key !== undefined) {
    const pair = `{k: ${plainValue('x.key', key)}, n: x.value::DOUBLE}`
    return `to_json(list_transform(map_entries(${column}), lambda x: ${pair}))::VARCHAR`
  }
  if (type === 'timestamp') return `epoch_ms(${column})::DOUBLE`
  return type === 'string' || type === 'boolean' ? column : `${column}::DOUBLE`
}

/** Equal, doubles to 1e-9 relative: DuckDB adds up in another order. */
export function sameValue(a: Value, b: Value): boolean {
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item, i) => sameValue(item, b[i]!))
  if (typeof a === 'object' && typeof b === 'object') return JSON.stringify(a) === JSON.stringify(b)
  if (typeof a !== 'number' || typeof b !== 'number') return a === b
  return a === b || Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a), Math.abs(b))
}
