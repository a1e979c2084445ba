/** `npm run bench [-- NAME… --json FILE --long]`: runs the benches one after the other and prints the table. Exit code 1 when one could not run. */
import { readFileSync, writeFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { type Product, startProduct } from '../e2e/support/product.ts'
import { at } from '../scripts/lib/paths.mjs'
import { type Bench, machine, type Measured, table, toRow } from './support/harness.ts'

/** In this order: the later ones read what the earlier ones have left in the shared product. */
const benches = [
  'panes',
  'snapshot-1m',
  'gc-pause',
  'exact-throughput',
  'window-size-cost',
  'expiry-storm',
  'throughput-matrix',
  'two-workers',
  'hot-key-by-feature',
  'backfill-rate',
  'start-cold',
  'ingest-http',
  'replay-flights',
  'release-running',
  'read-p99',
  'recovery-100k',
  'page-usable',
]

const { values, positionals } = parseArgs({ allowPositionals: true, options: { json: { type: 'string' }, long: { type: 'boolean' } } })
const unknown = positionals.filter((name) => !benches.includes(name))
if (unknown.length) {
  console.error(`There is no bench ${unknown.join(', ')}. There are: ${benches.join(', ')}.`)
  process.exit(1)
}
const chosen = benches.filter((name) => positionals.length === 0 || positionals.includes(name))

const shared: { product?: Promise<Product> } = {}
const product = () => (shared.product ??= startProduct())
const measured: Measured[] = []
let broken = 0

console.log(`machine   ${machine()}`)
console.log(`load      ${loadavg()[0]!.toFixed(1)} runnable before the start (latencies need an idle machine)`)
const version = (name: string) => JSON.parse(readFileSync(at('node_modules', name, 'package.json'), 'utf8')).version
console.log(
  `versions  Evenflow ${JSON.parse(readFileSync(at('package.json'), 'utf8')).version}, Node ${process.versions.node}, Next ${version('next')}, LMDB ${version('lmdb')}, DuckDB ${version('@duckdb/node-api')}\n`,
)
try {
  for (const name of chosen) {
    const { run } = (await import(`./${name}.ts`)) as { run: Bench }
    console.log(`… ${name}`)
    try {
      const found = await run({ product, say: (text) => console.log(`  ${text}`), long: values.long ?? false })
      for (const { name, value, unit } of found) console.log(`  ${name} ${value.toPrecision(4)} ${unit}`)
      measured.push(...found)
    } catch (error) {
      broken++
      console.error(`  ${name} could not run: ${(error as Error).message}`)
    }
  }
} finally {
  if (shared.product) await (await shared.product).remove()
}
const rows = measured.map(toRow)
console.log(`\n${table(rows)}`)
for (const { name, baseline, note } of measured) {
  if (baseline) console.log(`${name}: the baseline is ${baseline.what}`)
  if (note) console.log(`${name}: ${note}`)
}
if (values.json) writeFileSync(values.json, `${JSON.stringify(rows, null, 2)}\n`)
process.exitCode = broken ? 1 : 0
