/** A request's headers → who asks: a bearer token (the environment's, or one from the database) or a session cookie. */
import { EvenflowError } from '../../contract/errors.ts'
import { Role } from '../../contract/http-api.ts'
import type { Actor } from '../context.ts'
import type { Runtime } from '../runtime.ts'
import { demoUserId } from './demo-user.ts'
import { peerAddress } from './peer.ts'
import { lesser } from './permissions.ts'
import { hashToken, sameSecret } from './token-hash.ts'

const lastUsedEveryMs = 60_000

/** null: nobody. A token that is given and wrong is an error of its own, so that nobody goes on as somebody else. */
export async function identify(runtime: Runtime, headers: Headers): Promise<Actor | null> {
  const bearer = /^Bearer\s+(\S+)$/i.exec(headers.get('authorization') ?? '')?.[1]
  const address = peerAddress(headers)
  return bearer ? byToken(runtime, bearer, address) : bySession(runtime, headers, address)
}

async function byToken(runtime: Runtime, token: string, address: string | null): Promise<Actor> {
  const common = { email: null, demo: false, via: 'token' as const, address }
  const { apiToken } = runtime.settings
  if (apiToken && sameSecret(apiToken, token))
    return { id: 'token:environment', personId: 'token:environment', name: 'EVENFLOW_API_TOKEN', role: 'admin', ...common }
  const row = await runtime.db.apiToken.findUnique({ where: { tokenHash: hashToken(token) } })
  if (!row || row.revokedAt)
    throw new EvenflowError('unauthenticated', row ? 'This token has been revoked.' : 'This token is not known.', {
      hint: 'Make a new one under Settings, Tokens.',
    })
  const role = await roleOf(runtime, row)
  const now = runtime.now()
  if (!row.lastUsedAt || now.getTime() - row.lastUsedAt.getTime() > lastUsedEveryMs)
    await runtime.db.apiToken.updateMany({ where: { id: row.id }, data: { lastUsedAt: now } }).catch(() => {}) // a busy database must not cost the request
  return { id: `token:${row.id}`, personId: row.userId ?? `token:${row.id}`, name: `token ${row.name}`, role, ...common }
}

/** A token never does more than its maker may now, and nothing once their account is shut. */
async function roleOf(runtime: Runtime, token: { role: string; userId: string | null }): Promise<Role> {
  const role = Role.parse(token.role)
  if (token.userId === null) return role
  const maker = await runtime.db.user.findUnique({ where: { id: token.userId } })
  if (maker && !maker.disabledAt) return lesser(role, Role.parse(maker.role))
  throw new EvenflowError('unauthenticated', 'The account that this token was made with is shut.', { hint: 'Ask an administrator.' })
}

async function bySession(runtime: Runtime, headers: Headers, address: string | null): Promise<Actor | null> {
  if (!headers.has('cookie')) return null
  const session = await runtime.auth.api.getSession({ headers })
  if (!session || session.user.disabledAt) return null
  const { user } = session
  const role = Role.safeParse(user.role)
  return {
    id: user.id,
    personId: user.id,
    name: user.id === demoUserId ? user.name : user.email,
    email: user.email,
    role: role.success ? role.data : 'viewer',
    demo: user.id === demoUserId,
    via: 'session',
    address,
  }
}

/**
 * A browser sends its cookie along with whatever page asks; a write must come from our own page. Tokens are sent on purpose and need no such check.
 */
export function checkOrigin(headers: Headers): void {
  if (headers.has('authorization')) return
  const origin = headers.get('origin')
  const host = headers.get('x-forwarded-host') ?? headers.get('host')
  let same = false
  try {
    same = origin !== null && new URL(origin).host === host
  } catch {
    // not a URL ("null"): somebody else's page
  }
  if (same) return
  throw new EvenflowError(
    'forbidden',
    origin ? `This write comes from a page of ${origin}, not from this console.` : 'This write names no origin.',
    {
      hint: 'Use the console itself, or a bearer token for scripts.',
    },
  )
}
