import { z } from 'zod'
import { EvenflowError } from '../../contract/errors.ts'
import { defineVerb } from '../define-verb.ts'

/** Pinned: cannot be disposed until somebody unpins it. */
export const pinSavepoint = defineVerb({
  name: 'savepoints.pin',
  input: z.object({ id: z.int(), reason: z.string().trim().max(500).optional() }),
  async write({ tx, input }) {
    const { count } = await tx.savepoint.updateMany({
      where: { id: input.id, status: 'COMPLETED' },
      data: { pinned: true, pinnedReason: input.reason ?? null },
    })
    if (count === 0) throw new EvenflowError('not_found', `There is no completed savepoint ${input.id}.`)
    return {
      output: { id: input.id },
      audit: { targetType: 'savepoint', targetId: String(input.id), after: { pinned: true, reason: input.reason ?? null } },
    }
  },
})
