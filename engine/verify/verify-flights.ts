/** `npm run verify:flights`: all three million flights in event_time order against DuckDB, 50,000 shuffled ones in arrival order. */
import { compareFlights } from './flights-oracle.fixture.ts'

const ALL = 3_000_000
const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`
let mismatches = 0

for (const [order, rows] of [
  ['event_time', ALL],
  ['arrival', 50_000],
] as const)
  for (const road of ['compiled', 'plain'] as const) {
    let toldAtMs = Date.now()
    const found = await compareFlights({
      rows,
      order,
      road,
      onProgress: (compared) => {
        if (Date.now() - toldAtMs < 10_000) return
        toldAtMs = Date.now()
        console.log(`… ${order}, ${road} road: ${compared} rows compared`)
      },
    })
    mismatches += found.mismatches
    console.log(
      `${found.mismatches === 0 ? 'equal    ' : 'DIFFERENT'}  ${order.padEnd(10)}  ${found.road.padEnd(8)}  ${found.rows} rows, ${found.values} values of ten operators over three windows compared, ${found.mismatches} mismatches (engine ${seconds(found.engineMs)}, DuckDB ${seconds(found.duckdbMs)})`,
    )
    for (const example of found.examples) console.log(`           ${example}`)
  }
process.exitCode = mismatches === 0 ? 0 : 1
