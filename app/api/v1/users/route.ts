import { authorise } from '../../../../console/define-verb.ts'
import { listUsers } from '../../../../console/readers/people.ts'
import { createUser } from '../../../../console/users/create-user.ts'
import { handle } from '../route-helper.ts'

export const GET = handle(({ ctx }) => {
  authorise(ctx, 'read.users')
  return listUsers(ctx)
})

export const POST = handle(async ({ ctx, body }) => createUser.run(ctx, await body()), 201)
