/** What all code may rely on of `Db`, on both databases alike. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import type { Db } from './client.ts'
import { inTransaction, isNotFound, isUniqueViolation } from './transaction.ts'
import type { TestDatabase } from './testing/test-databases.ts'
import { describeDatabases } from './testing/test-databases.ts'

const stream = (name: string) => ({
  id: `id-${name}`,
  name,
  fields: [{ name: 'at', type: 'timestamp' }],
  eventTime: 'at',
  source: { kind: 'embedded' },
  createdBy: 'test',
})

async function makeView(db: Db, name: string) {
  await db.stream.create({ data: stream(name) })
  return db.view.create({ data: { id: `view-${name}`, name, streamId: `id-${name}`, createdBy: 'test' } })
}

await describeDatabases('the database contract', (databases) => {
  let test: TestDatabase
  let db: Db
  beforeAll(async () => {
    test = await databases.migrated()
    db = test.db
  })

  it('keeps instants to the millisecond, before 1970 too, whatever the time zone of server and process', async () => {
    for (const [i, at] of ['2001-03-25T01:59:59.999Z', '1900-01-01T00:00:00.000Z', '2199-12-31T23:59:59.001Z'].entries()) {
      await db.lease.create({ data: { name: `date-${i}`, holder: 'x', expiresAt: new Date(at) } })
      const row = await db.lease.findUniqueOrThrow({ where: { name: `date-${i}` } })
      expect(row.expiresAt.toISOString()).toBe(at)
    }
    const later = await db.lease.findMany({
      where: { name: { startsWith: 'date-' }, expiresAt: { gt: new Date('2001-03-25T01:59:59.998Z') } },
      orderBy: { expiresAt: 'asc' },
    })
    expect(later.map((row) => row.name)).toEqual(['date-0', 'date-2'])
  })

  it('keeps JSON as it was: order of lists, null, numbers to 2^53, any text, and tells an absent value from an empty one', async () => {
    const value = { b: [3, 1, 2], a: null, n: 9007199254740991, d: -0.1, text: 'naïve "quoted" \\ 数据 🛫\u0001', nested: { deep: [{}] } }
    const row = await db.audit.create({ data: { actor: 'x', via: 'test', action: 'a', targetType: 't', targetId: '1', after: value } })
    const read = await db.audit.findUniqueOrThrow({ where: { id: row.id } })
    expect(read.after).toEqual(value)
    expect(read.before).toBeNull()
    const list = await db.parameter.create({ data: { key: 'k', scope: 'system', value: false, updatedBy: 'x' } })
    expect(list.value).toBe(false)
  })

  it('keeps whole numbers to 2^53 and doubles exactly', async () => {
    const view = await makeView(db, 'numbers')
    const job = await db.job.create({ data: { viewId: view.id, version: 1, startFrom: {} } })
    const big = 9_007_199_254_740_991n // offsets and byte counts: SQLite's driver gives no larger ones
    const row = await db.checkpoint.create({
      data: {
        jobId: job.id,
        run: 1,
        number: 1,
        kind: 'checkpoint',
        status: 'COMPLETED',
        triggeredAt: new Date(),
        positions: { 0: 5 },
        fullBytes: big,
        maxEventTimeMs: 1795389000123,
        durationMs: 0.1,
      },
    })
    const read = await db.checkpoint.findUniqueOrThrow({ where: { id: row.id } })
    expect([read.fullBytes, read.checkpointedBytes, read.maxEventTimeMs, read.durationMs]).toEqual([big, 0n, 1795389000123, 0.1])
  })

  it('keeps long texts: SQL of 100,000 characters', async () => {
    const view = await makeView(db, 'long')
    const sql = '数'.repeat(100_000)
    await db.viewVersion.create({
      data: { id: 'long-1', viewId: view.id, version: 1, sql, definition: {}, definitionHash: 'h', featureTypes: [], createdBy: 'x' },
    })
    expect((await db.viewVersion.findUniqueOrThrow({ where: { id: 'long-1' } })).sql).toBe(sql)
  })

  it('names are exact: case and accents make another one', async () => {
    await db.stream.create({ data: stream('flights') })
    await db.stream.create({ data: { ...stream('Flights'), id: 'other' } })
    expect(await db.stream.count({ where: { name: 'flights' } })).toBe(1)
  })

  it('a taken unique key is a unique violation, inside a transaction too, and undoes what came before', async () => {
    await db.stream.create({ data: stream('taken') })
    const error = await db.stream.create({ data: { ...stream('taken'), id: 'another' } }).catch((caught: unknown) => caught)
    expect(isUniqueViolation(error)).toBe(true)
    const failed = await inTransaction(db, async (tx) => {
      await tx.stream.create({ data: stream('undone') })
      await tx.stream.create({ data: { ...stream('taken'), id: 'another' } })
    }).catch((caught: unknown) => caught)
    expect(isUniqueViolation(failed)).toBe(true)
    expect(await db.stream.count({ where: { name: 'undone' } })).toBe(0)
  })

  it('an update of a row that is not there says so', async () => {
    const error = await db.stream.update({ where: { name: 'nowhere' }, data: { note: 'x' } }).catch((caught: unknown) => caught)
    expect(isNotFound(error)).toBe(true)
  })

  it('a reference to nothing is refused, and deleting takes along what belongs to a row', async () => {
    await expect(db.view.create({ data: { id: 'orphan', name: 'orphan', streamId: 'nowhere', createdBy: 'x' } })).rejects.toThrow()
    const { id: streamId } = await db.stream.create({ data: stream('with-letters') })
    await db.deadLetter.create({ data: { streamId, dedupKey: 'one', code: 'not_json', message: 'm', raw: '{' } })
    await db.stream.delete({ where: { id: streamId } })
    expect(await db.deadLetter.count({ where: { dedupKey: 'one' } })).toBe(0)
  })

  it('of many conditional updates at once exactly one wins', async () => {
    const view = await makeView(db, 'authority')
    await db.authority.create({ data: { viewId: view.id, epoch: 1 } })
    const other = await test.open()
    const counts = await Promise.all(
      Array.from({ length: 16 }, (_, i) =>
        (i % 2 ? db : other).authority.updateMany({ where: { viewId: view.id, epoch: 1 }, data: { epoch: 2, version: i } }),
      ),
    )
    expect(counts.filter(({ count }) => count === 1)).toHaveLength(1)
    expect(counts.filter(({ count }) => count === 0)).toHaveLength(15)
  })

  it('transactions that read and then write lose nothing, over several connections', async () => {
    await db.lease.create({ data: { name: 'counter', holder: 'x', expiresAt: new Date(0), epoch: 0 } })
    const other = await test.open()
    const addOne = (client: Db) =>
      inTransaction(client, async (tx) => {
        await tx.lease.updateMany({ where: { name: 'counter' }, data: { holder: 'locked' } }) // the lock comes first, as in the verbs
        const { epoch } = await tx.lease.findUniqueOrThrow({ where: { name: 'counter' } })
        await tx.lease.update({ where: { name: 'counter' }, data: { epoch: epoch + 1 } })
      })
    await Promise.all(Array.from({ length: 20 }, (_, i) => addOne(i % 2 ? db : other)))
    expect((await db.lease.findUniqueOrThrow({ where: { name: 'counter' } })).epoch).toBe(20)
  })

  it('two processes may write at once', async () => {
    const writers = ['a', 'b'].map((name) =>
      spawn(process.execPath, [join(import.meta.dirname, 'testing/write-rows.ts'), test.url, name, '40'], {
        stdio: ['ignore', 'ignore', 'pipe'],
      }),
    )
    const ends = await Promise.all(
      writers.map(async (child) => {
        let said = ''
        child.stderr.setEncoding('utf8').on('data', (chunk: string) => (said += chunk))
        const [code] = (await once(child, 'close')) as [number | null]
        return { code, said }
      }),
    )
    expect(ends).toEqual([
      { code: 0, said: '' },
      { code: 0, said: '' },
    ])
    const rows = await db.audit.findMany({ where: { via: 'writer' }, select: { targetId: true } })
    expect(new Set(rows.map((row) => row.targetId)).size).toBe(80)
  })
})
