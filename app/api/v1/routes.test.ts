/** The HTTP API from its outside: real requests into the route files, over a real database; who may ask, what bad input gets, what OpenAPI says. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Runtime } from '../../../console/runtime.ts'
import { healthy, startEngineDouble } from '../../../console/testing/engine-double.ts'
import { nobody, testRuntime } from '../../../console/testing/test-runtime.ts'
import { ErrorBody } from '../../../contract/errors.ts'
import { type openapi, operations } from '../../../contract/openapi.ts'
import { openDatabase } from '../../../db/client.ts'
import { migrate } from '../../../db/migrate.ts'

type Handler = (request: Request, segment: { params: Promise<Record<string, string>> }) => Promise<Response>
const app = join(import.meta.dirname, '..', '..')
const files = [
  'healthz/route.ts',
  ...readdirSync(join(app, 'api'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('route.ts'))
    .map((file) => `api/${file}`),
]
const pathOf = (file: string) => `/${file.replace(/\/route\.ts$/, '').replaceAll(/\[(\w+)\]/g, '{$1}')}`
const routes = new Map(
  await Promise.all(files.map(async (file) => [pathOf(file), (await import(join(app, file))) as Record<string, Handler>] as const)),
)

const directory = mkdtempSync(join(tmpdir(), 'evenflow-routes-'))
const url = `file:${join(directory, 'test.db')}`
const host = 'localhost:3000'
let runtime: Runtime
let engine: Awaited<ReturnType<typeof startEngineDouble>>
const use = (other: Runtime) => ((globalThis as { evenflowRuntime?: Promise<Runtime> }).evenflowRuntime = Promise.resolve(other))

beforeAll(async () => {
  await migrate({ url })
  engine = await startEngineDouble({ 'GET /healthz': healthy, 'POST /wake': { body: undefined } })
  const db = await openDatabase({ url })
  runtime = testRuntime({ kind: 'sqlite', url, db, open: () => openDatabase({ url }) }, engine.url)
  use(runtime)
})
afterAll(async () => {
  await runtime.db.$disconnect()
  await engine.stop()
  rmSync(directory, { recursive: true, force: true })
})

type Options = { body?: unknown; raw?: string | Uint8Array; headers?: Record<string, string> }
/** `path` without /api/v1; finds the route file as Next would. */
async function ask(method: string, path: string, { body, raw, headers = {} }: Options = {}): Promise<Response> {
  const full = path === '/healthz' ? path : `/api/v1${path}`
  const target = new URL(full, `http://${host}`)
  const parts = target.pathname.split('/')
  const fits = (pattern: string) =>
    pattern.split('/').length === parts.length && pattern.split('/').every((part, i) => part.startsWith('{') || part === parts[i])
  const found = [...routes.keys()].filter(fits).sort((a, b) => (a.match(/\{/g)?.length ?? 0) - (b.match(/\{/g)?.length ?? 0))[0]
  const handler = found === undefined ? undefined : routes.get(found)?.[method]
  if (!handler) throw new Error(`There is no route for ${method} ${path}.`)
  const params = Object.fromEntries(found!.split('/').flatMap((part, i) => (part.startsWith('{') ? [[part.slice(1, -1), parts[i]!]] : [])))
  const content = raw ?? (body === undefined ? undefined : JSON.stringify(body))
  const request = new Request(target, { method, headers: { host, ...headers }, ...(content !== undefined && { body: content as string }) })
  return handler(request, { params: Promise.resolve(params) })
}
const token = { authorization: 'Bearer env-token' }
const origin = { origin: `http://${host}` }
const peer = { 'x-evenflow-peer': 'direct 127.0.0.1' }
const error = async (answer: Response) => ({ status: answer.status, ...ErrorBody.parse(await answer.json()).error })
const cookieOf = (answer: Response) => ({
  cookie: answer.headers
    .getSetCookie()
    .map((one) => one.split(';')[0])
    .join('; '),
})

describe('OpenAPI', () => {
  it('lists every route file and method, and nothing else', () => {
    const there = [...routes].flatMap(([path, module]) =>
      ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].filter((method) => method in module).map((method) => `${method} ${path}`),
    )
    expect(operations.map(({ method, path }) => `${method.toUpperCase()} ${path}`).sort()).toEqual(there.sort())
  })

  it('is a document whose references all lead somewhere', async () => {
    const answer = await ask('GET', '/openapi.json')
    const document = (await answer.json()) as ReturnType<typeof openapi>
    expect(document.openapi).toBe('3.1.0')
    const references = [...new Set(JSON.stringify(document).match(/"\$ref":"[^"]+"/g))].map(
      (text) => JSON.parse(`{${text}}`).$ref as string,
    )
    expect(references.length).toBeGreaterThan(1)
    for (const reference of references) {
      const found = reference
        .slice(2)
        .split('/')
        .reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], document)
      expect(found, reference).toBeDefined()
    }
  })
})

describe('who asks', () => {
  for (const { method, path, open } of operations) {
    const filled = path.replace('/api/v1', '').replaceAll(/\{\w+\}/g, '1')
    if (!open)
      it(`${method.toUpperCase()} ${filled} is for people and tokens that are known`, async () => {
        expect(await error(await ask(method.toUpperCase(), filled, { headers: origin }))).toMatchObject({
          status: 401,
          code: 'unauthenticated',
        })
        expect(await error(await ask(method.toUpperCase(), filled, { headers: { authorization: 'Bearer wrong' } }))).toMatchObject({
          status: 401,
          message: expect.stringMatching(/not known/),
        })
      })
    if (method !== 'get')
      it(`${method.toUpperCase()} ${filled} is refused from another site's page`, async () => {
        expect(await error(await ask(method.toUpperCase(), filled, { headers: { origin: 'https://elsewhere.example' } }))).toMatchObject({
          status: 403,
          code: 'forbidden',
        })
        expect(await error(await ask(method.toUpperCase(), filled, { headers: { origin: 'null' } }))).toMatchObject({ status: 403 })
        expect(await error(await ask(method.toUpperCase(), filled))).toMatchObject({
          status: 403,
          message: expect.stringMatching(/names no origin/),
        })
      })
  }

  it('the demo user comes in from this machine only: not through a proxy, not by another name, not unnoticed', async () => {
    const enter = (headers: Record<string, string>) => ask('POST', '/session/demo', { headers: { ...origin, ...headers } })
    expect((await enter({})).status).toBe(403)
    expect((await enter({ 'x-evenflow-peer': 'proxied 127.0.0.1' })).status).toBe(403)
    expect((await enter({ 'x-evenflow-peer': 'direct 10.0.0.7' })).status).toBe(403)
    expect((await enter({ ...peer, host: 'rebound.example', origin: 'http://rebound.example' })).status).toBe(403)
    const entered = await enter(peer)
    expect(entered.status).toBe(200)
    expect(entered.headers.get('set-cookie')).toMatch(/HttpOnly; SameSite=Lax/)
    expect(await (await ask('GET', '/me', { headers: cookieOf(entered) })).json()).toEqual({
      id: 'demo',
      name: 'Demo user',
      email: 'demo@evenflow.local',
      role: 'operator',
      demo: true,
    })
    expect((await error(await ask('GET', '/users', { headers: cookieOf(entered) }))).code).toBe('forbidden')
  })

  it('the first visitor becomes administrator; nobody after them; EVENFLOW_DEMO off then shuts the demo door', async () => {
    const state = async () => (await ask('GET', '/session', { headers: peer })).json()
    expect(await state()).toEqual({ me: null, needsSetup: true, demoAllowed: true })
    expect(
      await error(await ask('POST', '/setup', { headers: origin, body: { name: 'Ada', email: 'ada@example.com', password: 'short' } })),
    ).toMatchObject({ status: 400, message: expect.stringMatching(/at least 10/) })
    const made = await ask('POST', '/setup', {
      headers: origin,
      body: { name: 'Ada', email: 'Ada@Example.com', password: 'correct horse' },
    })
    expect(await (await ask('GET', '/me', { headers: cookieOf(made) })).json()).toMatchObject({ email: 'ada@example.com', role: 'admin' })
    expect(
      await error(
        await ask('POST', '/setup', { headers: origin, body: { name: 'Eve', email: 'eve@example.com', password: 'correct horse' } }),
      ),
    ).toMatchObject({ status: 409, code: 'already_exists' })
    use({ ...runtime, settings: { ...runtime.settings, demo: false } })
    expect(await state()).toEqual({ me: null, needsSetup: false, demoAllowed: false })
    expect((await ask('POST', '/session/demo', { headers: { ...origin, ...peer } })).status).toBe(403)
    use(runtime)
  })

  it('signs in and out; a shut account is out at once', async () => {
    const signIn = (password: string, email = 'ada@example.com') => ask('POST', '/sign-in', { headers: origin, body: { email, password } })
    expect(await error(await signIn('wrong'))).toMatchObject({ status: 401 })
    const wrongPerson = await error(await signIn('wrong', 'nobody@example.com'))
    expect(wrongPerson.message).toBe((await error(await signIn('wrong'))).message)
    const session = await signIn('correct horse')
    expect(await session.json()).toEqual({ ok: true }) // the session's token is in the cookie only
    const cookie = cookieOf(session)
    expect((await ask('GET', '/me', { headers: cookie })).status).toBe(200)
    expect((await ask('POST', '/sign-out', { headers: { ...origin, ...cookie } })).status).toBe(200)
    expect((await ask('GET', '/me', { headers: cookie })).status).toBe(401)

    await ask('POST', '/users', {
      headers: token,
      body: { name: 'Bo', email: 'bo@example.com', password: 'correct horse', role: 'viewer' },
    })
    const bo = cookieOf(await signIn('correct horse', 'bo@example.com'))
    const { id } = (await (await ask('GET', '/me', { headers: bo })).json()) as { id: string }
    expect((await error(await ask('POST', '/streams', { headers: { ...bo, ...origin }, body: {} }))).code).toBe('forbidden')
    expect((await ask('PUT', `/users/${id}`, { headers: token, body: { disabled: true } })).status).toBe(200)
    expect((await ask('GET', '/me', { headers: bo })).status).toBe(401)
    expect((await signIn('correct horse', 'bo@example.com')).status).toBe(401)
  })

  it('too many failures shut the door for a while, to the right password too', async () => {
    await ask('POST', '/users', {
      headers: token,
      body: { name: 'Cy', email: 'cy@example.com', password: 'correct horse', role: 'viewer' },
    })
    const signIn = (password: string) =>
      ask('POST', '/sign-in', { headers: { ...origin, 'x-evenflow-peer': 'direct 10.1.1.1' }, body: { email: 'cy@example.com', password } })
    for (let i = 0; i < 10; i++) expect((await signIn('wrong')).status).toBe(401)
    expect(await error(await signIn('correct horse'))).toMatchObject({
      status: 429,
      code: 'too_many_requests',
      hint: expect.stringMatching(/seconds/),
    })
  })

  it('a token from the database works until it is revoked', async () => {
    const made = (await (await ask('POST', '/tokens', { headers: token, body: { name: 'ci', role: 'analyst' } })).json()) as {
      id: string
      token: string
    }
    const own = { authorization: `Bearer ${made.token}` }
    expect(await (await ask('GET', '/me', { headers: own })).json()).toMatchObject({ name: 'token ci', role: 'analyst' })
    expect((await ask('DELETE', `/tokens/${made.id}`, { headers: own })).status).toBe(404)
    expect((await ask('DELETE', `/tokens/${made.id}`, { headers: token })).status).toBe(200)
    expect((await error(await ask('GET', '/me', { headers: own }))).message).toMatch(/revoked/)
  })

  it('everybody makes tokens for themselves, up to their own role; those end with the role and the account', async () => {
    await ask('POST', '/users', {
      headers: token,
      body: { name: 'Di', email: 'di@example.com', password: 'correct horse', role: 'operator' },
    })
    const di = {
      ...origin,
      ...cookieOf(await ask('POST', '/sign-in', { headers: origin, body: { email: 'di@example.com', password: 'correct horse' } })),
    }
    const { id } = (await (await ask('GET', '/me', { headers: di })).json()) as { id: string }
    expect(await error(await ask('POST', '/tokens', { headers: di, body: { name: 'big', role: 'admin' } }))).toMatchObject({ status: 403 })
    const made = (await (await ask('POST', '/tokens', { headers: di, body: { name: 'mine', role: 'operator' } })).json()) as {
      id: string
      token: string
    }
    const own = { authorization: `Bearer ${made.token}` }
    const listed = (await (await ask('GET', '/tokens', { headers: di })).json()) as { items: { name: string }[] }
    expect(listed.items.map((one) => one.name)).toEqual(['mine'])
    expect(await (await ask('GET', '/me', { headers: own })).json()).toMatchObject({ role: 'operator' })
    await ask('PUT', `/users/${id}`, { headers: token, body: { role: 'viewer' } })
    expect(await (await ask('GET', '/me', { headers: own })).json()).toMatchObject({ role: 'viewer' })
    await ask('PUT', `/users/${id}`, { headers: token, body: { disabled: true } })
    expect(await error(await ask('GET', '/me', { headers: own }))).toMatchObject({ status: 401, message: expect.stringMatching(/is shut/) })
  })
})

describe('what bad input gets', () => {
  const stream = {
    name: 'payments',
    fields: [
      { name: 'card', type: 'string' },
      { name: 'amount', type: 'double' },
      { name: 'at', type: 'timestamp' },
    ],
    eventTime: 'at',
  }
  const over =
    "OVER w AS x FROM payments WINDOW w AS (PARTITION BY card ORDER BY at RANGE BETWEEN INTERVAL '1' HOUR PRECEDING AND CURRENT ROW)"
  const post = (path: string, body: unknown) => ask('POST', path, { headers: token, body })
  beforeAll(async () => {
    expect((await post('/streams', stream)).status).toBe(201)
  })

  it('not JSON, too much of it, or the wrong shape', async () => {
    expect(await error(await ask('POST', '/views', { headers: token, raw: '{"name": ' }))).toMatchObject({
      status: 400,
      code: 'bad_request',
      message: expect.stringMatching(/not JSON/),
    })
    expect(await error(await ask('POST', '/views', { headers: token, raw: 'x'.repeat(4_000_001) }))).toMatchObject({
      status: 413,
      code: 'too_large',
    })
    expect(await error(await post('/streams', { ...stream, name: '1st' }))).toMatchObject({
      status: 400,
      message: expect.stringMatching(/^name: a name starts with/),
    })
    expect(await error(await post('/views', { name: 'v' }))).toMatchObject({
      status: 400,
      message: expect.stringMatching(/sql or definition/),
    })
    expect(await error(await ask('GET', '/releases?limit=many', { headers: token }))).toMatchObject({ status: 400, code: 'bad_request' })
  })

  it.each([
    ['syntax', `SELEC card, SUM(amount) ${over}`, 'syntax_error'],
    ['unknown stream', `SELECT card, SUM(amount) ${over.replace('payments', 'payment')}`, 'unknown_stream'],
    ['unknown field', `SELECT card, SUM(amuont) ${over}`, 'unknown_field'],
    ['unknown function', `SELECT card, SUMM(amount) ${over}`, 'unknown_function'],
    ['unknown window', `SELECT card, SUM(amount) ${over.replace('OVER w', 'OVER ww')}`, 'unknown_window'],
    ['type mismatch', `SELECT card, SUM(card) ${over}`, 'type_mismatch'],
    ['no key', `SELECT SUM(amount) ${over.replace('PARTITION BY card ', '')}`, 'no_key'],
    ['no window', 'SELECT card, SUM(amount) AS x FROM payments', 'no_window'],
  ])('SQL: %s, with line and column, and nothing saved', async (_, sql, code) => {
    const checked = (await (await post('/views/check', { sql })).json()) as { problems: { code: string; line: number; column: number }[] }
    expect(checked.problems[0]).toMatchObject({ code, line: 1, column: expect.any(Number) })
    const refused = await error(await post('/views', { name: 'cards', sql }))
    expect(refused).toMatchObject({ status: 400, code: 'invalid_definition', details: checked.problems })
    expect(await runtime.db.view.count()).toBe(0)
  })

  it('saves what is sound: 201, then 200 for the same again', async () => {
    const saved = await post('/views', { name: 'cards', sql: `SELECT card, SUM(amount) ${over}` })
    expect(saved.status).toBe(201)
    expect(await saved.json()).toMatchObject({ name: 'cards', version: 1, latestVersion: 1, created: true })
    expect((await post('/views', { name: 'cards', sql: `SELECT card, SUM(amount)   ${over}` })).status).toBe(200)
    expect(await error(await post('/views', { name: 'check', sql: `SELECT card, SUM(amount) ${over}` }))).toMatchObject({ status: 400 })
  })

  it('things that are not there', async () => {
    for (const path of [
      '/streams/nothing',
      '/views/nothing',
      '/views/nothing/versions',
      '/views/cards/versions/9',
      '/views/cards/diff?from=1&to=9',
      '/views/nothing/online',
      '/releases/99',
      '/releases/x',
      '/jobs/99',
      '/jobs/-1',
      '/jobs/99/checkpoints',
      '/savepoints/99',
      '/streams/nothing/events',
      '/streams/nothing/dead-letters',
      '/parameters?scope=view:nothing',
    ])
      expect(await error(await ask('GET', path, { headers: token })), path).toMatchObject({ status: 404, code: 'not_found' })
    expect((await error(await post('/jobs/1/actions/explode', {}))).hint).toMatch(/savepoint, checkpoint, stop, restart/)
    expect((await error(await post('/releases/1/actions/explode', {}))).status).toBe(400)
  })

  it('a name with any letters comes through the path', async () => {
    expect((await post('/streams', { ...stream, name: '支付' })).status).toBe(201)
    expect(await (await ask('GET', `/streams/${encodeURIComponent('支付')}`, { headers: token })).json()).toMatchObject({ name: '支付' })
  })

  it('events go to the engine as they come, and its answer comes back as it is', async () => {
    const bytes = new Uint8Array([123, 255, 0, 10, 125]) // not even UTF-8: none of the console's business
    const answer = { accepted: 1, rejected: [{ line: 2, code: 'not_json', message: 'Line 2 is not JSON.' }] }
    engine.answers['POST /streams/payments/events'] = { body: answer }
    const got = await ask('POST', '/streams/payments/events', { headers: { ...token, 'content-type': 'application/x-ndjson' }, raw: bytes })
    expect(await got.json()).toEqual(answer)
    expect(engine.asked.at(-1)!.body).toBe(Buffer.from(bytes).toString())
    expect(engine.asked.at(-1)!.authorization).toBe('Bearer engine-token')
    expect(
      (await error(await ask('POST', '/streams/payments/events', { headers: { ...token, 'content-length': '10000001' }, raw: 'x' }))).code,
    ).toBe('too_large')
  })

  it("an engine's own refusal keeps its code and sentence", async () => {
    engine.answers['POST /features'] = { status: 404, body: { error: { code: 'not_found', message: 'No job serves cards.' } } }
    expect(await error(await post('/features', { view: 'cards', keys: [{ card: '1' }] }))).toMatchObject({
      status: 404,
      message: 'No job serves cards.',
    })
  })
})

describe('an engine that is down', () => {
  beforeAll(async () => {
    await runtime.db.engineInstance.create({
      data: { id: 'e', pid: 1, version: '1', address: 'x', startedAt: new Date(0), heartbeatAt: new Date('2026-01-02T03:04:05Z') },
    })
    use(testRuntime({ kind: 'sqlite', url, db: runtime.db, open: () => openDatabase({ url }) }, nobody))
  })
  afterAll(() => use(runtime))

  it('screens show what is stored', async () => {
    for (const path of ['/streams', '/views', '/jobs', '/releases', '/savepoints', '/overview', '/guide', '/parameters', '/audit'])
      expect((await ask('GET', path, { headers: token })).status, path).toBe(200)
    expect(await (await ask('GET', '/healthz')).json()).toMatchObject({
      status: 'degraded',
      engine: { reachable: false, since: '2026-01-02T03:04:05.000Z' },
    })
  })

  it('what needs it answers 503 with since when and a retry hint, and leaves nothing half-done', async () => {
    const job = await runtime.db.job.create({
      data: { viewId: (await runtime.db.view.findFirstOrThrow()).id, version: 1, startFrom: {}, observed: 'RUNNING' },
    })
    const counts = async () => [await runtime.db.savepoint.count(), await runtime.db.audit.count()]
    const before = await counts()
    const needs: [string, unknown][] = [
      ['/views/preview', { view: 'cards' }],
      ['/views/preview/duckdb', { view: 'cards' }],
      ['/features', { view: 'cards', keys: [{ card: '1' }] }],
      ['/streams/payments/events', {}],
      [`/jobs/${job.id}/actions/savepoint`, {}],
      [`/jobs/${job.id}/actions/checkpoint`, {}],
    ]
    for (const [path, body] of needs) {
      const answer = await ask('POST', path, { headers: token, body })
      expect(answer.headers.get('retry-after'), path).toBe('2')
      expect(await error(answer), path).toMatchObject({
        status: 503,
        code: 'engine_unreachable',
        message: expect.stringContaining('2026-01-02T03:04:05.000Z'),
        hint: expect.stringMatching(/try again/),
      })
    }
    for (const path of ['/streams/payments/events', '/views/cards/online', '/views/cards/history'])
      expect((await ask('GET', path, { headers: token })).status, path).toBe(503)
    expect(await counts()).toEqual(before)
  })

  it('the live stream goes on with what is stored, and says so', async () => {
    const answer = await ask('GET', '/live', { headers: token })
    expect(answer.headers.get('content-type')).toMatch(/event-stream/)
    const reader = answer.body!.getReader()
    let text = ''
    while (!text.includes('event: jobs')) text += Buffer.from((await reader.read()).value!).toString()
    await reader.cancel()
    expect(text).toContain('event: engine\ndata: {"reachable":false,"since":"2026-01-02T03:04:05.000Z"}')
  })
})
