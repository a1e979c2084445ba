/**
 * Views of ten operators over three windows on the flights of the demo, computed by the engine's pipeline and by DuckDB, and compared
 * row by row: in event_time order with the same SQL, in arrival order (of flights that come shuffled) with a self-join that is bounded
 * by position.
 */
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import type { CheckedView, StreamSchema } from '../../definition/model.ts'
import { parseView } from '../../definition/parse-sql.ts'
import type { ResultRow, Value } from '../sink/port.ts'
import { openDuckdb, oracleSql, sameValue } from '../state/duckdb.fixture.ts'
import { TestRun } from '../task/run-view.fixture.ts'

export const flightsWithNumber: StreamSchema = {
  name: 'flights',
  eventTime: 'event_time',
  fields: [
    { name: 'n', type: 'int' },
    { name: 'event_time', type: 'timestamp' },
    { name: 'origin', type: 'string' },
    { name: 'destination', type: 'string' },
    { name: 'delay', type: 'int' },
    { name: 'distance', type: 'int' },
  ],
}
const HOUR_MS = 3_600_000
/** name, first and last moment of the frame as hours before the row */
const WINDOWS = [
  ['w1h', 1, 0],
  ['w3h', 3, 0],
  ['w24h', 24, 3],
] as const
/** By name: the operator in SQL, and with another prefix of its columns in the self-join. */
const OPERATORS: Record<'compiled' | 'plain', readonly ((prefix: string) => string)[]> = {
  compiled: [
    () => 'COUNT(*)',
    (b) => `COUNT(DISTINCT ${b}destination)`,
    (b) => `COUNT(DISTINCT ${b}distance)`,
    (b) => `SUM(${b}delay)`,
    (b) => `AVG(${b}delay)`,
    (b) => `MIN(${b}delay)`,
    (b) => `MAX(${b}delay)`,
    (b) => `MIN(${b}distance)`,
    (b) => `MAX(${b}distance)`,
    (b) => `SUM(${b}distance)`,
  ],
  plain: [
    () => 'COUNT(*)',
    (b) => `COUNT(DISTINCT ${b}destination)`,
    (b) => `SUM(${b}delay)`,
    (b) => `AVG(${b}delay)`,
    (b) => `MIN(${b}delay)`,
    (b) => `MAX(${b}destination)`,
    (b) => `STDDEV_POP(${b}delay)`,
    (b) => `VAR_SAMP(${b}distance)`,
    (b) => `MEDIAN(${b}delay)`,
    (b) => `QUANTILE_DISC(${b}delay, 0.9)`,
  ],
}
export type Road = keyof typeof OPERATORS

export interface Comparison {
  readonly road: string
  readonly rows: number
  readonly values: number
  readonly mismatches: number
  readonly examples: readonly string[]
  readonly engineMs: number
  readonly duckdbMs: number
}

const PARQUET = join(dirname(createRequire(import.meta.url).resolve('vega-datasets')), '..', 'data', 'flights-3m.parquet')
const OUTPUTS = WINDOWS.flatMap(([window], w) => Array.from({ length: 10 }, (_, o) => ({ name: `f${w}_${o}`, window, operator: o })))

async function viewOf(road: Road): Promise<CheckedView> {
  const columns = OUTPUTS.map(({ name, window, operator }) => `${OPERATORS[road][operator]!('')} OVER ${window} AS ${name}`)
  const windows = WINDOWS.map(
    ([name, from, to]) =>
      `${name} AS (PARTITION BY origin ORDER BY event_time RANGE BETWEEN INTERVAL '${from}' HOUR PRECEDING AND ${to === 0 ? 'CURRENT ROW' : `INTERVAL '${to}' HOUR PRECEDING`})`,
  )
  const { checked, problems } = await parseView(`SELECT origin, ${columns.join(', ')} FROM flights WINDOW ${windows.join(', ')}`, [
    flightsWithNumber,
  ])
  if (!checked) throw new Error(JSON.stringify(problems))
  return checked
}

/** The first `rows` flights as table `flights`; `shuffledByMs`: numbered in an order in which they come so much too late. */
async function openFlights(instance: DuckDBInstance, rows: number, shuffledByMs: number): Promise<DuckDBConnection> {
  const duckdb = await openDuckdb(instance)
  const jitter = shuffledByMs === 0 ? '0' : `(hash(file_row_number) % ${shuffledByMs})::BIGINT`
  await duckdb.run(
    `CREATE TABLE flights AS SELECT (row_number() OVER (ORDER BY epoch_ms(date) + ${jitter}, file_row_number) - 1)::BIGINT AS n, date::TIMESTAMP AS event_time, origin, destination, delay::BIGINT AS delay, distance::BIGINT AS distance
     FROM read_parquet('${PARQUET.replaceAll("'", "''")}', file_row_number = true) WHERE file_row_number < ${rows} ORDER BY n`,
  )
  return duckdb
}

export async function compareFlights(options: {
  rows: number
  order: 'arrival' | 'event_time'
  road: Road
  onProgress?: (rows: number) => void
}): Promise<Comparison> {
  const { rows, order, road } = options
  const checked = await viewOf(road)
  const shuffledByMs = order === 'arrival' ? 2 * HOUR_MS : 0
  const instance = await DuckDBInstance.create(':memory:', { threads: '2' })
  const duckdb = await openFlights(instance, rows, shuffledByMs)
  const second = await instance.connect() // a connection has one result at a time
  try {
    const startMs = performance.now()
    const types = checked.featureTypes.map(({ type }) => type)
    const sql = order === 'arrival' ? selfJoin(road) : oracleSql(checked.definition, types)
    await duckdb.run(`CREATE TABLE expected AS ${sql} ORDER BY 1`)
    const duckdbMs = performance.now() - startMs
    return { ...(await compare([duckdb, second], checked, order, shuffledByMs, options.onProgress)), duckdbMs }
  } finally {
    for (const connection of [duckdb, second]) connection.closeSync()
    instance.closeSync()
  }
}

function selfJoin(road: Road): string {
  const aggregates = WINDOWS.flatMap(([, from, to]) =>
    OPERATORS[road].map((operator) => {
      const frame = `b.event_time BETWEEN a.event_time - INTERVAL '${from}' HOUR AND a.event_time - INTERVAL '${to}' HOUR`
      return `${operator('b.')} FILTER (WHERE ${frame})`
    }),
  )
  const outputs = aggregates.map((sql) => (/\(b\.destination\)/.test(sql) && /MAX/.test(sql) ? sql : `(${sql})::DOUBLE`))
  return `SELECT a.n::DOUBLE, ${outputs.join(', ')} FROM flights a JOIN flights b
    ON a.origin = b.origin AND b.n <= a.n AND b.event_time BETWEEN a.event_time - INTERVAL '24' HOUR AND a.event_time GROUP BY a.n`
}

async function compare(
  [ofEvents, ofExpected]: readonly [DuckDBConnection, DuckDBConnection],
  { definition }: CheckedView,
  order: 'arrival' | 'event_time',
  latenessMs: number,
  onProgress: (rows: number) => void = () => {},
): Promise<Omit<Comparison, 'duckdbMs'>> {
  const run = new TestRun({ definition, stream: flightsWithNumber, order, road: 'planned', allowedLatenessMs: latenessMs }).open()
  const events = await ofEvents.stream(
    'SELECT n::DOUBLE, epoch_ms(event_time)::DOUBLE, origin, destination, delay::DOUBLE, distance::DOUBLE FROM flights ORDER BY n',
  )
  const result = { rows: 0, values: 0, mismatches: 0, examples: [] as string[], engineMs: 0 }
  const expected = await expectedRows(ofExpected)
  const check = async () => {
    for (const row of run.history.rows) checkRow(row, await expected(), result)
    run.history.rows.length = 0
    onProgress(result.rows)
  }
  for (let chunk = await events.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await events.fetchChunk()) {
    const lines = chunk.getRows().map(([n, event_time, origin, destination, delay, distance]) => ({
      value: JSON.stringify({ n, event_time, origin, destination, delay, distance }),
    }))
    const startMs = performance.now()
    await run.feed(lines)
    result.engineMs += performance.now() - startMs
    await check()
  }
  const startMs = performance.now()
  await run.end()
  result.engineMs += performance.now() - startMs
  await check()
  if ((await expected()) !== null) result.mismatches++ // DuckDB has rows that the engine did not give
  return { ...result, road: run.road }
}

/** One row after the other, in the order of their numbers; null at the end. */
async function expectedRows(duckdb: DuckDBConnection): Promise<() => Promise<readonly Value[] | null>> {
  const stream = await duckdb.stream('SELECT * FROM expected')
  let rows: (readonly Value[])[] = []
  let at = 0
  return async () => {
    if (at === rows.length) {
      const chunk = await stream.fetchChunk()
      rows = chunk ? (chunk.getRows() as (readonly Value[])[]) : []
      at = 0
    }
    return rows[at++] ?? null
  }
}

function checkRow(
  { offset, key, values }: ResultRow,
  expected: readonly Value[] | null,
  result: { rows: number; values: number; mismatches: number; examples: string[] },
): void {
  result.rows++
  const complain = (text: string) => {
    result.mismatches++
    if (result.examples.length < 10) result.examples.push(text)
  }
  if (expected === null || expected[0] !== offset) {
    complain(`row ${offset}: DuckDB has row ${expected?.[0] ?? 'none'}`)
    return
  }
  for (const [i, value] of values.entries()) {
    result.values++
    if (!sameValue(value, expected[i + 1]!)) complain(`row ${offset} ${key} ${OUTPUTS[i]!.name}: ${value}, DuckDB ${expected[i + 1]}`)
  }
}
