import { readHealth } from '../../console/readers/health.ts'
import { handleOpen } from '../api/v1/route-helper.ts'

/** 200 as long as the console answers; `status` says whether the engine does. */
export const GET = handleOpen(({ runtime }) => readHealth(runtime))
