import { readGuide } from '../../../../console/readers/guide.ts'
import { handle } from '../route-helper.ts'

export const GET = handle(({ ctx }) => readGuide(ctx))
