import { listCodeFeatures } from '../../../../console/readers/code-features.ts'
import { handle } from '../route-helper.ts'

export const GET = handle(async ({ ctx }) => listCodeFeatures(ctx))
