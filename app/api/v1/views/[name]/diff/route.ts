import { z } from 'zod'
import { diffVersions } from '../../../../../../console/readers/view-diff.ts'
import { handle, parseQuery } from '../../../route-helper.ts'

const Query = z.object({ from: z.coerce.number().int().min(1), to: z.coerce.number().int().min(1) })

export const GET = handle(({ ctx, params, query }) => {
  const { from, to } = parseQuery(Query, query)
  return diffVersions(ctx, params.name!, from, to)
})
