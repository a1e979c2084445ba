import { randomBytes, randomUUID } from 'node:crypto'
import { EvenflowError } from '../../contract/errors.ts'
import { CreateToken } from '../../contract/http-api.ts'
import { atLeast } from '../auth/permissions.ts'
import { hashToken } from '../auth/token-hash.ts'
import { defineVerb } from '../define-verb.ts'

/** A token for scripts, with its maker's role at most. It is in this answer only; the database keeps its SHA-256. */
export const createToken = defineVerb({
  name: 'tokens.create',
  input: CreateToken,
  async prepare({ ctx, input }) {
    if (atLeast(ctx.actor.role, input.role)) return
    throw new EvenflowError(
      'forbidden',
      `${ctx.actor.name} has the role ${ctx.actor.role} and can't make a token with the role ${input.role}.`,
      {
        hint: 'Choose your own role or a lesser one.',
      },
    )
  },
  async write({ ctx, tx, input }) {
    const token = `evf_${randomBytes(32).toString('base64url')}`
    const createdAt = ctx.now()
    const row = await tx.apiToken.create({
      data: {
        id: randomUUID(),
        name: input.name,
        role: input.role,
        tokenHash: hashToken(token),
        userId: ctx.actor.via === 'session' ? ctx.actor.id : null,
        createdAt,
      },
    })
    const output = {
      id: row.id,
      name: row.name,
      role: input.role,
      createdAt: createdAt.toISOString(),
      lastUsedAt: null,
      revokedAt: null,
      token,
    }
    return { output, audit: { targetType: 'token', targetId: row.id, after: { name: row.name, role: row.role } } }
  },
})
