import { liveStream } from '../../../../console/live-stream.ts'
import { handle } from '../route-helper.ts'

/** Server-sent events: `jobs` (LiveJobs) and `engine` ({ reachable, since }). Goes on while the engine is down. */
export const GET = handle(async ({ ctx, request }) => {
  const headers = {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store, no-transform',
    'x-accel-buffering': 'no',
  }
  return new Response(liveStream(ctx, request.signal), { headers })
})
