import { checkRelease } from '../../../../../console/releases/check-release.ts'
import { handle } from '../../route-helper.ts'

export const POST = handle(async ({ ctx, body }) => checkRelease.run(ctx, await body()))
