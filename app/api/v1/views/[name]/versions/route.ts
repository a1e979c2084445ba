import { listVersions } from '../../../../../../console/readers/views.ts'
import { handle } from '../../../route-helper.ts'

export const GET = handle(({ ctx, params }) => listVersions(ctx, params.name!))
