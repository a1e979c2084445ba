/** Rows that go to a webhook which fails, hangs and answers late, from real processes that are killed: none is missing, none out of order. */
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { RunningJob, startMessage } from '../job/job.fixture.ts'
import { type EmbeddedLog, openEmbeddedLog } from '../source/embedded-log.ts'
import { columnsOf } from '../source/event-columns.ts'
import { openWebhookTarget } from './webhook-target.ts'
import { resultRow, transaction } from './target-contract.ts'

interface Call {
  readonly effect: string
  readonly row: Record<string, unknown>
}

let dataDir: string
let log: EmbeddedLog
let url: string
let jobs: RunningJob[]
/** in the order in which they were taken */
let taken: Call[]
let answer: (call: Call, response: ServerResponse) => void
const server = createServer((request: IncomingMessage, response: ServerResponse) => {
  let body = ''
  request.on('data', (part: Buffer) => {
    body += part.toString()
  })
  request.on('end', () => answer({ effect: String(request.headers['idempotency-key']), row: JSON.parse(body) }, response))
})
const take = (call: Call, response: ServerResponse) => {
  taken.push(call)
  response.end()
}

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'evenflow-webhook-'))
  log = openEmbeddedLog({ dataDir, stream: 'pay', partitions: 1 })
  jobs = []
  taken = []
  answer = take
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/rows`
})
afterEach(async () => {
  for (const job of jobs) await job.kill()
  await log.close()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  rmSync(dataDir, { recursive: true, force: true })
})

const append = (from: number, count: number) =>
  log.append(
    0,
    columnsOf(
      Array.from({ length: count }, (_, i) =>
        JSON.stringify({ card: `c${(from + i) % 5}`, amount: 1, shop: 's', ts: Date.UTC(2025, 0, 1) + from + i }),
      ),
    ),
    Date.now(),
  )
async function start(options: {
  run?: number
  jobId?: number
  authority?: number | null
  restoreFrom?: { kind: 'checkpoint'; path: string } | null
}) {
  const { run = 1, jobId = 1, authority = 1, restoreFrom = null } = options
  const message = await startMessage(dataDir, {
    run: run + 10 * jobId,
    restoreFrom,
    forward: { target: url, authority },
    parameters: { checkpointIntervalMs: 30, checkpointMinPauseMs: 0 },
  })
  const job = new RunningJob({ ...message, jobId, run, epoch: run })
  jobs.push(job)
  await job.wait('running')
  return job
}
const newestOf = (job: RunningJob) => {
  const path = job.received.findLast((message) => message.type === 'checkpoint' && message.checkpoint.status === 'COMPLETED')
  return path?.type === 'checkpoint' ? { kind: 'checkpoint' as const, path: path.checkpoint.path! } : null
}
/** By a receiver that looks at the effect's name: each once, in the order in which they came first. */
function expectEachOnce(total: number) {
  const first = new Map<string, Record<string, unknown>>()
  for (const { effect, row } of taken) if (!first.has(effect)) first.set(effect, row)
  expect(first.size).toBe(total)
  for (const [card, rows] of Map.groupBy(first.values(), ({ card }) => card))
    expect([card, rows.map(({ _n }) => _n)]).toEqual([card, Array.from({ length: total / 5 }, (_, i) => i + 1)])
}
const forwarded = (job: RunningJob, count: number) =>
  job.wait(
    'metrics',
    ({ metrics: { forward } }) => forward !== undefined && forward.forwarded + forward.skipped >= count && forward.waitingRows === 0,
  )

test('semantics 20: the job is killed in the midst of its calls, and the webhook fails now and then: each row at least once, few twice', async () => {
  let calls = 0
  answer = (call, response) => {
    calls++
    if (calls % 7 === 0) response.writeHead(503).end()
    else if (calls % 11 === 0) response.destroy()
    else take(call, response)
  }
  let restoreFrom: { kind: 'checkpoint'; path: string } | null = null
  for (let run = 1; run <= 3; run++) {
    const job = await start({ run, restoreFrom })
    await append((run - 1) * 100, 100)
    job.send({ type: 'appended', stream: 'pay' })
    const enough = (run - 1) * 100 + 40
    while (taken.length < enough) await new Promise((resolve) => setTimeout(resolve, 5))
    await job.kill()
    restoreFrom = newestOf(job)
    expect(restoreFrom).not.toBeNull()
  }
  const last = await start({ run: 4, restoreFrom })
  await last.applied(300)
  while (new Set(taken.map(({ effect }) => effect)).size < 300) await new Promise((resolve) => setTimeout(resolve, 20))
  await last.stop()
  expectEachOnce(300)
  expect(taken.length).toBeLessThanOrEqual(300 + 3 * 16) // what was under way at a kill
}, 60_000)

test('one of two parallel jobs calls; the one that takes over goes on where the other was, and what keeps it waiting is told', async () => {
  await append(0, 100)
  const [first, second] = [await start({}), await start({ jobId: 2, authority: null })]
  await first.applied(100)
  await second.applied(100)
  await forwarded(first, 100)
  expect(taken.length).toBe(100)
  await second.wait('metrics', ({ metrics: { forward } }) => forward?.waitingRows === 0 && forward.forwarded === 0)
  answer = (_, response) => response.writeHead(500).end()
  await append(100, 100)
  await first.applied(200)
  const { metrics } = await first.wait('metrics', ({ metrics: { forward } }) => forward?.trouble != null)
  expect(metrics.forward).toMatchObject({ trouble: `${url} answered with status 500`, forwarded: 100 })
  // The second one takes over while the first is at it, and has not been told.
  answer = take
  second.send({ type: 'authority', epoch: 2 })
  await append(200, 100)
  await second.applied(300)
  await forwarded(second, 200)
  await second.stop()
  await first.stop()
  expectEachOnce(300)
  expect(taken.length).toBeLessThanOrEqual(300 + 16)
}, 60_000)

test('a job that stops does not wait for a webhook that does not answer', async () => {
  answer = () => {}
  const target = openWebhookTarget({ dataDir, view: 'v', url, keyFields: ['card'] })
  const appending = target.append(transaction([resultRow(0)], 1)).catch((error: Error) => error.message)
  await new Promise((resolve) => setTimeout(resolve, 50))
  await target.close()
  expect(await appending).toBe('the job ends')
})
