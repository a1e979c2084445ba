import { checkView } from '../../../../../console/views/check-view.ts'
import { handle } from '../../route-helper.ts'

export const POST = handle(async ({ ctx, body }) => checkView.run(ctx, await body()))
