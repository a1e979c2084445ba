/**
 * The backfill of a new-feature release on the flights: a window of 7 days added to a view whose rows stand in the history already, read
 * from the log, computed, and written into the history. Events per second of processor time, all threads of the job added up.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { ViewDefinition } from '../definition/model.ts'
import { parseView } from '../definition/parse-sql.ts'
import { onlyFeatures } from '../definition/restrict.ts'
import { openEmbeddedLog } from '../engine/source/embedded-log.ts'
import { originDelays, flightsStream, readFlights } from './support/flights.ts'
import type { Bench } from './support/harness.ts'
import { runJob } from './support/job-run.ts'

const baselineRows = 200_000
const block = 50_000
const added = ['departures_7d', 'delay_avg_7d', 'delay_max_7d']

const withWeek = originDelays
  .replace(
    'delayed_3h::double',
    'COUNT(*) OVER w7d AS departures_7d, AVG(delay) OVER w7d AS delay_avg_7d, MAX(delay) OVER w7d AS delay_max_7d,\n       delayed_3h::double',
  )
  .concat(",\n       w7d AS (PARTITION BY origin ORDER BY event_time RANGE BETWEEN INTERVAL '7' DAY PRECEDING AND CURRENT ROW)")

export const run: Bench = async ({ say }) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'evenflow-backfill-'))
  try {
    const events = await fillLog(dataDir)
    const stream = flightsStream as Parameters<typeof runJob>[0]['stream']
    const job = { dataDir, stream, positions: { '0': events } }
    const kept = await runJob({ ...job, jobId: 1, version: 1, definition: await definitionOf(originDelays), isBackfill: false })
    say(
      `the version before: ${rate(kept.events, kept.cpuSeconds)} events/s of processor time, ${rate(kept.events, kept.seconds)} by the clock`,
    )
    const definition = onlyFeatures(await definitionOf(withWeek), added)
    const filled = await runJob({ ...job, jobId: 2, version: 2, definition, isBackfill: true })
    say(
      `the backfill: ${rate(filled.events, filled.cpuSeconds)} events/s of processor time, ${rate(filled.events, filled.seconds)} by the clock`,
    )
    return [
      {
        name: 'backfill-rate',
        value: filled.events / filled.cpuSeconds,
        unit: 'events/s',
        bar: { atLeast: 300_000 },
        baseline: {
          value: rowsPerSecond(dataDir),
          what: `node:sqlite alone, a prepared UPSERT of such a row at a time, ${baselineRows.toLocaleString('en-US')} rows`,
        },
        note: `${filled.events.toLocaleString('en-US')} flights, three features over 7 days, history written; by the clock ${rate(filled.events, filled.seconds)} events/s`,
      },
    ]
  } finally {
    rmSync(dataDir, { recursive: true, force: true })
  }
}

const rate = (events: number, seconds: number) => Math.round(events / seconds).toLocaleString('en-US')

async function definitionOf(sql: string): Promise<ViewDefinition> {
  const { checked, problems } = await parseView(sql, [flightsStream as never])
  if (!checked) throw new Error(JSON.stringify(problems))
  return checked.definition
}

async function fillLog(dataDir: string): Promise<number> {
  const flights = await readFlights()
  const log = openEmbeddedLog({ dataDir, stream: flightsStream.name, partitions: 1 })
  const total = await flights.count()
  for (let from = 0; from < total; from += block) {
    const lines = await flights.lines(from, Math.min(block, total - from))
    const data = Buffer.from(lines.join('\n'))
    const [start, end] = [new Int32Array(lines.length), new Int32Array(lines.length)]
    for (let i = 0, at = 0; i < lines.length; i++) {
      start[i] = at
      end[i] = at + Buffer.byteLength(lines[i]!)
      at = end[i]! + 1
    }
    await log.append(0, { data, start, end, count: lines.length }, Date.now())
  }
  await log.close()
  flights.close()
  return total
}

/** What a database of rows does at most, were the values there already. */
function rowsPerSecond(dataDir: string): number {
  const db = new DatabaseSync(join(dataDir, 'baseline.sqlite'))
  db.exec('PRAGMA journal_mode = WAL; CREATE TABLE history (key TEXT, "offset" INTEGER, a, b, c, PRIMARY KEY (key, "offset"))')
  const upsert = db.prepare(
    'INSERT INTO history VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET a = excluded.a, b = excluded.b, c = excluded.c',
  )
  const beganMs = performance.now()
  for (let from = 0; from < baselineRows; from += 5000) {
    db.exec('BEGIN')
    for (let i = from; i < from + 5000; i++) upsert.run(`["A${(i * 31) % 230}"]`, i, i % 5000, (i % 700) / 7, i % 300)
    db.exec('COMMIT')
  }
  const seconds = (performance.now() - beganMs) / 1000
  db.close()
  return baselineRows / seconds
}
