/** Reads a view's history from another process than the job's: newest first, overall or of one key. */
import { existsSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { isCollection } from '../../definition/types.ts'
import { historyPath, type HistoryAt } from './history.ts'
import { type FillLookup, fillLookup } from './history-fills.ts'
import { type HistoryFeature, knownColumns, quoted } from './history-schema.ts'
import type { Value, WindowSpan } from './port.ts'

export interface HistoryRow {
  readonly key: string
  readonly partition: number
  readonly offset: number
  /** of a view with GROUP BY, whose rows have no position (−1, and the window's start) */
  readonly window: WindowSpan | null
  readonly eventTimeMs: number
  /** the version that wrote the row first; later ones fill in their own features */
  readonly viewVersion: number
  readonly values: readonly Value[]
}

export interface HistoryPage {
  readonly features: readonly string[]
  readonly items: readonly HistoryRow[]
  readonly nextCursor: string | undefined
  readonly total: number
}

export interface HistoryReader {
  /** Rows as one view version has them, the last written first; `key` is the canonical key text, `before` an earlier page's cursor. */
  list(query: { version: number; limit: number; key?: string | undefined; before?: string | undefined }): HistoryPage
  close(): void
}

type Row = {
  id: number
  key: string
  partition: number
  offset: number
  view_version: number
  event_time_ms: number
  window_end_ms: number | null
} & Record<string, Value>

/** Undefined while nothing has been written. */
export function openHistoryReader(at: HistoryAt): HistoryReader | undefined {
  if (!existsSync(historyPath(at))) return undefined
  const db = new DatabaseSync(historyPath(at), { readOnly: true, timeout: 5000 })
  const empty: HistoryPage = { features: [], items: [], nextCursor: undefined, total: 0 }
  const page: HistoryReader['list'] = ({ version, limit, key, before }) => {
    const hasTables = db.prepare("SELECT 1 FROM sqlite_master WHERE name = 'marks'").get()
    const known = hasTables && db.prepare('SELECT family, features FROM versions WHERE view_version = ?').get(version)
    if (!known) return empty
    const { family, features: text } = known as { family: number; features: string }
    const features = JSON.parse(text) as HistoryFeature[]
    const columnOf = new Map(knownColumns(db).map(({ id, column }) => [id, column]))
    const columns = features.map(({ id }, i) => `${quoted(columnOf.get(id) as string)} AS v${i}`)
    // A file that no job has opened since windows came has no such column.
    const hasWindows = db.prepare("SELECT 1 FROM pragma_table_info('history') WHERE name = 'window_end_ms'").get()
    const windowEnd = hasWindows ? 'window_end_ms' : 'NULL AS window_end_ms'
    const where = `family = ?${key === undefined ? '' : ' AND key = ?'}`
    const args = key === undefined ? [family] : [family, key]
    const cursor = before === undefined ? Number.MAX_SAFE_INTEGER : Number(before)
    // By key the unique index leads; overall the index of the family, which is in the order of id.
    const index = key === undefined ? 'history_family' : 'history_row'
    const rows = db
      .prepare(
        `SELECT ${['id', 'key', '"partition"', '"offset"', 'view_version', 'event_time_ms', windowEnd, ...columns].join(', ')}
         FROM history INDEXED BY ${index} WHERE ${where} AND id < ? ORDER BY id DESC LIMIT ?`,
      )
      .all(...args, cursor, limit + 1) as Row[]
    const items = rows.slice(0, limit)
    const filled = fillLookup(db, family)
    const counted =
      key === undefined
        ? db.prepare('SELECT row_count AS n FROM families WHERE family = ?').get(family)
        : db.prepare(`SELECT count(*) AS n FROM history INDEXED BY ${index} WHERE ${where}`).get(...args)
    const total = (counted as { n: number }).n
    return {
      features: features.map((feature) => feature.name),
      items: items.map((row) => ({
        key: row.key,
        partition: row.partition,
        offset: row.offset,
        window: row.window_end_ms === null ? null : { startMs: row.offset, endMs: row.window_end_ms },
        eventTimeMs: row.event_time_ms,
        viewVersion: row.view_version,
        values: valuesOf(row, features, filled),
      })),
      nextCursor: rows.length > limit ? String((items.at(-1) as Row).id) : undefined,
      total,
    }
  }
  return {
    /** In one transaction: rows and their number are of one moment. */
    list(query) {
      db.exec('BEGIN')
      try {
        return page(query)
      } finally {
        db.exec('COMMIT')
      }
    },
    close: () => db.close(),
  }
}

/** What the row itself does not hold may stand in a block; what nobody has computed is NULL. */
function valuesOf(row: Row, features: readonly HistoryFeature[], filled: FillLookup): Value[] {
  const own = features.map((_, i) => row[`v${i}`] as Value | Uint8Array)
  const missing = features.filter((_, i) => own[i] instanceof Uint8Array).map(({ id }) => id)
  const found = missing.length > 0 && row.window_end_ms === null ? filled(missing, row.partition, row.offset) : []
  return own.map((value, i) =>
    value instanceof Uint8Array ? (found[missing.indexOf(features[i]!.id)] ?? null) : decoded(value, features[i]!.type),
  )
}

function decoded(value: Value, type: string): Value {
  if (value !== null && isCollection(type)) return JSON.parse(value as string) as Value
  return type === 'boolean' && value !== null ? Boolean(value) : value
}
