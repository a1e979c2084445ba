import { z } from 'zod'
import { listJobs } from '../../../../console/readers/jobs.ts'
import { handle, parseQuery } from '../route-helper.ts'

const Query = z.object({ view: z.string().optional() })

export const GET = handle(({ ctx, query }) => listJobs(ctx, parseQuery(Query, query)))
