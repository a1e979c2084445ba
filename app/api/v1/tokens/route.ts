import { listTokens } from '../../../../console/readers/people.ts'
import { createToken } from '../../../../console/tokens/create-token.ts'
import { handle } from '../route-helper.ts'

export const GET = handle(({ ctx }) => listTokens(ctx))

export const POST = handle(async ({ ctx, body }) => createToken.run(ctx, await body()), 201)
