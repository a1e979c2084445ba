/**
 * The embedded history: one SQLite file per view, every produced row once. Written in transactions of many rows, each synced: many
 * small syncs, so that the one of `flush` finds little left, and the other stores on the disk don't wait behind a large one. Of a row
 * that stands already only what nobody has computed is filled in: writing it twice changes nothing, a later version adds its own features.
 * Every call blocks: a job writes through `history-thread.ts`.
 */
import { existsSync, mkdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import type { FillBlock } from './fill-block.ts'
import { createFillTables, openFillWriter, pruneFills } from './history-fills.ts'
import {
  columnsFor,
  createTables,
  familyOf,
  type HistoryColumn,
  type HistoryFeature,
  NOT_COMPUTED,
  quoted,
  WINDOW_PARTITION,
} from './history-schema.ts'
import { Fenced, type ResultRow, type Sink } from './port.ts'
import type { PositionSet } from './position-set.ts'

const BUFFER_ROWS = 5_000 // a large transaction writes each touched index page once; a small one syncs sooner
const BUFFER_BLOCKS = 8
const BUFFER_MS = 200
const MAX_VARIABLES = 32_000
const ROWS_PER_STATEMENT = 50

export interface HistoryAt {
  readonly dataDir: string
  readonly view: string
}

/** What a row stands for: an event, a window of GROUP BY, or a session, which may swallow earlier ones of its key. */
export type HistoryRows = 'event' | 'window' | 'session'

export interface HistoryWriterAt extends HistoryAt {
  readonly version: number
  readonly jobId: number
  readonly features: readonly HistoryFeature[]
  /** versions with the same meaning of rows share them (definition/feature-id.ts, `rowMeaning`) */
  readonly rowMeaning: string
  readonly rows: HistoryRows
  readonly epoch: number
  /** a backfill has some features of the version only: what the version is made of is told by its own job */
  readonly isBackfill?: boolean
  /** dates what is written, for retention */
  readonly now: () => number
}

export interface HistoryStore extends Sink {
  /** of a backfill of events: what it may hand over in blocks (`history-backfill.ts` does); null: everything is written as rows */
  readonly places: { readonly standing: PositionSet; readonly filled: PositionSet } | null
  /** Takes a block of values for rows that stand. */
  fill(block: FillBlock): void
  /** Removes rows written before the instant, at most `limit`; answers how many went. */
  prune(writtenBeforeMs: number, limit?: number): number
}

export const historyPath = (at: HistoryAt): string => join(at.dataDir, 'history', `${at.view}.sqlite`)

/** Throws Fenced when a higher epoch of the same job has already written. */
export function openHistory(at: HistoryWriterAt): HistoryStore {
  mkdirSync(join(at.dataDir, 'history'), { recursive: true })
  setAsideOlderLayout(historyPath(at))
  const db = new DatabaseSync(historyPath(at), { timeout: 20_000 })
  // A backfill begins again at its checkpoint: only what `flush` answers for has to outlive the machine.
  const usual = at.isBackfill ? 'NORMAL' : 'FULL'
  db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = ${usual}; PRAGMA cache_size = -65536; PRAGMA wal_autocheckpoint = 2000`)
  db.exec('BEGIN IMMEDIATE')
  createTables(db)
  createFillTables(db)
  const family = familyOf(db, at.rowMeaning)
  const columns = columnsFor(db, at.features)
  if (!at.isBackfill)
    db.prepare('INSERT INTO versions (view_version, family, features) VALUES (?, ?, ?) ON CONFLICT DO NOTHING').run(
      at.version,
      family,
      JSON.stringify(at.features),
    )
  const raised = db
    .prepare(
      'INSERT INTO epochs (job, epoch) VALUES (?, ?) ON CONFLICT (job) DO UPDATE SET epoch = excluded.epoch WHERE excluded.epoch >= epoch',
    )
    .run(at.jobId, at.epoch)
  db.exec('COMMIT')
  if (raised.changes === 0) {
    db.close()
    throw fenced(at, 0)
  }

  const fills = at.isBackfill && at.rows === 'event' ? openFillWriter(db, family, at.features) : null
  const stillOurs = db.prepare('SELECT epoch FROM epochs WHERE job = ?')
  const mark = db.prepare('INSERT INTO marks (written_ms, up_to) SELECT ?, coalesce(max(id), 0) FROM history')
  const count = db.prepare('UPDATE families SET row_count = row_count + ? WHERE family = ?')
  const perRow = HEAD_COLUMNS.length + columns.length
  const rowsPerStatement = Math.max(1, Math.min(ROWS_PER_STATEMENT, Math.floor(MAX_VARIABLES / perRow)))
  const many = statements(db, at.rows, columns, rowsPerStatement)
  const one = statements(db, at.rows, columns, 1)
  const swallow = at.rows === 'session' ? swallowing(db, family) : null
  let buffer: ResultRow[] = []
  let blocks: FillBlock[] = []
  let timer: NodeJS.Timeout | undefined
  let failure: unknown
  let closed = false

  function bind(rows: readonly ResultRow[], from: number, to: number): SQLInputValue[] {
    const out = new Array<SQLInputValue>((to - from) * perRow)
    let o = 0
    for (let r = from; r < to; r++) {
      const row = rows[r] as ResultRow
      out[o++] = family
      out[o++] = row.key
      out[o++] = row.window ? WINDOW_PARTITION : row.partition
      out[o++] = row.window ? row.window.startMs : row.offset
      out[o++] = at.version
      out[o++] = row.eventTimeMs
      out[o++] = row.window ? row.window.endMs : null
      out[o++] = row.window ? row.version[1] : null
      for (let c = 0; c < columns.length; c++) {
        const value = row.values[c] as ResultRow['values'][number]
        out[o++] = typeof value === 'boolean' ? Number(value) : typeof value === 'object' && value !== null ? JSON.stringify(value) : value
      }
    }
    return out
  }

  function writeBuffer(durably: boolean): void {
    clearTimeout(timer)
    timer = undefined
    if (buffer.length === 0 && blocks.length === 0 && !durably) return
    const rows = buffer
    if (durably) db.exec('PRAGMA synchronous = FULL')
    db.exec('BEGIN IMMEDIATE')
    try {
      if ((stillOurs.get(at.jobId) as { epoch: number }).epoch > at.epoch) throw fenced(at, rows.length)
      let from = 0
      let added = 0
      for (; from + rowsPerStatement <= rows.length; from += rowsPerStatement)
        added += write(many, bind(rows, from, from + rowsPerStatement), rowsPerStatement)
      for (; from < rows.length; from++) added += write(one, bind(rows, from, from + 1), 1)
      if (swallow) for (const row of rows) added -= swallow(row)
      if (added !== 0) count.run(added, family)
      for (const block of blocks) fills?.write(block)
      if (durably) mark.run(at.now())
      db.exec('COMMIT')
      if (durably) db.exec(`PRAGMA synchronous = ${usual}`)
      buffer = []
      blocks = []
    } catch (error) {
      db.exec('ROLLBACK')
      throw error
    }
  }

  function writeSoon(): void {
    if (buffer.length >= BUFFER_ROWS || blocks.length >= BUFFER_BLOCKS) writeBuffer(false)
    else
      timer ??= setTimeout(() => {
        try {
          writeBuffer(false)
        } catch (error) {
          failure = error // told at the next write or flush
        }
      }, BUFFER_MS)
  }

  return {
    name: 'history',
    places: fills && { standing: fills.standing, filled: fills.filled },
    write(rows) {
      if (failure) throw failure
      for (const row of rows) buffer.push(row)
      writeSoon()
    },
    fill(block) {
      if (failure) throw failure
      blocks.push(block)
      writeSoon()
    },
    async flush() {
      if (failure) throw failure
      writeBuffer(true)
    },
    prune(writtenBeforeMs, limit = 5000) {
      const old = db.prepare('SELECT max(up_to) AS up_to FROM marks WHERE written_ms < ?').get(writtenBeforeMs) as { up_to: number | null }
      if (old.up_to === null) return 0
      const slice = 'SELECT id FROM history WHERE id <= ? ORDER BY id LIMIT ?'
      db.exec('BEGIN IMMEDIATE')
      const doomed = db.prepare(`SELECT family, count(*) AS n FROM history WHERE id IN (${slice}) GROUP BY family`).all(old.up_to, limit)
      const { changes } = db.prepare(`DELETE FROM history WHERE id IN (${slice})`).run(old.up_to, limit)
      for (const gone of doomed as { family: number; n: number }[]) count.run(-gone.n, gone.family)
      if (changes === 0) db.prepare('DELETE FROM marks WHERE up_to <= ?').run(old.up_to)
      pruneFills(db, BUFFER_BLOCKS)
      db.exec('COMMIT')
      return Number(changes)
    },
    async close() {
      if (closed) return
      closed = true
      clearTimeout(timer)
      if (!failure) writeBuffer(true)
      db.close()
    },
  }
}

/** A file whose rows are kept by version, as builds before this layout wrote it, stays beside the new one under another name. */
function setAsideOlderLayout(path: string): void {
  if (!existsSync(path)) return
  const db = new DatabaseSync(path, { timeout: 20_000 })
  const isOlder = db.prepare("SELECT 1 FROM pragma_table_info('versions') WHERE name = 'row_count'").get() !== undefined
  db.close()
  if (isOlder) renameSync(path, path.replace(/\.sqlite$/, '.by-version.sqlite'))
}

function fenced(at: HistoryWriterAt, rows: number): Fenced {
  return new Fenced(
    `Epoch ${at.epoch} of job ${at.jobId} (view ${at.view}) may no longer write: the history is at a higher epoch. Rows refused: ${rows}.`,
  )
}

const HEAD_COLUMNS = ['family', 'key', 'partition', 'offset', 'view_version', 'event_time_ms', 'window_end_ms', 'window_rows']

interface Statements {
  readonly insert: StatementSync
  /** null: the view has no features of its own */
  readonly fill: StatementSync | null
}

/** Writes the rows; answers how many of them are new. */
function write({ insert, fill }: Statements, values: readonly SQLInputValue[], rows: number): number {
  const added = Number(insert.run(...values).changes)
  if (added < rows) fill?.run(...values)
  return added
}

/**
 * Of an event's row that stands, what nobody has computed is filled in. Of a window's row with fewer events (a correction has come) all is
 * written anew; with as many, two versions of a view say the same of what they share; of one with more, again only what is missing.
 */
function statements(db: DatabaseSync, of: HistoryRows, columns: readonly HistoryColumn[], rows: number): Statements {
  const own = columns.map(({ column }) => quoted(column))
  const names = [...HEAD_COLUMNS.map(quoted), ...own]
  const tuple = `(${names.map(() => '?').join(', ')})`
  const insert = `INSERT INTO history (${names.join(', ')}) VALUES ${Array(rows).fill(tuple).join(', ')}`
  const isNewer = of === 'event' ? '' : 'excluded.window_rows >= history.window_rows'
  const filled = own.map((column) => {
    const replaced = [`history.${column} IS ${NOT_COMPUTED}`, ...(isNewer ? [isNewer] : [])].join(' OR ')
    return `${column} = iif(${replaced}, excluded.${column}, history.${column})`
  })
  if (isNewer)
    for (const column of ['event_time_ms', 'window_end_ms', 'window_rows'])
      filled.push(`${column} = iif(${isNewer}, excluded.${column}, history.${column})`)
  const changes = [...own.map((column) => `history.${column} IS ${NOT_COMPUTED}`), ...(isNewer ? [isNewer] : [])]
  return {
    insert: db.prepare(`${insert} ON CONFLICT DO NOTHING`),
    fill:
      own.length === 0
        ? null
        : db.prepare(
            `${insert} ON CONFLICT (family, key, "partition", "offset") DO UPDATE SET ${filled.join(', ')} WHERE ${changes.join(' OR ')}`,
          ),
  }
}

/** Removes the rows of sessions that have become part of this one; answers how many. */
function swallowing(db: DatabaseSync, family: number): (row: ResultRow) => number {
  const remove = db.prepare(
    `DELETE FROM history WHERE family = ? AND key = ? AND "partition" = ? AND "offset" > ? AND "offset" < ? AND window_end_ms <= ?`,
  )
  return ({ key, window }) =>
    window ? Number(remove.run(family, key, WINDOW_PARTITION, window.startMs, window.endMs, window.endMs).changes) : 0
}
