/**
 * The engine's live stream, handed on to a browser. While the engine is down the browser gets what is stored, told so by an
 * `engine` event, and the relay tries again: a page never has to notice a restart.
 */
import type { ConsoleContext } from './context.ts'
import { engineLastHeard } from './readers/engine-state.ts'
import { storedLiveJobs } from './readers/jobs.ts'

const retryMs = 1_000

export function liveStream(ctx: ConsoleContext, signal: AbortSignal): ReadableStream<Uint8Array> {
  const gone = new AbortController()
  const stop = AbortSignal.any([signal, gone.signal])
  const encoder = new TextEncoder()
  return new ReadableStream({
    async start(controller) {
      const send = (event: string, data: unknown) =>
        controller.enqueue(encoder.encode(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`))
      while (!stop.aborted) {
        try {
          await relay(ctx, stop, send, controller)
        } catch (error) {
          if (stop.aborted) break
          if (!isUnreachable(error)) console.error(error)
          try {
            send('engine', { reachable: false, since: (await engineLastHeard(ctx.db))?.toISOString() ?? null })
            send('jobs', await storedLiveJobs(ctx))
          } catch (failure) {
            if (!stop.aborted) console.error(failure) // the database too: the stream stays open and silent
          }
        }
        await pause(stop)
      }
      try {
        controller.close()
      } catch {
        // cancelled by the reader: closed already
      }
    },
    cancel: () => gone.abort(),
  })
}

async function relay(
  ctx: ConsoleContext,
  signal: AbortSignal,
  send: (event: string, data: unknown) => void,
  controller: ReadableStreamDefaultController<Uint8Array>,
) {
  const answer = await ctx.engine.forward('/live', { signal })
  if (!answer.ok || !answer.body) throw new Error(`The engine answered /live with status ${answer.status}.`)
  send('engine', { reachable: true, since: null })
  for await (const chunk of answer.body) controller.enqueue(chunk as Uint8Array)
}

const isUnreachable = (error: unknown) =>
  (error as { code?: unknown }).code === 'engine_unreachable' || (error as { name?: unknown }).name === 'TypeError'

const pause = (signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    if (signal.aborted) return resolve()
    const timer = setTimeout(done, retryMs)
    function done() {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    signal.addEventListener('abort', done)
  })
