/** Sessions of people, by better-auth on our own tables. Its HTTP handler is not exposed: our routes call it, check Origin and limit the rate themselves. */
import { prismaAdapter } from 'better-auth/adapters/prisma'
import { betterAuth } from 'better-auth'
import { createAuthEndpoint } from 'better-auth/api'
import { setSessionCookie } from 'better-auth/cookies'
import { z } from 'zod'
import type { Db } from '../../db/client.ts'

export type AuthOptions = { db: Db; kind: 'mysql' | 'sqlite'; secret: string }
export type Auth = ReturnType<typeof createAuth>

const week = 7 * 24 * 3600

export function createAuth({ db, kind, secret }: AuthOptions) {
  return betterAuth({
    database: prismaAdapter(db, { provider: kind }),
    secret,
    baseURL: 'http://localhost', // only used in links of mails, which we don't send
    emailAndPassword: { enabled: true, disableSignUp: true, minPasswordLength: 10, maxPasswordLength: 200 },
    user: { additionalFields: { role: { type: 'string', input: false }, disabledAt: { type: 'date', required: false, input: false } } },
    session: { expiresIn: week, updateAge: 24 * 3600 },
    // the console is served over plain HTTP on loopback; behind TLS the proxy adds Secure
    advanced: {
      cookiePrefix: 'evenflow',
      useSecureCookies: false,
      defaultCookieAttributes: { httpOnly: true, sameSite: 'lax', path: '/' },
      disableOriginCheck: true,
      disableCSRFCheck: true,
    },
    rateLimit: { enabled: false },
    logger: { level: 'error' },
    telemetry: { enabled: false },
    plugins: [startSession],
  })
}

/** Begins a session without a password: for the demo user, and for an administrator just made. Reached from our code only. */
const startSession = {
  id: 'start-session',
  endpoints: {
    startSession: createAuthEndpoint(
      '/start-session',
      { method: 'POST', body: z.object({ userId: z.string() }), metadata: { SERVER_ONLY: true } },
      async (ctx) => {
        const user = await ctx.context.internalAdapter.findUserById(ctx.body.userId)
        if (!user) throw new Error('There is no such user.')
        const session = await ctx.context.internalAdapter.createSession(user.id, false)
        await setSessionCookie(ctx, { session, user }, false)
        return ctx.json({ ok: true })
      },
    ),
  },
} as const
