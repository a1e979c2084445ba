import { signIn } from '../../../../console/auth/sign-in.ts'
import { handleOpen } from '../route-helper.ts'

export const POST = handleOpen(async ({ runtime, request, body }) => {
  const answer = await signIn(runtime, request.headers, await body())
  return Response.json({ ok: true }, { headers: cookiesOf(answer) })
})

/** Only the cookies of better-auth's answer: its body holds the session's token, which no script may see. */
function cookiesOf(answer: Response): Headers {
  const headers = new Headers({ 'cache-control': 'no-store' })
  for (const cookie of answer.headers.getSetCookie()) headers.append('set-cookie', cookie)
  return headers
}
