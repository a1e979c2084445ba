import { listStreams, readStream } from '../../../../console/readers/streams.ts'
import { createStream } from '../../../../console/streams/create-stream.ts'
import { handle } from '../route-helper.ts'

export const GET = handle(({ ctx }) => listStreams(ctx))

export const POST = handle(async ({ ctx, body }) => {
  const { name } = await createStream.run(ctx, await body())
  return readStream(ctx, name)
}, 201)
