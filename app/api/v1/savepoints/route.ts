import { z } from 'zod'
import { listSavepoints } from '../../../../console/readers/savepoints.ts'
import { handle, PageQuery, parseQuery } from '../route-helper.ts'

const Query = PageQuery.extend({ view: z.string().optional(), job: z.coerce.number().int().optional() })

export const GET = handle(({ ctx, query }) => listSavepoints(ctx, parseQuery(Query, query)))
