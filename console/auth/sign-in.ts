import { EvenflowError } from '../../contract/errors.ts'
import { SignIn } from '../../contract/http-api.ts'
import { parse } from '../define-verb.ts'
import type { Runtime } from '../runtime.ts'
import { peerAddress } from './peer.ts'

/** Answers with the session's cookie. One sentence for a wrong address and a wrong password: nobody learns which accounts there are. */
export async function signIn(runtime: Runtime, headers: Headers, input: unknown): Promise<Response> {
  const { email, password } = parse(SignIn, input)
  const address = peerAddress(headers)
  runtime.signInLimit.check(address, email, runtime.now().getTime())
  const refuse = () => {
    runtime.signInLimit.failed(address, email, runtime.now().getTime())
    return new EvenflowError('unauthenticated', 'E-mail and password do not go together.', {
      hint: 'Check both; an administrator can make you a new account.',
    })
  }
  const user = await runtime.db.user.findUnique({ where: { email } })
  const answer = await runtime.auth.api.signInEmail({ body: { email, password }, headers, asResponse: true })
  if (!answer.ok || !user || user.disabledAt) throw refuse()
  runtime.signInLimit.succeeded(email)
  return answer
}
