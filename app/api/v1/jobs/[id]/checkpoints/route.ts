import { checkpointHistory } from '../../../../../../console/readers/checkpoints.ts'
import { handle, idOf, PageQuery, parseQuery } from '../../../route-helper.ts'

export const GET = handle(({ ctx, params, query }) => checkpointHistory(ctx, idOf(params.id, 'job'), parseQuery(PageQuery, query)))
