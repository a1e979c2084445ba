/** The engine's HTTP server: errors in one shape, who may come in, and the routes of contract/engine-api.ts. */
import Fastify, { type FastifyInstance } from 'fastify'
import { errorStatus, EvenflowError } from '../../contract/errors.ts'
import type { Logger } from 'pino'
import type { Caller } from './authenticate.ts'

export const MAX_BODY_BYTES = 10 * 1024 * 1024

declare module 'fastify' {
  interface FastifyContextConfig {
    /** `open`: no token; `tokens`: API tokens too; nothing: the console only */
    access?: 'open' | 'tokens'
  }
}

export function createServer(options: { log: Logger; authenticate: (header: string | undefined) => Promise<Caller> }): FastifyInstance {
  const server = Fastify({ logger: false, bodyLimit: MAX_BODY_BYTES, forceCloseConnections: true, requestTimeout: 120_000 })
  server.removeAllContentTypeParsers()
  // Bodies come as bytes: ingest reads them as they are, the other routes parse JSON themselves.
  server.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: MAX_BODY_BYTES }, (_request, body, done) => done(null, body))
  server.addHook('onRequest', async (request) => {
    const { access } = request.routeOptions.config
    if (access === 'open' || request.is404) return
    const caller = await options.authenticate(request.headers.authorization)
    if (caller.kind === 'console') return
    if (access !== 'tokens')
      throw new EvenflowError('forbidden', 'This part of the engine is for the console only.', {
        hint: "Ask the console's API under /api/v1.",
      })
    if (request.method === 'POST' && request.url.startsWith('/streams/') && caller.role === 'viewer')
      throw new EvenflowError('forbidden', 'This token may read only; sending events needs the role analyst or above.')
  })
  server.setNotFoundHandler((request) => {
    throw new EvenflowError('not_found', `There is nothing at ${request.method} ${request.url.split('?')[0]}.`)
  })
  server.setErrorHandler((error, request, reply) => {
    const known = asEvenflowError(error)
    if (known.code === 'internal') options.log.error({ error, url: request.url }, 'a request failed')
    void reply.code(errorStatus[known.code]).send(known.toBody())
  })
  return server
}

function asEvenflowError(error: unknown): EvenflowError {
  if (error instanceof EvenflowError) return error
  const { code, message } = error as { code?: string; message?: string }
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE')
    return new EvenflowError('too_large', 'The body is over 10 MB. Nothing was taken.', { hint: 'Send the events in several requests.' })
  if (code?.startsWith('FST_ERR_CTP')) return new EvenflowError('bad_request', message ?? 'The body cannot be read.')
  return new EvenflowError('internal', 'The engine failed at this request; it is in its log.', { cause: error })
}

export function parseJson<T>(
  body: unknown,
  schema: {
    safeParse(
      input: unknown,
    ): { success: true; data: T } | { success: false; error: { issues: { path: PropertyKey[]; message: string }[] } }
  },
): T {
  let json: unknown
  try {
    json = body === undefined || body === null || (body as Buffer).length === 0 ? {} : JSON.parse((body as Buffer).toString('utf8'))
  } catch (error) {
    throw new EvenflowError('bad_request', `The body is not JSON: ${(error as Error).message}`)
  }
  const parsed = schema.safeParse(json)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  throw new EvenflowError('bad_request', `The body does not fit: ${issue?.path.map(String).join('.') || 'body'}: ${issue?.message}`, {
    details: parsed.error.issues,
  })
}
