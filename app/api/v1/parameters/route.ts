import { z } from 'zod'
import { listParameters } from '../../../../console/readers/parameters.ts'
import { handle, parseQuery } from '../route-helper.ts'

const Query = z.object({ scope: z.string().default('system') })

export const GET = handle(({ ctx, query }) => listParameters(ctx, parseQuery(Query, query).scope))
