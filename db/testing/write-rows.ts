/** A process of its own for contract.test.ts: so many transactions that count, then write. Arguments: url, name, count. */
import { openDatabase } from '../client.ts'
import { inTransaction } from '../transaction.ts'

const [, , url, name, count] = process.argv
const db = await openDatabase({ url })
for (let i = 0; i < Number(count); i++)
  await inTransaction(db, async (tx) => {
    await tx.audit.count()
    await tx.audit.create({ data: { actor: name!, via: 'writer', action: 'write', targetType: 'row', targetId: `${name}-${i}` } })
  })
await db.$disconnect()
