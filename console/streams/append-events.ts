import { EvenflowError } from '../../contract/errors.ts'
import type { ConsoleContext } from '../context.ts'
import { authorise } from '../define-verb.ts'
import { mustBeStream } from '../readers/streams.ts'

const maxBytes = 10_000_000

/**
 * Events on their way to the engine: the bytes are passed on, not read here. No audit row: events are data, millions of them;
 * every one stands in the stream or among its dead letters.
 */
export async function appendEvents(ctx: ConsoleContext, stream: string, request: Request): Promise<Response> {
  authorise(ctx, 'streams.append')
  await mustBeStream(ctx, stream)
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes)
    throw new EvenflowError('too_large', 'The body is larger than 10 MB.', { hint: 'Send the events in several requests.' })
  return passOn(ctx, `/streams/${encodeURIComponent(stream)}/events`, request)
}

/** A POST to the engine and its answer, byte for byte. */
export async function passOn(ctx: ConsoleContext, path: string, request: Request): Promise<Response> {
  const type = request.headers.get('content-type') ?? 'application/json'
  const answer = await ctx.engine.forward(path, {
    method: 'POST',
    body: request.body ?? '',
    headers: { 'content-type': type },
    signal: request.signal,
    timeoutMs: 60_000,
    ...(request.body && { duplex: 'half' as const }),
  } as RequestInit)
  return new Response(answer.body, {
    status: answer.status,
    headers: { 'content-type': answer.headers.get('content-type') ?? 'application/json', 'cache-control': 'no-store' },
  })
}
