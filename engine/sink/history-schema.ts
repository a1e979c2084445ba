/** The tables of a view's history file. A feature's column is found by name and type, so that a later version adds only its own. */
import type { DatabaseSync } from 'node:sqlite'
import type { StoreFeature } from './online-store.ts'

export interface HistoryColumn {
  readonly feature: string
  readonly type: string
  readonly column: string
}

export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`

const RESERVED = ['id', 'key', 'partition', 'offset', 'view_version', 'event_time_ms', 'rowid', '_rowid_', 'oid']

/** `marks` date the rows: all rows up to an id were written by that instant. Ids grow in the order of processing and are never given out again. `row_count` saves counting millions. */
export function createTables(db: DatabaseSync): void {
  db.exec(`
    CREATE TABLE IF NOT EXISTS history (id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL, "partition" INTEGER NOT NULL, "offset" INTEGER NOT NULL, view_version INTEGER NOT NULL, event_time_ms INTEGER NOT NULL);
    CREATE UNIQUE INDEX IF NOT EXISTS history_row ON history (key, "partition", "offset", view_version);
    CREATE INDEX IF NOT EXISTS history_version ON history (view_version);
    CREATE TABLE IF NOT EXISTS history_columns (feature TEXT NOT NULL, type TEXT NOT NULL, "column" TEXT NOT NULL, PRIMARY KEY (feature, type));
    CREATE TABLE IF NOT EXISTS versions (view_version INTEGER PRIMARY KEY, features TEXT NOT NULL, row_count INTEGER NOT NULL DEFAULT 0);
    CREATE TABLE IF NOT EXISTS epochs (job INTEGER PRIMARY KEY, epoch INTEGER NOT NULL);
    CREATE TABLE IF NOT EXISTS marks (written_ms INTEGER NOT NULL, up_to INTEGER NOT NULL);`)
}

export function knownColumns(db: DatabaseSync): HistoryColumn[] {
  return db.prepare('SELECT feature, type, "column" FROM history_columns').all() as unknown as HistoryColumn[]
}

/** The columns of these features, in their order; adds those that the table lacks (ADD COLUMN, no rewrite). */
export function columnsFor(db: DatabaseSync, features: readonly StoreFeature[]): HistoryColumn[] {
  const known = knownColumns(db)
  return features.map(({ name, type }) => {
    const found = known.find((column) => column.feature === name && column.type === type)
    if (found) return found
    const taken = new Set([...RESERVED, ...known.map((column) => column.column.toLowerCase())])
    let column = name
    for (let n = 2; taken.has(column.toLowerCase()); n++) column = `${name}__${n}`
    const added = { feature: name, type, column }
    db.exec(`ALTER TABLE history ADD COLUMN ${quoted(column)} ${sqlType(type)}`)
    db.prepare('INSERT INTO history_columns (feature, type, "column") VALUES (?, ?, ?)').run(name, type, column)
    known.push(added)
    return added
  })
}

/** Numbers keep the type they came with: no affinity turns 1.0 into text or back. */
function sqlType(type: string): string {
  if (type === 'string') return 'TEXT'
  if (type === 'boolean' || type === 'int' || type === 'timestamp') return 'INTEGER'
  return 'REAL'
}
