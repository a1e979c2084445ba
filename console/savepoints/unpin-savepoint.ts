import { z } from 'zod'
import { EvenflowError } from '../../contract/errors.ts'
import { defineVerb } from '../define-verb.ts'

export const unpinSavepoint = defineVerb({
  name: 'savepoints.unpin',
  input: z.object({ id: z.int() }),
  async write({ tx, input }) {
    const before = await tx.savepoint.findUnique({ where: { id: input.id } })
    if (!before) throw new EvenflowError('not_found', `There is no savepoint ${input.id}.`)
    if (!before.pinned) return { output: { id: input.id }, audit: 'unchanged' }
    await tx.savepoint.update({ where: { id: input.id }, data: { pinned: false, pinnedReason: null } })
    return {
      output: { id: input.id },
      audit: {
        targetType: 'savepoint',
        targetId: String(input.id),
        before: { pinned: true, reason: before.pinnedReason },
        after: { pinned: false },
      },
    }
  },
})
