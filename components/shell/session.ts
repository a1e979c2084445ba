/** Session verbs of the entrance pages. */
import { send } from '../api.ts'

export const signIn = (input: { email: string; password: string }) => send('/sign-in', { body: input })
export const createAdministrator = (input: { name: string; email: string; password: string }) => send('/setup', { body: input })
export const enterAsDemoUser = () => send('/session/demo', { method: 'POST', body: {} })
export async function signOut() {
  await send('/sign-out', { method: 'POST', body: {} })
  location.assign('/sign-in')
}

/** Where to go after the entrance: a page of ours, never another site. */
export function nextPage(search: string): string {
  const next = new URLSearchParams(search).get('next') ?? '/'
  return /^\/(?![/\\])/.test(next) ? next : '/'
}
