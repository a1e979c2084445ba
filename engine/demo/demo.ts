/**
 * The demo: three million real flights of 2001. January to March are loaded as history, the rest is replayed live at
 * `demoSpeed`. The log itself is the durable position: the flights are in one fixed order, so what the log holds says what
 * comes next, whatever moment the engine was killed at.
 */
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { EngineHealth } from '../../contract/engine-api.ts'
import { columnsOf } from '../source/event-columns.ts'
import type { DemoContext } from './demo-context.ts'
import { ensureDemoRows, releaseDemoViews } from './demo-rows.ts'
import { openFlights, type Flights } from './flights.ts'

const STREAM = { name: 'flights', partitions: 1 }
const LIVE_FROM_MS = Date.UTC(2001, 3, 1)
const LOAD_EVENTS = 20_000
const LIVE_TICK_MS = 100
const MAX_LIVE_EVENTS = 5_000

export interface Demo {
  status(): EngineHealth['demo']
  stop(): Promise<void>
}

export function startDemo(context: DemoContext): Demo {
  const { log, say } = context
  let status: EngineHealth['demo'] = { state: 'loading', loaded: 0, total: 0, message: null }
  let stopped = false
  let wakeUp: (() => void) | undefined
  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms)
      wakeUp = () => {
        clearTimeout(timer)
        resolve()
      }
    })

  async function run(): Promise<void> {
    if (!(await ensureDemoRows(context))) {
      status = { state: 'off', loaded: 0, total: 0, message: 'There is a stream of another make named flights; the demo leaves it alone.' }
      return
    }
    const flights = await openFlights(
      join(dirname(createRequire(import.meta.url).resolve('vega-datasets')), '..', 'data', 'flights-3m.parquet'),
    )
    try {
      await load(flights)
      await releaseDemoViews(context)
      await replay(flights)
    } finally {
      flights.close()
    }
  }

  /** How many flights the log has taken so far, retained or not. */
  const position = (): number => context.logs.log(STREAM).stats()[0]?.end ?? 0

  async function append(lines: readonly string[]): Promise<void> {
    await context.logs.append(STREAM, columnsOf(lines))
    status = { ...status, loaded: status.loaded + lines.length }
  }

  async function load(flights: Flights): Promise<void> {
    const total = await flights.countBefore(LIVE_FROM_MS)
    status = { state: 'loading', loaded: Math.min(position(), total), total, message: null }
    for (let at = position(); at < total && !stopped; at = position()) {
      await append(await flights.lines(at, Math.min(LOAD_EVENTS, total - at)))
      if (status.loaded % 100_000 === 0 || status.loaded === total) say(`demo: ${count(status.loaded)} of ${count(total)} flights loaded`)
    }
  }

  async function replay(flights: Flights): Promise<void> {
    const total = await flights.count()
    status = { state: 'replaying', loaded: position(), total, message: null }
    let clockMs: number | undefined
    let beforeMs = context.now()
    let waiting: { line: string; atMs: number }[] = []
    for (let next = position(); !stopped; ) {
      if (waiting.length === 0) waiting = await flights.timed(next, MAX_LIVE_EVENTS)
      const [first] = waiting
      if (!first) {
        status = { ...status, state: 'finished' }
        return
      }
      clockMs ??= first.atMs
      const nowMs = context.now()
      clockMs += Math.min(nowMs - beforeMs, 1000) * context.parameters().ofSystem().demoSpeed.value
      beforeMs = nowMs
      const due = waiting.findIndex((flight) => flight.atMs > (clockMs as number))
      const taken = waiting.splice(0, due < 0 ? waiting.length : due)
      if (taken.length > 0) {
        await append(taken.map((flight) => flight.line))
        next += taken.length
      }
      // At great speed a tick is longer than what was fetched: the clock waits for the flights.
      if (due < 0 && waiting.length === 0) clockMs = Math.min(clockMs, taken.at(-1)?.atMs ?? clockMs)
      else await pause(LIVE_TICK_MS)
    }
  }

  const done = run().catch((error: unknown) => {
    log.error({ error }, 'the demo failed')
    status = { ...status, state: 'failed', message: (error as Error).message }
    say(`demo: failed: ${(error as Error).message}`)
  })
  return {
    status: () => status,
    async stop() {
      stopped = true
      wakeUp?.()
      await done
    },
  }
}

const count = (n: number): string => n.toLocaleString('en-US')
