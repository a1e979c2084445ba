import { CreateUser } from '../../contract/http-api.ts'
import { defineVerb } from '../define-verb.ts'
import { hashPassword, insertUser } from './insert-user.ts'

export const createUser = defineVerb({
  name: 'users.create',
  input: CreateUser,
  prepare: ({ input }) => hashPassword(input.password),
  async write({ tx, input: { name, email, role }, prepared: passwordHash }) {
    const id = await insertUser(tx, { name, email, role, passwordHash })
    return { output: { id }, audit: { targetType: 'user', targetId: email, after: { name, role } } }
  },
})
