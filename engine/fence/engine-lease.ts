/**
 * One engine per metadata database: a lease row, renewed while the engine lives. The same data directory takes its own
 * lease over at once (its lock has decided already); a stranger waits until it has run out.
 */
import type { Db } from '../../db/client.ts'

export class LeaseHeld extends Error {
  override readonly name = 'LeaseHeld'
}

const VALID_MS = 15_000

export async function takeEngineLease(
  db: Db,
  holder: string,
  now: () => number,
): Promise<{ epoch: number; renew: () => Promise<boolean>; release: () => Promise<void> }> {
  const name = 'engine'
  const held = await db.lease.findUnique({ where: { name } })
  if (held && held.holder !== holder && held.expiresAt.getTime() > now())
    throw new LeaseHeld(
      `The database belongs to another engine, ${held.holder}, until ${held.expiresAt.toISOString()}. Stop that engine, or give this one its own DATABASE_URL.`,
    )
  const epoch = (held?.epoch ?? 0) + 1
  const next = { holder, epoch, expiresAt: new Date(now() + VALID_MS) }
  if (held) {
    const { count } = await db.lease.updateMany({ where: { name, epoch: held.epoch }, data: next })
    if (count === 0) throw new LeaseHeld('Another engine took the database at the same moment. Only one may use it.')
  } else await db.lease.create({ data: { name, ...next } })
  return {
    epoch,
    /** false: another engine has it now, and this one must end */
    async renew() {
      const { count } = await db.lease.updateMany({ where: { name, epoch }, data: { expiresAt: new Date(now() + VALID_MS) } })
      return count > 0
    },
    async release() {
      await db.lease.updateMany({ where: { name, epoch }, data: { expiresAt: new Date(now()) } })
    },
  }
}
