/**
 * Prisma's libSQL adapter with three things that two processes on one file need:
 * WAL, patience with another writer (busy-retry.ts), and transactions that take the write lock at their beginning. A deferred transaction that reads
 * and then writes fails at once when another process wrote in between (SQLITE_BUSY_SNAPSHOT), whatever the timeout.
 * One connection serves all: the adapter lets one statement or transaction at a time through.
 */
import { PrismaLibSql } from '@prisma/adapter-libsql'
import { driverPatienceMs, withBusyRetry } from './busy-retry.ts'

type Client = ReturnType<PrismaLibSql['createClient']>
type Transaction = Awaited<ReturnType<Client['transaction']>>

export class ImmediateLibSql extends PrismaLibSql {
  override createClient(config: Parameters<PrismaLibSql['createClient']>[0]): Client {
    const client = super.createClient({ ...config, timeout: driverPatienceMs } as typeof config)
    const reconnect = async () => {
      await client.reconnect()
      await settle(client)
    }
    const ready = prepare(client, reconnect)
    ready.catch(() => {}) // told to whoever uses the client first
    const transaction = async (): Promise<Transaction> => {
      await ready
      await withBusyRetry(() => client.execute('BEGIN IMMEDIATE'), reconnect)
      return onSameConnection(client)
    }
    return new Proxy(client, {
      get(target, property) {
        if (property === 'transaction') return transaction
        const value: unknown = Reflect.get(target, property, target)
        if (typeof value !== 'function') return value
        if (property === 'close') return value.bind(target)
        return async (...args: unknown[]) => {
          await ready
          return withBusyRetry(async () => (value as (...args: unknown[]) => unknown).apply(target, args), reconnect)
        }
      },
    })
  }
}

async function prepare(client: Client, reconnect: () => Promise<void>): Promise<void> {
  await withBusyRetry(
    () => client.execute('PRAGMA journal_mode = WAL'),
    () => client.reconnect(),
  )
  await withBusyRetry(() => settle(client), reconnect)
}

/** What SQLite forgets with each connection. */
async function settle(client: Client): Promise<void> {
  await client.execute('PRAGMA synchronous = NORMAL') // a power cut may lose the last commits, never the file
  await client.execute('PRAGMA foreign_keys = ON')
}

function onSameConnection(client: Client): Transaction {
  let open = true
  const end = async (statement: 'COMMIT' | 'ROLLBACK') => {
    if (!open) return
    await client.execute(statement)
    open = false
  }
  return {
    execute: (statement: Parameters<Client['execute']>[0]) => client.execute(statement),
    commit: async () => {
      try {
        await end('COMMIT')
      } catch (error) {
        await end('ROLLBACK').catch(() => {})
        open = false
        throw error
      }
    },
    rollback: () => end('ROLLBACK'),
    close: () => {},
    get closed() {
      return !open
    },
  } as unknown as Transaction
}
