import { EvenflowError } from '../../contract/errors.ts'
import { SetUserRole } from '../../contract/http-api.ts'
import type { Tx } from '../../db/client.ts'
import { defineVerb } from '../define-verb.ts'

/** Changes what a person may do, or shuts their account (their sessions end with it). Somebody must stay administrator. */
export const setUserRole = defineVerb({
  name: 'users.setRole',
  input: SetUserRole,
  async write({ ctx, tx, input }) {
    const user = await tx.user.findUnique({ where: { id: input.id } })
    if (!user) throw new EvenflowError('not_found', `There is no user ${input.id}.`)
    const role = input.role ?? user.role
    const disabledAt = input.disabled === undefined ? user.disabledAt : input.disabled ? (user.disabledAt ?? ctx.now()) : null
    if (user.role === 'admin' && !user.disabledAt && (role !== 'admin' || disabledAt)) await mustLeaveAnAdmin(tx, user.id)
    await tx.user.update({ where: { id: user.id }, data: { role, disabledAt } })
    if (disabledAt) await tx.session.deleteMany({ where: { userId: user.id } })
    return {
      output: { id: user.id },
      audit: {
        targetType: 'user',
        targetId: user.email,
        before: { role: user.role, disabled: user.disabledAt !== null },
        after: { role, disabled: disabledAt !== null },
      },
    }
  },
})

async function mustLeaveAnAdmin(tx: Tx, without: string): Promise<void> {
  const others = await tx.user.count({ where: { role: 'admin', disabledAt: null, id: { not: without } } })
  if (others === 0)
    throw new EvenflowError('not_allowed_now', 'This is the only administrator.', { hint: 'Make somebody else administrator first.' })
}
