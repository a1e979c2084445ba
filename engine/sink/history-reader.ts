/** Reads a view's history from another process than the job's: newest first, overall or of one key. */
import { existsSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { historyPath, type HistoryAt } from './history.ts'
import { knownColumns, quoted } from './history-schema.ts'
import type { StoreFeature } from './online-store.ts'
import type { Value } from './port.ts'

export interface HistoryRow {
  readonly key: string
  readonly partition: number
  readonly offset: number
  readonly eventTimeMs: number
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
  /** Rows of one view version, the last written first; `key` is the canonical key text, `before` an earlier page's cursor. */
  list(query: { version: number; limit: number; key?: string | undefined; before?: string | undefined }): HistoryPage
  close(): void
}

type Row = { id: number; key: string; partition: number; offset: number; event_time_ms: number } & Record<string, Value>

/** Undefined while nothing has been written. */
export function openHistoryReader(at: HistoryAt): HistoryReader | undefined {
  if (!existsSync(historyPath(at))) return undefined
  const db = new DatabaseSync(historyPath(at), { readOnly: true, timeout: 5000 })
  const empty: HistoryPage = { features: [], items: [], nextCursor: undefined, total: 0 }
  return {
    list({ version, limit, key, before }) {
      const hasTables = db.prepare("SELECT 1 FROM sqlite_master WHERE name = 'marks'").get()
      const known =
        hasTables && (db.prepare('SELECT features FROM versions WHERE view_version = ?').get(version) as { features: string } | undefined)
      if (!known) return empty
      const features = JSON.parse(known.features) as StoreFeature[]
      const all = knownColumns(db)
      const columns = features.map(
        (feature) => all.find((column) => column.feature === feature.name && column.type === feature.type)?.column ?? feature.name,
      )
      const where = `view_version = ?${key === undefined ? '' : ' AND key = ?'}`
      const args = key === undefined ? [version] : [version, key]
      const cursor = before === undefined ? Number.MAX_SAFE_INTEGER : Number(before)
      // By key the unique index leads; overall the index of the version, which is in the order of id.
      const index = key === undefined ? 'history_version' : 'history_row'
      const rows = db
        .prepare(
          `SELECT id, key, "partition", "offset", event_time_ms, ${columns.map((column, i) => `${quoted(column)} AS v${i}`).join(', ')}
           FROM history INDEXED BY ${index} WHERE ${where} AND id < ? ORDER BY id DESC LIMIT ?`,
        )
        .all(...args, cursor, limit + 1) as Row[]
      const items = rows.slice(0, limit)
      const counted =
        key === undefined
          ? db.prepare('SELECT row_count AS n FROM versions WHERE view_version = ?').get(version)
          : db.prepare(`SELECT count(*) AS n FROM history INDEXED BY ${index} WHERE ${where}`).get(...args)
      const total = (counted as { n: number }).n
      return {
        features: features.map((feature) => feature.name),
        items: items.map((row) => ({
          key: row.key,
          partition: row.partition,
          offset: row.offset,
          eventTimeMs: row.event_time_ms,
          viewVersion: version,
          values: features.map((feature, i) => decoded(row[`v${i}`] as Value, feature.type)),
        })),
        nextCursor: rows.length > limit ? String((items.at(-1) as Row).id) : undefined,
        total,
      }
    },
    close: () => db.close(),
  }
}

const decoded = (value: Value, type: string): Value => (type === 'boolean' && value !== null ? Boolean(value) : value)
