import type { ApiToken, User } from '../../contract/http-api.ts'
import { Role } from '../../contract/http-api.ts'
import { may } from '../auth/permissions.ts'
import type { ConsoleContext } from '../context.ts'
import { iso } from '../context.ts'

export async function listUsers(ctx: ConsoleContext): Promise<{ items: User[] }> {
  const rows = await ctx.db.user.findMany({ orderBy: { createdAt: 'asc' } })
  return {
    items: rows.map(({ id, name, email, role, disabledAt, createdAt }) => ({
      id,
      name,
      email,
      role: Role.parse(role),
      disabled: disabledAt !== null,
      createdAt: createdAt.toISOString(),
    })),
  }
}

/** One's own tokens; administrators see all. */
export async function listTokens(ctx: ConsoleContext): Promise<{ items: ApiToken[] }> {
  const rows = await ctx.db.apiToken.findMany({
    where: may(ctx.actor.role, 'tokens.others') ? {} : { userId: ctx.actor.id },
    orderBy: { createdAt: 'desc' },
  })
  return {
    items: rows.map(({ id, name, role, createdAt, lastUsedAt, revokedAt }) => ({
      id,
      name,
      role: Role.parse(role),
      createdAt: createdAt.toISOString(),
      lastUsedAt: iso(lastUsedAt),
      revokedAt: iso(revokedAt),
    })),
  }
}
