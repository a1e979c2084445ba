import { randomUUID } from 'node:crypto'
import { beforeAll } from 'vitest'
import type { Db } from '../../db/client.ts'
import { describeDatabases } from '../../db/testing/test-databases.ts'
import { authorityContract } from './authority-contract.ts'
import { databaseAuthority } from './authority.ts'

await describeDatabases('authority', (databases, kind) => {
  let connections: [Db, Db]
  beforeAll(async () => {
    const test = await databases.migrated()
    connections = [test.db, await test.open()]
  })
  authorityContract(kind, async () => {
    const [db] = connections
    const id = randomUUID()
    const name = `v_${id.slice(0, 8)}`
    await db.stream.create({ data: { id, name, fields: [], eventTime: 'ts', source: { kind: 'embedded' }, createdBy: 'test' } })
    await db.view.create({ data: { id, name, streamId: id, createdBy: 'test' } })
    return { stores: connections.map(databaseAuthority), viewId: id }
  })
})
