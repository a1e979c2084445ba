import { readVersion } from '../../../../../../../console/readers/views.ts'
import { handle, idOf } from '../../../../route-helper.ts'

export const GET = handle(({ ctx, params }) => readVersion(ctx, params.name!, idOf(params.version, 'version')))
