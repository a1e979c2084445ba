import { spawn } from 'node:child_process'
import { createServer } from 'node:http'
import { afterEach, describe, expect, test } from 'vitest'
import { at } from './lib/paths.mjs'

let server = null
afterEach(() => new Promise((done) => (server ? server.close(done) : done())).then(() => (server = null)))

/** A console that answers from a table, and notes what it was asked. */
async function console_(answers) {
  const asked = []
  server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => (body += chunk))
    request.on('end', () => {
      const call = `${request.method} ${request.url}`
      asked.push({ call, authorization: request.headers.authorization, body: body && JSON.parse(body) })
      const answer = typeof answers[call] === 'function' ? answers[call]() : answers[call]
      const { status = 200, ...rest } = answer ?? { status: 404, error: { code: 'not_found', message: 'There is no such thing.' } }
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(rest))
    })
  })
  await new Promise((done) => server.listen(0, '127.0.0.1', done))
  return { asked, url: `http://127.0.0.1:${server.address().port}` }
}

function evenflow(args, env = {}) {
  return new Promise((done) => {
    const child = spawn(process.execPath, [at('scripts/evenflow.mjs'), ...args], { env: { ...process.env, ...env } })
    let out = ''
    let err = ''
    child.stdout.on('data', (chunk) => (out += chunk))
    child.stderr.on('data', (chunk) => (err += chunk))
    child.on('close', (code) => done({ code, out, err }))
  })
}

const job = {
  id: 7,
  view: 'card_pay',
  version: 2,
  releaseId: 1,
  desired: 'RUNNING',
  observed: 'RUNNING',
  observedAtMs: 1,
  reason: null,
  authoritative: true,
  parallelism: 1,
  pid: 9,
  run: 1,
  restarts: 0,
  epoch: 1,
  lagRecords: 12,
  maxEventTimeMs: 1735689600000,
  watermarkMs: null,
  eventsPerSecond: 1234.4,
  stateBytes: 5,
  metrics: null,
  createdAt: 'x',
  startedAt: null,
  stoppedAt: null,
}

describe('evenflow', () => {
  test('without a verb, and with an unknown one: the usage, exit code 1; help: 0', async () => {
    expect(await evenflow([])).toMatchObject({ code: 1, out: '', err: expect.stringContaining('replay project.json') })
    expect(await evenflow(['toString'])).toMatchObject({ code: 1, err: expect.stringContaining('no verb "toString"') })
    expect(await evenflow(['--help'])).toMatchObject({ code: 0, out: expect.stringContaining('savepoint JOB') })
  })

  test('status prints the jobs; the token goes along', async () => {
    const { asked, url } = await console_({ 'GET /api/v1/jobs': { items: [job] } })
    const { code, out } = await evenflow(['status'], { EVENFLOW_URL: url, EVENFLOW_API_TOKEN: 'secret' })
    expect(code).toBe(0)
    expect(out).toMatch(/7\* +card_pay +v2 +RUNNING +1,234 +12 +2025-01-01T00:00:00.000Z +0/)
    expect(asked[0].authorization).toBe('Bearer secret')
  })

  test('a console that does not answer: exit code 2, with what to do; one that refuses: 1', async () => {
    expect(await evenflow(['status'], { EVENFLOW_URL: 'http://127.0.0.1:1' })).toMatchObject({
      code: 2,
      err: expect.stringContaining('does not answer'),
    })
    const { url } = await console_({
      'GET /api/v1/jobs': { status: 401, error: { code: 'unauthenticated', message: 'Nobody is signed in.' } },
    })
    expect(await evenflow(['status'], { EVENFLOW_URL: url, EVENFLOW_API_TOKEN: '' })).toMatchObject({
      code: 1,
      err: 'Nobody is signed in. Set EVENFLOW_API_TOKEN to a token from the page Tokens.\n',
    })
  })

  test('savepoint of an unknown job names those there are', async () => {
    const { url } = await console_({ 'GET /api/v1/jobs': { items: [job] } })
    expect(await evenflow(['savepoint', 'other'], { EVENFLOW_URL: url })).toMatchObject({
      code: 1,
      err: 'There is no job "other". Jobs: 7 (card_pay).\n',
    })
    expect(await evenflow(['savepoint', '--nmae', 'x'], { EVENFLOW_URL: url })).toMatchObject({ code: 1 })
  })

  test('release checks its options before it asks for anything', async () => {
    const { asked, url } = await console_({})
    expect(await evenflow(['release', 'card_pay', '--version', 'two'], { EVENFLOW_URL: url })).toMatchObject({
      code: 1,
      err: expect.stringContaining('--version two'),
    })
    expect(asked).toEqual([])
  })
})
