/** A process of its own that appends until it is killed, and tells after each acknowledged append where the log ends. */
import { openEmbeddedLog } from './embedded-log.ts'
import { columnsOf } from './event-columns.ts'

const log = openEmbeddedLog({ dataDir: process.argv[2] as string, stream: 's', partitions: 1 })
let next = 0
for (;;) {
  const count = 1 + (next % 37)
  const from = next
  next += count
  await log.append(0, columnsOf(Array.from({ length: count }, (_, i) => `{"n":${from + i}}`)), Date.now())
  process.send?.(next)
}
