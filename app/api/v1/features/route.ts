import { readFeatures } from '../../../../console/read-features.ts'
import { handle } from '../route-helper.ts'

/** From the job's memory; the bytes go to the engine and back as they are. */
export const POST = handle(({ ctx, request }) => readFeatures(ctx, request))
