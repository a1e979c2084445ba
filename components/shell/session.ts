/** Session verbs of the entrance pages. */
import { send } from '../api.ts'

export const signIn = (input: { email: string; password: string }) => send('/session', { body: input })
export const createAdministrator = (input: { name: string; email: string; password: string }) => send('/session/first-administrator', { body: input })
export const enterAsDemoUser = () => send('/session/demo', { method: 'POST', body: {} })
export async function signOut() {
  await send('/session', { method: 'DELETE' })
  location.assign('/sign-in')
}
