/** Events per second into a stream over HTTP, NDJSON batches of 2,000, two senders: durable when answered. All flights, so the later benches have them. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { flightsStream, readFlights } from './support/flights.ts'
import type { Bench } from './support/harness.ts'
import { naiveIngest } from './support/naive.ts'

const batchEvents = 2_000
const chunkEvents = 200_000
const senders = 2

async function send(url: string, token: string, batches: readonly string[]): Promise<number> {
  let next = 0
  const beganMs = performance.now()
  await Promise.all(
    Array.from({ length: senders }, async () => {
      for (let mine = next++; mine < batches.length; mine = next++) {
        const body = batches[mine]!
        const response = await fetch(url, {
          method: 'POST',
          headers: { authorization: `Bearer ${token}`, 'content-type': 'application/x-ndjson' },
          body,
        })
        const answer = (await response.json()) as { accepted: number }
        if (!response.ok || answer.accepted !== body.split('\n').length)
          throw new Error(`a batch was not taken: ${response.status} ${JSON.stringify(answer).slice(0, 500)}`)
      }
    }),
  )
  return performance.now() - beganMs
}

const batchesOf = (lines: readonly string[]) =>
  Array.from({ length: Math.ceil(lines.length / batchEvents) }, (_, i) => lines.slice(i * batchEvents, (i + 1) * batchEvents).join('\n'))

export const run: Bench = async ({ product, say }) => {
  const evenflow = await product()
  const made = await evenflow.call('POST', '/streams', flightsStream)
  if (made.status >= 300) throw new Error(`the stream could not be made: ${JSON.stringify(made.body)}`)
  const flights = await readFlights()
  const total = await flights.count()
  const scratch = mkdtempSync(join(tmpdir(), 'evenflow-bench-'))
  const naive = await naiveIngest(join(scratch, 'events.ndjson'))
  let sendingMs = 0
  let naiveMs = 0
  try {
    for (let at = 0; at < total; at += chunkEvents) {
      const batches = batchesOf(await flights.lines(at, Math.min(chunkEvents, total - at)))
      if (at === 0) naiveMs = await send(naive.url, '', batches)
      sendingMs += await send(`${evenflow.engineUrl}/streams/flights/events`, evenflow.apiToken, batches)
      if (at % 1_000_000 === 0) say(`${Math.min(at + chunkEvents, total).toLocaleString('en-US')} flights sent`)
    }
  } finally {
    flights.close()
    await naive.close()
    rmSync(scratch, { recursive: true })
  }
  const baseline = {
    value: chunkEvents / (naiveMs / 1000),
    what: 'node:http, JSON.parse a line, append to a file; not durable when answered',
  }
  return [{ name: 'ingest-http', value: total / (sendingMs / 1000), unit: 'events/s', bar: { atLeast: 50_000 }, baseline }]
}
