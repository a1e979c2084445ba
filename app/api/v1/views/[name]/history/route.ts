import { z } from 'zod'
import { mustBeView } from '../../../../../../console/readers/views.ts'
import { handle, parseQuery } from '../../../route-helper.ts'

const Query = z.object({
  limit: z.coerce.number().int().min(1).max(500).default(50),
  before: z.string().optional(),
  key: z.string().max(2000).optional(),
})

/** Every row that was produced, newest first; `key` is the canonical key text. */
export const GET = handle(async ({ ctx, params, query }) => {
  const asked = parseQuery(Query, query)
  await mustBeView(ctx, params.name!)
  return ctx.engine.history(params.name!, asked)
})
