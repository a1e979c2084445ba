import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createEngineClient } from './engine-client.ts'
import { healthy, startEngineDouble } from './testing/engine-double.ts'
import { nobody } from './testing/test-runtime.ts'

let double: Awaited<ReturnType<typeof startEngineDouble>>
const clientOf = (baseUrl: string, since: string | null = null) => createEngineClient({ baseUrl, token: 't', lastHeard: async () => since })
beforeAll(async () => {
  double = await startEngineDouble({})
})
afterAll(() => double.stop())

it('an engine that is away: since when it has been, or that it was never heard of', async () => {
  await expect(clientOf(nobody, '2026-01-01T00:00:00.000Z').health()).rejects.toMatchObject({
    code: 'engine_unreachable',
    message: expect.stringContaining('2026-01-01T00:00:00.000Z'),
    hint: expect.stringMatching(/try again/),
  })
  await expect(clientOf(nobody).health()).rejects.toMatchObject({
    code: 'engine_unreachable',
    message: expect.stringMatching(/not been heard of yet/),
  })
})

it('an answer of another shape is said to be one, and not passed on', async () => {
  double.answers['GET /healthz'] = { body: { status: 'fine' } }
  await expect(clientOf(double.url).health()).rejects.toMatchObject({
    code: 'internal',
    message: expect.stringMatching(/unexpected shape at status/),
  })
  double.answers['GET /healthz'] = healthy
  expect(await clientOf(double.url).health()).toMatchObject({ status: 'ok' })
})

it('an error that the engine gives keeps code, sentence and hint; one that nobody can read is internal', async () => {
  double.answers['GET /streams/a%20b/stats'] = {
    status: 404,
    body: { error: { code: 'not_found', message: 'No such stream.', hint: 'Make it.' } },
  }
  await expect(clientOf(double.url).streamStats('a b')).rejects.toMatchObject({
    code: 'not_found',
    message: 'No such stream.',
    hint: 'Make it.',
  })
  double.answers['GET /streams/x/stats'] = { status: 500, body: 'oh' }
  await expect(clientOf(double.url).streamStats('x')).rejects.toMatchObject({
    code: 'internal',
    message: expect.stringMatching(/status 500/),
  })
})

it('bytes that are no HTTP, or a connection cut in the middle, are an engine that is away', async () => {
  const rude = createServer((request) => request.socket.end('what?'))
  await new Promise<void>((resolve) => rude.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(rude.address() as AddressInfo).port}`
  await expect(clientOf(url).health()).rejects.toMatchObject({ code: 'engine_unreachable' })
  const cut = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' })
    response.write('{"status":')
    response.socket?.destroySoon()
  })
  await new Promise<void>((resolve) => cut.listen(0, '127.0.0.1', resolve))
  await expect(clientOf(`http://127.0.0.1:${(cut.address() as AddressInfo).port}`).health()).rejects.toMatchObject({
    code: 'engine_unreachable',
  })
  rude.close()
  cut.close()
})

it('waking is best effort: an engine that is away costs nothing', async () => {
  await expect(clientOf(nobody).wake()).resolves.toBeUndefined()
})
