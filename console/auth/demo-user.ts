/** The demo user: somebody at this very machine who wants to look before making accounts. Role operator: may do all of the guided path, not make users or tokens. */
import { EvenflowError } from '../../contract/errors.ts'
import type { Runtime } from '../runtime.ts'
import { administrators } from '../users/administrators.ts'
import { isLoopback } from './peer.ts'

export const demoUserId = 'demo'

export async function demoAllowed(runtime: Runtime, headers: Headers): Promise<boolean> {
  if (!isLoopback(headers)) return false
  return runtime.settings.demo || (await administrators(runtime.db)) === 0
}

/** Answers with the session's cookie. */
export async function startDemoSession(runtime: Runtime, headers: Headers): Promise<Response> {
  if (!(await demoAllowed(runtime, headers)))
    throw new EvenflowError(
      'forbidden',
      'The demo user may come in from this machine only, and not where EVENFLOW_DEMO is off and an administrator exists.',
      { hint: 'Open the page by http://localhost, or sign in.' },
    )
  await runtime.db.user.upsert({
    where: { id: demoUserId },
    create: { id: demoUserId, email: 'demo@evenflow.local', name: 'Demo user', role: 'operator' },
    update: {},
  })
  return runtime.auth.api.startSession({ body: { userId: demoUserId }, headers, asResponse: true })
}
