/** Who asks: the console by the engine's own token, a person or script by an API token (kept as sha-256 only). */
import { createHash, timingSafeEqual } from 'node:crypto'
import { EvenflowError } from '../../contract/errors.ts'
import type { Db } from '../../db/client.ts'

export type Caller = { kind: 'console' } | { kind: 'token'; role: string }

const KNOWN_FOR_MS = 5_000

export function authenticator(options: {
  db: Db
  engineToken: string | undefined
  adminToken: string | undefined
  now: () => number
}): (header: string | undefined) => Promise<Caller> {
  const known = new Map<string, { caller: Caller; untilMs: number }>()
  const same = (a: string, b: string | undefined): boolean => b !== undefined && b !== '' && timingSafeEqual(sha256(a), sha256(b))
  return async (header) => {
    const token = /^Bearer (.+)$/i.exec(header ?? '')?.[1]?.trim()
    if (!token)
      throw new EvenflowError('unauthenticated', 'This needs a token.', {
        hint: 'Send the header "Authorization: Bearer TOKEN"; tokens are made on the settings page.',
      })
    if (same(token, options.engineToken)) return { kind: 'console' }
    if (same(token, options.adminToken)) return { kind: 'token', role: 'admin' }
    const tokenHash = sha256(token).toString('hex')
    const cached = known.get(tokenHash)
    if (cached && cached.untilMs > options.now()) return cached.caller
    const row = await options.db.apiToken.findUnique({ where: { tokenHash } })
    if (!row || row.revokedAt)
      throw new EvenflowError('unauthenticated', 'This token is unknown or was revoked.', { hint: 'Make a new one on the settings page.' })
    const caller: Caller = { kind: 'token', role: row.role }
    if (known.size > 1000) known.clear()
    known.set(tokenHash, { caller, untilMs: options.now() + KNOWN_FOR_MS })
    void options.db.apiToken.updateMany({ where: { tokenHash }, data: { lastUsedAt: new Date(options.now()) } }).catch(() => undefined)
    return caller
  }
}

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest()
