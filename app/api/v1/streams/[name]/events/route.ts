import { z } from 'zod'
import { takeGuideStep } from '../../../../../../console/guide-step.ts'
import { mustBeStream } from '../../../../../../console/readers/streams.ts'
import { appendEvents } from '../../../../../../console/streams/append-events.ts'
import { handle, parseQuery } from '../../../route-helper.ts'

/** offset negative: from the end */
const Query = z.object({
  partition: z.coerce.number().int().min(0).default(0),
  offset: z.coerce.number().int().default(-50),
  limit: z.coerce.number().int().min(1).max(500).default(50),
})

export const GET = handle(async ({ ctx, params, query }) => {
  const asked = parseQuery(Query, query)
  await mustBeStream(ctx, params.name!)
  const events = await ctx.engine.streamEvents(params.name!, asked)
  await takeGuideStep(ctx, 'stream')
  return events
})

/** NDJSON or a JSON array; the bytes go to the engine as they come. */
export const POST = handle(({ ctx, params, request }) => appendEvents(ctx, params.name!, request))
