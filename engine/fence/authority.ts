/**
 * A view's authority: the job whose word counts, with an epoch that rises by one each time it moves. It moves by one conditional update, so
 * that of all who have seen the same, one moves it, and doing it again after a crash finds it done.
 */
import type { Db } from '../../db/client.ts'
import { isUniqueViolation } from '../../db/transaction.ts'

export interface Authority {
  /** null: no job has it yet */
  readonly jobId: number | null
  readonly version: number
  readonly epoch: number
}

export interface AuthorityStore {
  /** Null: it was never given to anybody. */
  read(viewId: string): Promise<Authority | null>
  /** The new epoch; null: it is no longer as it was seen. */
  move(viewId: string, seen: Authority | null, to: { readonly jobId: number; readonly version: number }): Promise<number | null>
}

export const databaseAuthority = (db: Db): AuthorityStore => ({
  read: (viewId) => db.authority.findUnique({ where: { viewId }, select: { jobId: true, version: true, epoch: true } }),
  async move(viewId, seen, { jobId, version }) {
    const data = { jobId, version, epoch: (seen?.epoch ?? 0) + 1 }
    if (seen) {
      const { count } = await db.authority.updateMany({ where: { viewId, epoch: seen.epoch }, data })
      return count === 0 ? null : data.epoch
    }
    try {
      await db.authority.create({ data: { viewId, ...data } })
    } catch (error) {
      if (isUniqueViolation(error)) return null
      throw error
    }
    return data.epoch
  },
})
