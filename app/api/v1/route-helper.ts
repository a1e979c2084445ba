/**
 * What every route does the same: find out who asks, check a browser's write for its origin, read parameters, query and body,
 * call one verb or reader, turn what is thrown into `{ error: { code, message, details?, hint? } }`.
 */
import { z } from 'zod'
import { checkOrigin, identify } from '../../../console/auth/identify.ts'
import type { ConsoleContext } from '../../../console/context.ts'
import { parse } from '../../../console/define-verb.ts'
import type { Runtime } from '../../../console/runtime.ts'
import { contextFor, getRuntime } from '../../../console/runtime.ts'
import { errorStatus, EvenflowError } from '../../../contract/errors.ts'

export type Params = Record<string, string>
export type Call = {
  ctx: ConsoleContext
  runtime: Runtime
  request: Request
  params: Params
  query: Params
  /** the JSON body; an empty one is {} */
  body: () => Promise<unknown>
}
export type OpenCall = Omit<Call, 'ctx'>
type Handler = (request: Request, segment: { params: Promise<Params> }) => Promise<Response>

const maxBodyBytes = 4_000_000

/** A route for signed-in people and tokens. The answer is JSON, unless the work gives a Response of its own. */
export function handle(work: (call: Call) => Promise<unknown>, status = 200): Handler {
  return route(async (call) => {
    const actor = await identify(call.runtime, call.request.headers)
    if (!actor) throw new EvenflowError('unauthenticated', 'Nobody is signed in.', { hint: 'Sign in, or send a bearer token.' })
    return work({ ...call, ctx: contextFor(call.runtime, actor) })
  }, status)
}

/** A route that needs nobody: health, the entry page's own. */
export const handleOpen = (work: (call: OpenCall) => Promise<unknown>, status = 200): Handler => route(work, status)

function route(work: (call: OpenCall) => Promise<unknown>, status: number): Handler {
  return async (request, segment) => {
    try {
      if (!['GET', 'HEAD'].includes(request.method)) checkOrigin(request.headers)
      const runtime = await getRuntime()
      const params = Object.fromEntries(Object.entries((await segment.params) ?? {}).map(([key, value]) => [key, decode(value)]))
      const query = Object.fromEntries(new URL(request.url).searchParams)
      const answer = await work({ runtime, request, params, query, body: () => readJson(request) })
      return answer instanceof Response ? answer : json(answer, status)
    } catch (error) {
      return errorResponse(error)
    }
  }
}

export const json = (value: unknown, status = 200): Response =>
  Response.json(value ?? {}, { status, headers: { 'cache-control': 'no-store' } })

/** A whole number from a path: anything else is a thing that isn't there. */
export function idOf(text: string | undefined, what: string): number {
  const id = Number(text)
  if (/^\d{1,9}$/.test(text ?? '') && Number.isSafeInteger(id)) return id
  throw new EvenflowError('not_found', `There is no ${what} ${text}.`)
}

export const PageQuery = z.object({
  cursor: z.coerce.number().int().optional(),
  limit: z.coerce.number().int().min(1).max(1000).optional(),
})
export const parseQuery = <S extends z.ZodType>(schema: S, query: Params): z.output<S> => parse(schema, query)

export async function readJson(request: Request): Promise<unknown> {
  const text = await readText(request)
  if (text.trim() === '') return {}
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new EvenflowError('bad_request', `The body is not JSON: ${(error as Error).message}.`, {
      hint: 'Send JSON, with content-type: application/json.',
    })
  }
}

async function readText(request: Request): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  const tooLarge = () =>
    new EvenflowError('too_large', `The body is larger than ${maxBodyBytes / 1e6} MB.`, { hint: 'Send less at a time.' })
  if (Number(request.headers.get('content-length') ?? 0) > maxBodyBytes) throw tooLarge()
  const reader = request.body?.getReader()
  for (;;) {
    const part = await reader?.read()
    if (!part || part.done) return Buffer.concat(chunks).toString('utf8')
    size += part.value.byteLength
    if (size > maxBodyBytes) throw tooLarge()
    chunks.push(part.value)
  }
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}

export function errorResponse(error: unknown): Response {
  const known = asEvenflowError(error)
  const headers = new Headers({ 'cache-control': 'no-store' })
  if (known.code === 'engine_unreachable' || known.code === 'not_ready') headers.set('retry-after', '2')
  return Response.json(known.toBody(), { status: errorStatus[known.code], headers })
}

function asEvenflowError(error: unknown): EvenflowError {
  if (error instanceof EvenflowError) return error
  // Next may load the contract twice in one process; the shape is what counts.
  if (error instanceof Error && error.name === 'EvenflowError' && 'code' in error)
    return Object.setPrototypeOf(error, EvenflowError.prototype) as EvenflowError
  const { code, message } = error as { code?: unknown; message?: unknown }
  console.error(error)
  const unreachable =
    ['P1001', 'P1002', 'P1008', 'P1017', 'P2024', 'P2028', 'P2037'].includes(String(code)) ||
    /pool timeout|ECONNREFUSED/.test(String(message))
  if (unreachable)
    return new EvenflowError('not_ready', 'The database does not answer.', {
      hint: 'Try again in a few seconds; if it lasts, look whether the database runs.',
    })
  if (code === 'P2021' || /no such table/.test(String(message)))
    return new EvenflowError('not_ready', 'The database has no tables yet.', {
      hint: 'Start Evenflow with npm start, which makes them, or run node db/migrate.ts.',
    })
  return new EvenflowError('internal', 'The console failed at this; the reason is in its log.', {
    hint: 'Try again. If it happens again, report it with the log.',
  })
}
