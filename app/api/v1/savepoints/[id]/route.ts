import { readSavepoint } from '../../../../../console/readers/savepoints.ts'
import { handle, idOf } from '../../route-helper.ts'

export const GET = handle(({ ctx, params }) => readSavepoint(ctx, idOf(params.id, 'savepoint')))
