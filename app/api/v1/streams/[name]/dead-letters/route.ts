import { z } from 'zod'
import { listDeadLetters } from '../../../../../../console/readers/streams.ts'
import { handle, PageQuery, parseQuery } from '../../../route-helper.ts'

const Query = PageQuery.extend({ late: z.stringbool().optional() })

export const GET = handle(({ ctx, params, query }) => listDeadLetters(ctx, params.name!, parseQuery(Query, query)))
