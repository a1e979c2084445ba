import { randomUUID } from 'node:crypto'
import { hashPassword } from 'better-auth/crypto'
import { EvenflowError } from '../../contract/errors.ts'
import type { Role } from '../../contract/http-api.ts'
import type { Tx } from '../../db/client.ts'
import { isUniqueViolation } from '../../db/transaction.ts'

/** scrypt takes a tenth of a second: hash before the transaction. */
export { hashPassword }

export async function insertUser(tx: Tx, user: { name: string; email: string; role: Role; passwordHash: string }): Promise<string> {
  const id = randomUUID()
  try {
    await tx.user.create({
      data: {
        id,
        email: user.email,
        name: user.name,
        role: user.role,
        accounts: { create: { id: randomUUID(), accountId: id, providerId: 'credential', password: user.passwordHash } },
      },
    })
  } catch (error) {
    if (!isUniqueViolation(error)) throw error
    throw new EvenflowError('already_exists', `There is a user ${user.email} already.`, { cause: error })
  }
  return id
}
