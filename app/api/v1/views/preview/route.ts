import { previewView } from '../../../../../console/views/preview-view.ts'
import { handle } from '../../route-helper.ts'

export const POST = handle(async ({ ctx, body }) => previewView.run(ctx, await body()))
