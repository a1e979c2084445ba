import { readJob } from '../../../../../console/readers/jobs.ts'
import { handle, idOf } from '../../route-helper.ts'

export const GET = handle(({ ctx, params }) => readJob(ctx, idOf(params.id, 'job')))
