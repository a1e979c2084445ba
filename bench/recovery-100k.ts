/**
 * A job of 100,000 keys is killed with SIGKILL while 2,000 events/s come in: how long until a reader gets values from its memory again,
 * current to the second. Whoever reads meanwhile is answered by the store. The worst of three,
 * each after the job has run well for half a minute; the pause before a restart is in it.
 */
import { until } from '../e2e/support/product.ts'
import { type Bench, percentile } from './support/harness.ts'

const keys = 100_000
const eventsEachKey = 3
const rounds = 3
const eventsPerTick = 20
const tickMs = 10
const currentMs = 1000
/** After so long its next restart is a first one: restarts that follow one another pause longer and longer (`restartBackoff`). */
const ranWellMs = 30_000

export const run: Bench = async ({ product, say }) => {
  const evenflow = await product()
  const call = async (method: string, path: string, body?: unknown) => {
    const answer = await evenflow.call(method, path, body)
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${JSON.stringify(answer.body)}`)
    return answer.body
  }
  const fields = [
    { name: 'card', type: 'string' },
    { name: 'ts', type: 'timestamp' },
    { name: 'amount', type: 'double' },
  ]
  await call('POST', '/streams', { name: 'recovery', fields, eventTime: 'ts' })
  const over = "WINDOW w AS (PARTITION BY card ORDER BY ts RANGE BETWEEN INTERVAL '1' HOUR PRECEDING AND CURRENT ROW)"
  await call('POST', '/views', {
    name: 'recovery',
    sql: `SELECT card, COUNT(*) OVER w AS n, SUM(amount) OVER w AS spent, MAX(amount) OVER w AS most FROM recovery ${over}`,
  })
  const headers = { authorization: `Bearer ${evenflow.apiToken}`, 'content-type': 'application/json' }
  const send = async (cards: readonly number[]) => {
    const lines = cards.map((card) => JSON.stringify({ card: `card-${card}`, ts: Date.now(), amount: card % 100 }))
    const response = await fetch(`${evenflow.engineUrl}/streams/recovery/events`, { method: 'POST', headers, body: lines.join('\n') })
    if (!response.ok) throw new Error(`events were refused: ${await response.text()}`)
    await response.arrayBuffer()
  }
  const block = 20_000
  for (let sent = 0; sent < keys * eventsEachKey; sent += block) await send(Array.from({ length: block }, (_, i) => (sent + i) % keys))
  await call('POST', '/releases', { view: 'recovery', version: 1, mode: 'automatic' })
  const jobNow = async () => (await call('GET', '/jobs')).items.find(({ view }: { view: string }) => view === 'recovery')
  const job = await until(jobNow, (found) => found?.observed === 'RUNNING' && found.lagRecords === 0)

  let feeding = true
  const feed = (async () => {
    for (let tick = 0; feeding; tick++) {
      await send([0, ...Array.from({ length: eventsPerTick - 1 }, (_, i) => (tick * 31 + i * 977) % keys)])
      await new Promise((done) => setTimeout(done, tickMs))
    }
  })()
  const times: number[] = []
  try {
    for (let round = 0; round < rounds; round++) {
      await new Promise((done) => setTimeout(done, ranWellMs))
      await call('POST', `/jobs/${job.id}/actions/checkpoint`)
      await new Promise((done) => setTimeout(done, 2000))
      const { pid } = await call('GET', `/jobs/${job.id}`)
      const killedMs = performance.now()
      process.kill(pid, 'SIGKILL')
      await until(
        async () => {
          const body = JSON.stringify({ view: 'recovery', keys: [{ card: 'card-0' }] })
          const response = await fetch(`${evenflow.engineUrl}/features`, { method: 'POST', headers, body })
          if (!response.ok) throw new Error(`a read failed: ${await response.text()}`)
          const { rows } = (await response.json()) as { rows: { catchingUp?: boolean; asOf: string }[] }
          return rows[0]!
        },
        (row) => row.catchingUp !== true && Date.now() - new Date(row.asOf).getTime() < currentMs && performance.now() - killedMs > 100,
        10,
      )
      times.push((performance.now() - killedMs) / 1000)
    }
  } finally {
    feeding = false
    await feed
  }
  await call('POST', `/jobs/${job.id}/actions/stop`)
  say(times.map((time) => `${time.toFixed(2)} s`).join(', '))
  return [
    {
      name: 'recovery-100k',
      value: Math.max(...times),
      unit: 's',
      bar: { atMost: 3 },
      note: `${keys.toLocaleString('en-US')} keys, ${(eventsPerTick * 1000) / tickMs} events/s at most; median ${percentile(times, 0.5).toFixed(2)} s; no read failed meanwhile`,
    },
  ]
}
