import { demoAllowed } from '../../../../console/auth/demo-user.ts'
import { identify } from '../../../../console/auth/identify.ts'
import { administrators } from '../../../../console/users/administrators.ts'
import { handleOpen } from '../route-helper.ts'

export const GET = handleOpen(async ({ runtime, request }) => {
  const actor = await identify(runtime, request.headers)
  return {
    me: actor && { id: actor.id, name: actor.name, email: actor.email, role: actor.role, demo: actor.demo },
    needsSetup: (await administrators(runtime.db)) === 0,
    demoAllowed: await demoAllowed(runtime, request.headers),
  }
})
