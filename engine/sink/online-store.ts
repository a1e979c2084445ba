/**
 * The embedded online store: one LMDB environment per job of a view version, the newest row by key.
 * A row is written only if it is newer than the stored one by (asOf, n, step), decided inside the store's own write
 * transaction; a writer whose epoch is below the stored one is refused with `Fenced`.
 */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { open, type Database, type RootDatabase } from 'lmdb'
import { decodeOnlineRow, encodeOnlineRow, isNewer, type OnlineRow } from './online-row.ts'
import { Fenced, type OnlineReader, type ResultRow, type Sink } from './port.ts'

const BUFFER_KEYS = 5000
const BUFFER_MS = 100

export interface StoreFeature {
  readonly name: string
  readonly type: string
}

export interface OnlineStoreAt {
  readonly dataDir: string
  readonly view: string
  readonly version: number
  /** each job keeps its own rows: two jobs of one version may have begun at different instants */
  readonly jobId: number
}

/** `get` tells what the store holds for a key, rows still in the buffer included. */
export interface OnlineStore extends Sink, OnlineReader {
  get(key: string): OnlineRow | null
}

/** Read-only, from another process than the job's. */
export interface OnlineBrowser {
  readonly features: readonly string[]
  get(key: string): OnlineRow | null
  list(query: { limit: number; after?: string | undefined; search?: string | undefined }): {
    items: OnlineRow[]
    nextCursor: string | undefined
    total: number
  }
  close(): Promise<void>
}

export const onlineDir = (at: OnlineStoreAt): string => join(at.dataDir, 'online', at.view, `v${at.version}-j${at.jobId}`)

/** LMDB keys hold at most 1,978 bytes: a longer key is stored under its digest, and stands in full in the row. */
const storeKey = (key: string): string =>
  Buffer.byteLength(key) <= 1500 ? key : `${key.slice(0, 100)}~${createHash('sha256').update(key).digest('hex')}`

interface Env {
  readonly env: RootDatabase
  readonly rows: Database<Buffer, string>
  readonly meta: Database<unknown, string>
}

function openEnv(path: string, readOnly: boolean): Env {
  const env = open({ path, maxDbs: 4, noSubdir: false, readOnly })
  return {
    env,
    rows: env.openDB<Buffer, string>('rows', { encoding: 'binary' }),
    meta: env.openDB<unknown, string>('meta', { encoding: 'json' }),
  }
}

/** Throws Fenced when a higher epoch has already written here. */
export function openOnlineStore(at: OnlineStoreAt & { features: readonly StoreFeature[]; epoch: number }): OnlineStore {
  const path = onlineDir(at)
  mkdirSync(path, { recursive: true })
  const { env, rows, meta } = openEnv(path, false)
  const refuseIfFenced = (rowsToWrite: number): void => {
    const stored = (meta.get('epoch') as number | undefined) ?? 0
    if (stored > at.epoch)
      throw new Fenced(
        `Epoch ${at.epoch} of view ${at.view} may no longer write: the online store is at epoch ${stored}. Rows refused: ${rowsToWrite}.`,
      )
  }
  env.transactionSync(() => {
    refuseIfFenced(0)
    meta.putSync('epoch', at.epoch)
    meta.putSync(
      'features',
      at.features.map((feature) => feature.name),
    )
  })

  /** rows that no transaction has taken yet, and those of transactions that readers of the store cannot see yet */
  let buffer = new Map<string, ResultRow>()
  const unseen = new Set<Map<string, ResultRow>>()
  /** the transaction that will take the buffer, and the newest one that was asked for */
  let next: Promise<void> | null = null
  let newest: Promise<void> = Promise.resolve()
  let timer: NodeJS.Timeout | undefined
  let failure: unknown
  let closed = false

  /** Resolves when other processes see the rows. They are written by the store's own thread, which then brings them to disk: see `flush`. */
  function writeBuffer(): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    if (buffer.size === 0 || next) return newest
    next = newest = writeNext()
    newest.catch((error: unknown) => {
      failure ??= error // told at the next write or flush
    })
    return newest
  }

  async function writeNext(): Promise<void> {
    let taken = buffer
    try {
      await env.transaction(() => {
        taken = buffer // with all that has come until now
        buffer = new Map()
        next = null
        unseen.add(taken)
        refuseIfFenced(taken.size)
        for (const row of taken.values()) {
          const id = storeKey(row.key)
          const stored = rows.getBinaryFast(id)
          if (stored === undefined || isNewer(row.version, stored)) rows.putSync(id, encodeOnlineRow(row, at.epoch, id !== row.key))
        }
      })
    } finally {
      unseen.delete(taken)
    }
  }

  function newestWaiting(key: string): ResultRow | undefined {
    let waiting = buffer.get(key)
    for (const taken of unseen) {
      const row = taken.get(key)
      if (row && (!waiting || compareVersions(row.version, waiting.version) > 0)) waiting = row
    }
    return waiting
  }

  return {
    name: 'online',
    write(batch) {
      if (failure) throw failure
      for (const row of batch) {
        const waiting = buffer.get(row.key)
        if (waiting === undefined || compareVersions(row.version, waiting.version) > 0) buffer.set(row.key, row)
      }
      if (buffer.size >= BUFFER_KEYS) return writeBuffer()
      timer ??= setTimeout(() => void writeBuffer().catch(() => undefined), BUFFER_MS)
    },
    commit(keys) {
      if (failure) throw failure
      if (keys.some((key) => buffer.has(key))) return writeBuffer()
      if (keys.some((key) => newestWaiting(key))) return newest
    },
    async flush() {
      if (failure) throw failure
      await writeBuffer()
      await env.flushed
    },
    get(key) {
      const stored = rows.get(storeKey(key))
      const row = stored ? decodeOnlineRow(stored, key) : null
      const waiting = newestWaiting(key)
      if (!waiting || (row && compareVersions(waiting.version, row.version) <= 0)) return row
      return {
        key,
        version: waiting.version,
        epoch: at.epoch,
        validUntilMs: waiting.validUntilMs,
        values: waiting.values,
        window: waiting.window,
      }
    },
    async close() {
      if (closed) return
      closed = true
      clearTimeout(timer)
      if (!failure) await writeBuffer()
      await env.flushed
      await env.close()
    },
  }
}

function compareVersions(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < 3; i++) if (a[i] !== b[i]) return (a[i] as number) - (b[i] as number)
  return 0
}

/** Undefined while the job has not written anything yet. */
export function openOnlineBrowser(at: OnlineStoreAt): OnlineBrowser | undefined {
  const path = onlineDir(at)
  if (!existsSync(join(path, 'data.mdb'))) return undefined
  const { env, rows, meta } = openEnv(path, true)
  if (!rows || !meta) {
    void env.close()
    return undefined
  }
  return {
    get features() {
      env.resetReadTxn()
      return (meta.get('features') as string[] | undefined) ?? []
    },
    get(key) {
      env.resetReadTxn()
      const stored = rows.get(storeKey(key))
      return stored ? decodeOnlineRow(stored, key) : null
    },
    list({ limit, after, search }) {
      env.resetReadTxn()
      const items: OnlineRow[] = []
      let nextCursor: string | undefined
      const needle = search?.toLowerCase()
      let last: string | undefined
      const range = after === undefined ? {} : { start: after, exclusiveStart: true }
      for (const { key, value } of rows.getRange(range)) {
        if (needle !== undefined && !key.toLowerCase().includes(needle)) continue
        if (items.length === limit) {
          nextCursor = last
          break
        }
        items.push(decodeOnlineRow(value, key))
        last = key
      }
      let total = (rows.getStats() as { entryCount: number }).entryCount
      if (needle !== undefined) {
        total = 0
        for (const key of rows.getKeys()) if (key.toLowerCase().includes(needle)) total++
      }
      return { items, nextCursor, total }
    },
    close: () => env.close(),
  }
}

export function dropOnlineStore(at: OnlineStoreAt): void {
  rmSync(onlineDir(at), { recursive: true, force: true })
}
