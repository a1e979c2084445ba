import { readRelease } from '../../../../../console/readers/releases.ts'
import { handle, idOf } from '../../route-helper.ts'

export const GET = handle(({ ctx, params }) => readRelease(ctx, idOf(params.id, 'release')))
