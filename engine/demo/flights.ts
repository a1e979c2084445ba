/** The flights of the package `vega-datasets`, read by DuckDB, in the order of the file, which is that of time. */
import { DuckDBInstance } from '@duckdb/node-api'

export interface Flights {
  count(): Promise<number>
  countBefore(eventTimeMs: number): Promise<number>
  /** JSON texts of the flights [from, from + limit) in order. */
  lines(from: number, limit: number): Promise<string[]>
  timed(from: number, limit: number): Promise<{ line: string; atMs: number }[]>
  close(): void
}

export async function openFlights(parquet: string): Promise<Flights> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1', memory_limit: '1GB' })
  const connection = await instance.connect()
  // The file is in order of date, and its version is pinned: the row's number is the place of a flight. A slice reads its row group only.
  await connection.run(
    `CREATE VIEW flights AS SELECT file_row_number AS n, epoch_ms(date)::BIGINT AS event_time, origin, destination, delay, distance
     FROM read_parquet('${parquet.replaceAll("'", "''")}', file_row_number = true)`,
  )
  const one = async (sql: string): Promise<number> => Number((await connection.runAndReadAll(sql)).getRows()[0]?.[0] ?? 0)
  const slice = async (from: number, limit: number) =>
    (
      await connection.runAndReadAll(
        `SELECT event_time, origin, destination, delay, distance FROM flights WHERE n >= ${from} AND n < ${from + limit} ORDER BY n`,
      )
    )
      .getRowsJS()
      .map(([eventTime, origin, destination, delay, distance]) => ({
        line: `{"event_time":${eventTime},"origin":${JSON.stringify(origin)},"destination":${JSON.stringify(destination)},"delay":${delay},"distance":${distance}}`,
        atMs: Number(eventTime),
      }))
  return {
    count: () => one('SELECT count(*) FROM flights'),
    countBefore: (eventTimeMs) => one(`SELECT count(*) FROM flights WHERE event_time < ${eventTimeMs}`),
    lines: async (from, limit) => (await slice(from, limit)).map((flight) => flight.line),
    timed: slice,
    close() {
      connection.closeSync()
      instance.closeSync()
    },
  }
}
