/** Events as a file of JSON lines. */
import { closeSync, openSync, writeSync } from 'node:fs'
import type { Payments } from './payments.ts'

export function writeEvents(file: string, payments: Payments, events: number, batchEvents: number): void {
  const handle = openSync(file, 'w')
  try {
    for (let written = 0; written < events; written += batchEvents) {
      const { count, data, valueStart, valueEnd } = payments.next(batchEvents)
      const text = (data as Buffer).toString()
      const lines = Array.from({ length: count }, (_, i) => text.slice(valueStart[i], valueEnd[i]))
      writeSync(handle, `${lines.join('\n')}\n`)
    }
  } finally {
    closeSync(handle)
  }
}
