/** The engine's process: wires the parts and ends them cleanly. What each does stands in its own room. */
import { startEngine } from './engine.ts'

const stop = await startEngine(process.env).catch((error: unknown) => {
  const known = error instanceof Error && /Refused|LeaseHeld/.test(error.name)
  process.stderr.write(`engine: ${known ? (error as Error).message : ((error as Error).stack ?? String(error))}\n`)
  process.exit(1)
})

let ending = false
const end = (): void => {
  if (ending) return
  ending = true
  void stop().then(
    () => process.exit(0),
    (error: unknown) => {
      process.stderr.write(`engine: did not end cleanly: ${(error as Error).stack}\n`)
      process.exit(1)
    },
  )
}
process.on('SIGTERM', end)
process.on('SIGINT', end)
if (process.channel) process.on('disconnect', end)
