import { z } from 'zod'
import { authorise } from '../../../../console/define-verb.ts'
import { listAudit } from '../../../../console/readers/audit.ts'
import { handle, PageQuery, parseQuery } from '../route-helper.ts'

const Query = PageQuery.extend({
  targetType: z.string().optional(),
  targetId: z.string().optional(),
  actor: z.string().optional(),
  action: z.string().optional(),
})

export const GET = handle(({ ctx, query }) => {
  authorise(ctx, 'read.audit')
  return listAudit(ctx, parseQuery(Query, query))
})
