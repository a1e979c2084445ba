/**
 * The baselines: how one would write it on a quiet afternoon. An object per event, a Map of arrays per key, each window walked for
 * each event; no store, no checkpoint, no order by time.
 */
import { createWriteStream } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

type Flight = { event_time: number; origin: string; destination: string; delay: number }

/** The features of origin_delays for every event, as an eachMessage handler would compute them. Events per second. */
export function naiveOriginDelays(lines: readonly Buffer[]): number {
  const flightsOf = new Map<string, Flight[]>()
  let checksum = 0
  const beganMs = performance.now()
  for (const line of lines) {
    const flight: Flight = JSON.parse(line.toString())
    let flights = flightsOf.get(flight.origin)
    if (!flights) flightsOf.set(flight.origin, (flights = []))
    flights.push(flight)
    while (flights[0]!.event_time < flight.event_time - 86_400_000) flights.shift()
    const recent = flights.filter((other) => other.event_time >= flight.event_time - 10_800_000)
    const delayed = recent.filter((other) => other.delay > 15).length
    const features = {
      departures_3h: recent.length,
      delay_avg_3h: recent.reduce((sum, other) => sum + other.delay, 0) / recent.length,
      delayed_3h: delayed,
      destinations_24h: new Set(flights.map((other) => other.destination)).size,
      delayed_share_3h: delayed / recent.length,
    }
    checksum += features.departures_3h + features.destinations_24h
  }
  const seconds = (performance.now() - beganMs) / 1000
  if (checksum === 0) throw new Error('nothing was computed')
  return lines.length / seconds
}

/** A plain HTTP server that parses each line of a body and appends it to a file. */
export async function naiveIngest(file: string): Promise<{ url: string; close: () => Promise<void> }> {
  const out = createWriteStream(file)
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      let accepted = 0
      for (const line of Buffer.concat(chunks).toString().split('\n')) {
        if (!line) continue
        const event = JSON.parse(line)
        if (typeof event.origin !== 'string' || typeof event.event_time !== 'number') continue
        out.write(`${JSON.stringify(event)}\n`)
        accepted++
      }
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ accepted }))
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      await new Promise((done) => server.close(done))
      await new Promise<void>((done) => out.end(done))
    },
  }
}
