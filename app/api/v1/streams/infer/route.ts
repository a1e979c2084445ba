import { inferStream } from '../../../../../console/streams/infer-stream.ts'
import { handle } from '../../route-helper.ts'

export const POST = handle(async ({ ctx, body }) => inferStream.run(ctx, await body()))
