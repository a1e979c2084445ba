import { setUserRole } from '../../../../../console/users/set-user-role.ts'
import { handle } from '../../route-helper.ts'

export const PUT = handle(async ({ ctx, params, body }) => setUserRole.run(ctx, { ...((await body()) as object), id: params.id }))
