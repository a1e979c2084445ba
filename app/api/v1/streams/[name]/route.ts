import { readStream } from '../../../../../console/readers/streams.ts'
import { handle } from '../../route-helper.ts'

export const GET = handle(({ ctx, params }) => readStream(ctx, params.name!))
