import { EvenflowError } from '../../contract/errors.ts'
import { Setup } from '../../contract/http-api.ts'
import { isUniqueViolation } from '../../db/transaction.ts'
import { defineVerb } from '../define-verb.ts'
import { administrators } from './administrators.ts'
import { hashPassword, insertUser } from './insert-user.ts'

/** The first administrator, by the first visitor or by the environment; both run it as the system itself. Never a second one. */
export const createFirstAdministrator = defineVerb({
  name: 'users.create',
  input: Setup,
  prepare: ({ input }) => hashPassword(input.password),
  async write({ ctx, tx, input: { name, email }, prepared: passwordHash }) {
    const taken = (cause?: unknown) =>
      new EvenflowError('already_exists', 'There is an administrator already.', { hint: 'Sign in, or ask them for an account.', cause })
    if ((await administrators(tx)) > 0) throw taken()
    try {
      // two visitors at once: the second one finds the name taken
      await tx.lease.create({ data: { name: 'first-administrator', holder: email, expiresAt: ctx.now() } })
    } catch (error) {
      throw isUniqueViolation(error) ? taken(error) : error
    }
    const id = await insertUser(tx, { name, email, role: 'admin', passwordHash })
    return { output: { id }, audit: { targetType: 'user', targetId: email, after: { name, role: 'admin' } } }
  },
})
