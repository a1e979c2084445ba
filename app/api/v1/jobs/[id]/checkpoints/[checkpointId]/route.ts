import { readCheckpoint } from '../../../../../../../console/readers/checkpoints.ts'
import { handle, idOf } from '../../../../route-helper.ts'

export const GET = handle(({ ctx, params }) => readCheckpoint(ctx, idOf(params.id, 'job'), idOf(params.checkpointId, 'checkpoint')))
