import { z } from 'zod'
import { mustBeView } from '../../../../../../console/readers/views.ts'
import { handle, parseQuery } from '../../../route-helper.ts'

const Query = z.object({
  limit: z.coerce.number().int().min(1).max(500).default(50),
  after: z.string().optional(),
  search: z.string().max(200).optional(),
})

/** What stands in the online store. */
export const GET = handle(async ({ ctx, params, query }) => {
  const asked = parseQuery(Query, query)
  await mustBeView(ctx, params.name!)
  return ctx.engine.online(params.name!, asked)
})
