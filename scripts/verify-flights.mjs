/** `npm run verify:flights`: views of ten operators over three windows on all flights of the demo, against DuckDB. Minutes. */
import { generate } from './generate.mjs'
import { ensureInstalled, nodeProgram } from './lib/install.mjs'
import { run } from './lib/run.mjs'

await ensureInstalled()
await generate()
await run(nodeProgram(), ['--disable-warning=ExperimentalWarning', 'engine/verify/verify-flights.ts'], { what: 'verify:flights' }).catch(
  (error) => {
    console.error(error.message)
    process.exitCode = 1
  },
)
