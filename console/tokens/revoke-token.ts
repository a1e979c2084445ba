import { z } from 'zod'
import { EvenflowError } from '../../contract/errors.ts'
import { defineVerb } from '../define-verb.ts'

export const revokeToken = defineVerb({
  name: 'tokens.revoke',
  input: z.object({ id: z.string() }),
  async write({ ctx, tx, input }) {
    const row = await tx.apiToken.findUnique({ where: { id: input.id } })
    if (!row) throw new EvenflowError('not_found', `There is no token ${input.id}.`)
    if (row.revokedAt) return { output: { id: row.id }, audit: 'unchanged' }
    await tx.apiToken.update({ where: { id: row.id }, data: { revokedAt: ctx.now() } })
    return {
      output: { id: row.id },
      audit: { targetType: 'token', targetId: row.id, before: { name: row.name, role: row.role }, after: { revoked: true } },
    }
  },
})
