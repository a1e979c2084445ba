/** A stand-in for the engine where only its presence, absence or refusal matters. A real HTTP server on a free port of loopback. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Answer = { status?: number; body: unknown }
/** keyed by "METHOD /path", exact */
export type Answers = Record<string, Answer | (() => Answer)>

export async function startEngineDouble(answers: Answers) {
  const asked: { key: string; body: string; authorization: string | undefined }[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const key = `${request.method} ${new URL(request.url ?? '/', 'http://engine').pathname}`
      asked.push({ key, body: Buffer.concat(chunks).toString(), authorization: request.headers.authorization })
      const found = answers[key]
      const { status = 200, body } = (typeof found === 'function' ? found() : found) ?? {
        status: 404,
        body: { error: { code: 'not_found', message: `The double has no ${key}.` } },
      }
      response.writeHead(status, { 'content-type': 'application/json' }).end(body === undefined ? '' : JSON.stringify(body))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    answers,
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

export const healthy: Answer = {
  body: { status: 'ok', pid: 1, version: '0.1.0', node: '24', startedAtMs: 0, demo: { state: 'off', loaded: 0, total: 0, message: null } },
}
