import { handleOpen } from '../route-helper.ts'

export const POST = handleOpen(({ runtime, request }) => runtime.auth.api.signOut({ headers: request.headers, asResponse: true }))
