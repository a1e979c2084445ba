import { startDemoSession } from '../../../../../console/auth/demo-user.ts'
import { handleOpen } from '../../route-helper.ts'

export const POST = handleOpen(({ runtime, request }) => startDemoSession(runtime, request.headers))
