import { handle } from '../route-helper.ts'

export const GET = handle(async ({ ctx: { actor } }) => ({
  id: actor.id,
  name: actor.name,
  email: actor.email,
  role: actor.role,
  demo: actor.demo,
}))
