import type { AuditEntry } from '../../contract/http-api.ts'
import type { ConsoleContext } from '../context.ts'
import { before, page, pageSize } from './page.ts'

export type AuditQuery = {
  cursor?: number | undefined
  limit?: number | undefined
  targetType?: string | undefined
  targetId?: string | undefined
  actor?: string | undefined
  action?: string | undefined
}

export async function listAudit(ctx: ConsoleContext, { cursor, limit, ...filter }: AuditQuery) {
  const size = pageSize(limit)
  const where = Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined))
  const rows = await ctx.db.audit.findMany({ where: { ...before(cursor), ...where }, orderBy: { id: 'desc' }, take: size + 1 })
  return page(
    rows,
    size,
    ({ id, at, actor, via, action, targetType, targetId, before: was, after, address }): AuditEntry => ({
      id,
      at: at.toISOString(),
      actor,
      via,
      action,
      targetType,
      targetId,
      before: was,
      after,
      address,
    }),
  )
}
