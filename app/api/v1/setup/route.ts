import { peerAddress } from '../../../../console/auth/peer.ts'
import { contextFor, systemActor } from '../../../../console/runtime.ts'
import { createFirstAdministrator } from '../../../../console/users/create-first-administrator.ts'
import { handleOpen } from '../route-helper.ts'

/** The first administrator, who is signed in at once. */
export const POST = handleOpen(async ({ runtime, request, body }) => {
  const ctx = contextFor(runtime, systemActor('first visitor', peerAddress(request.headers)))
  const { id } = await createFirstAdministrator.run(ctx, await body())
  return runtime.auth.api.startSession({ body: { userId: id }, headers: request.headers, asResponse: true })
})
