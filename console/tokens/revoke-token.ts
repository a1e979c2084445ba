import { z } from 'zod'
import { EvenflowError } from '../../contract/errors.ts'
import { may } from '../auth/permissions.ts'
import { defineVerb } from '../define-verb.ts'

/** One's own, or as an administrator anybody's. Somebody else's is not even there. */
export const revokeToken = defineVerb({
  name: 'tokens.revoke',
  input: z.object({ id: z.string() }),
  async write({ ctx, tx, input }) {
    const row = await tx.apiToken.findUnique({ where: { id: input.id } })
    if (!row || (row.userId !== ctx.actor.id && !may(ctx.actor.role, 'tokens.others')))
      throw new EvenflowError('not_found', `There is no token ${input.id}.`)
    if (row.revokedAt) return { output: { id: row.id }, audit: 'unchanged' }
    await tx.apiToken.update({ where: { id: row.id }, data: { revokedAt: ctx.now() } })
    return {
      output: { id: row.id },
      audit: { targetType: 'token', targetId: row.id, before: { name: row.name, role: row.role }, after: { revoked: true } },
    }
  },
})
