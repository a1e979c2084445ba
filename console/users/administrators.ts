import type { Db, Tx } from '../../db/client.ts'

export const administrators = (db: Db | Tx): Promise<number> => db.user.count({ where: { role: 'admin', disabledAt: null } })
