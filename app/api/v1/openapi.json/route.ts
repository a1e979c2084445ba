import { openapi } from '../../../../contract/openapi.ts'
import { handleOpen } from '../route-helper.ts'

export const GET = handleOpen(async ({ runtime }) => openapi(runtime.settings.version))
