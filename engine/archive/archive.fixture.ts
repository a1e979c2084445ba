/** For tests: rows as a Parquet file or a table of a DuckDB database in the folder of archives. */
import { DuckDBInstance } from '@duckdb/node-api'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ARCHIVES } from './archive-file.ts'

export async function writeArchive(
  dataDir: string,
  file: string,
  rows: readonly Record<string, unknown>[],
  /** SQL of the columns, over those that DuckDB finds in the rows' JSON */
  select = '*',
): Promise<void> {
  mkdirSync(join(dataDir, ARCHIVES), { recursive: true })
  const lines = join(dataDir, 'rows.ndjson')
  writeFileSync(lines, rows.map((row) => JSON.stringify(row)).join('\n'))
  const path = join(dataDir, ARCHIVES, file)
  const from = `SELECT ${select} FROM read_json('${lines}', format = 'newline_delimited')`
  const instance = await DuckDBInstance.create(file.endsWith('.parquet') ? ':memory:' : path)
  const connection = await instance.connect()
  await connection.run(file.endsWith('.parquet') ? `COPY (${from}) TO '${path}' (FORMAT parquet)` : `CREATE TABLE rows AS ${from}`)
  connection.closeSync()
  instance.closeSync()
}
