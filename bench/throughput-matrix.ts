/**
 * Throughput by what the state is like: cards alike or by Zipf's law, a hundred thousand or a million, exact windows of an hour and panes of
 * an hour over a day and over a week. Each over a full window of a million events. DuckDB, with one thread, does the first of them as a batch
 * job over the same events: what is possible when nobody waits for an answer.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import type { ViewDefinition } from '../definition/model.ts'
import { printView } from '../definition/print-sql.ts'
import { amountsOver, EngineOnly, panesOver } from './support/engine-only.ts'
import type { Bench, Measured } from './support/harness.ts'
import { Payments } from './support/payments.ts'
import { writeEvents } from './support/event-file.ts'

const hourMs = 3_600_000
const batchEvents = 1000
const windowEvents = 1_000_000
const timedEvents = 300_000

const states = [
  { name: 'exact-1h', windowMs: hourMs, view: amountsOver },
  { name: 'panes-24h', windowMs: 24 * hourMs, view: panesOver },
  { name: 'panes-7d', windowMs: 7 * 24 * hourMs, view: panesOver },
] as const
const sizes = [
  { size: '100k', keys: 100_000 },
  { size: '1m', keys: 1_000_000 },
] as const

const eventsOf = (windowMs: number, keys: number, zipf: boolean) => new Payments({ keys, zipf, stepMs: windowMs / windowEvents })

export const run: Bench = async ({ say }) => {
  const rows: Measured[] = []
  for (const { name, windowMs, view } of states) {
    for (const { size, keys } of sizes) {
      for (const zipf of [false, true]) {
        const rate = throughput(view(windowMs), eventsOf(windowMs, keys, zipf))
        rows.push({ name: `throughput-${name}-${size}-${zipf ? 'zipf' : 'uniform'}`, value: rate, unit: 'events/s', bar: null })
        say(`${rows.at(-1)!.name} ${Math.round(rate).toLocaleString('en-US')}`)
      }
    }
  }
  const value = await duckdb(amountsOver(hourMs), eventsOf(hourMs, 100_000, false))
  rows[0] = {
    ...rows[0]!,
    baseline: { value, what: 'DuckDB with one thread over the same events, JSON to a table of results, as a batch job' },
  }
  return rows
}

function throughput(view: ViewDefinition, payments: Payments): number {
  const engine = new EngineOnly(view)
  const apply = (events: number) => {
    for (let sent = 0; sent < events; sent += batchEvents) engine.apply(payments.next(batchEvents), payments.newestMs)
  }
  apply(windowEvents)
  engine.restart()
  apply(timedEvents)
  return engine.eventsPerSecond
}

/** Events a second, by the wall clock, from a file of JSON lines to the results of the view's own SQL. */
async function duckdb(view: ViewDefinition, payments: Payments): Promise<number> {
  const directory = mkdtempSync(join(tmpdir(), 'evenflow-bench-'))
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' })
  try {
    const file = join(directory, 'payments.ndjson')
    writeEvents(file, payments, windowEvents + timedEvents, batchEvents)
    const connection = await instance.connect()
    const beganMs = performance.now()
    await connection.run(
      `CREATE TABLE payments AS SELECT epoch_ms(ts) AS event_time, card, amount FROM read_json('${file}', columns = {ts: 'BIGINT', card: 'VARCHAR', amount: 'DOUBLE'}, format = 'newline_delimited')`,
    )
    await connection.run(`CREATE TABLE results AS ${printView(view)}`)
    const seconds = (performance.now() - beganMs) / 1000
    const { rowCount } = await connection
      .runAndReadAll('SELECT 1 FROM results LIMIT 1')
      .then((reader) => ({ rowCount: reader.currentRowCount }))
    if (rowCount !== 1) throw new Error('DuckDB gave no results')
    connection.closeSync()
    return (windowEvents + timedEvents) / seconds
  } finally {
    instance.closeSync()
    rmSync(directory, { recursive: true })
  }
}
