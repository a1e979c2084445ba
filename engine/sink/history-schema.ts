/**
 * The tables of a view's history file. A row is an event of a key, whichever version computed it; a column is a feature by its id, that
 * is by what it means: versions that share a feature share its column, and a later version fills in its own. Versions whose rows are
 * other rows (another stream, key, WHERE or order) are of another family.
 */
import type { DatabaseSync } from 'node:sqlite'
import { isCollection } from '../../definition/types.ts'

export interface HistoryFeature {
  readonly name: string
  readonly type: string
  /** see definition/feature-id.ts */
  readonly id: string
}

export interface HistoryColumn {
  readonly id: string
  readonly column: string
}

export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`

/** Stands where no version has computed the feature for the row; NULL is a value like any other. */
export const NOT_COMPUTED = "x''"

const RESERVED = [
  ...['id', 'family', 'key', 'partition', 'offset', 'view_version', 'event_time_ms', 'window_end_ms', 'window_rows'],
  ...['rowid', '_rowid_', 'oid'],
]

/**
 * `view_version`: the one that wrote the row first. `marks` date the rows: all rows up to an id were written by that instant. Ids grow in
 * the order of processing and are never given out again. `row_count` saves counting millions. A row of a view with GROUP BY stands for a
 * window: its start takes the place of the offset (WINDOW_PARTITION that of the partition), `window_rows` counts the events it holds.
 */
export function createTables(db: DatabaseSync): void {
  db.exec(`
    CREATE TABLE IF NOT EXISTS history (id INTEGER PRIMARY KEY AUTOINCREMENT, family INTEGER NOT NULL, key TEXT NOT NULL, "partition" INTEGER NOT NULL, "offset" INTEGER NOT NULL, view_version INTEGER NOT NULL, event_time_ms INTEGER NOT NULL);
    CREATE UNIQUE INDEX IF NOT EXISTS history_row ON history (family, key, "partition", "offset");
    CREATE INDEX IF NOT EXISTS history_family ON history (family);
    CREATE TABLE IF NOT EXISTS history_columns (feature_id TEXT PRIMARY KEY, "column" TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS families (family INTEGER PRIMARY KEY, meaning TEXT NOT NULL UNIQUE, row_count INTEGER NOT NULL DEFAULT 0);
    CREATE TABLE IF NOT EXISTS versions (view_version INTEGER PRIMARY KEY, family INTEGER NOT NULL, features TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS epochs (job INTEGER PRIMARY KEY, epoch INTEGER NOT NULL);
    CREATE TABLE IF NOT EXISTS marks (written_ms INTEGER NOT NULL, up_to INTEGER NOT NULL);`)
  const isThere = db.prepare("SELECT 1 FROM pragma_table_info('history') WHERE name = ?")
  for (const column of ['window_end_ms', 'window_rows'])
    if (!isThere.get(column)) db.exec(`ALTER TABLE history ADD COLUMN ${column} INTEGER`)
}

/** No stream has such a partition: rows of windows and rows of events cannot be taken for each other. */
export const WINDOW_PARTITION = -1

export function knownColumns(db: DatabaseSync): HistoryColumn[] {
  return db.prepare('SELECT feature_id AS id, "column" FROM history_columns').all() as unknown as HistoryColumn[]
}

/** Number of the family of rows with this meaning; made where it is new. */
export function familyOf(db: DatabaseSync, meaning: string): number {
  db.prepare('INSERT INTO families (meaning) VALUES (?) ON CONFLICT DO NOTHING').run(meaning)
  return (db.prepare('SELECT family FROM families WHERE meaning = ?').get(meaning) as { family: number }).family
}

/** The columns of these features, in their order; adds those that the table lacks (ADD COLUMN, no rewrite). */
export function columnsFor(db: DatabaseSync, features: readonly HistoryFeature[]): HistoryColumn[] {
  const known = knownColumns(db)
  return features.map(({ name, type, id }) => {
    const found = known.find((column) => column.id === id)
    if (found) return found
    const taken = new Set([...RESERVED, ...known.map((column) => column.column.toLowerCase())])
    let column = name
    for (let n = 2; taken.has(column.toLowerCase()); n++) column = `${name}__${n}`
    const added = { id, column }
    db.exec(`ALTER TABLE history ADD COLUMN ${quoted(column)} ${sqlType(type)} DEFAULT ${NOT_COMPUTED}`)
    db.prepare('INSERT INTO history_columns (feature_id, "column") VALUES (?, ?)').run(id, column)
    known.push(added)
    return added
  })
}

/** Numbers keep the type they came with: no affinity turns 1.0 into text or back. Lists and maps are JSON text. */
function sqlType(type: string): string {
  if (type === 'string' || isCollection(type)) return 'TEXT'
  if (type === 'boolean' || type === 'int' || type === 'timestamp') return 'INTEGER'
  return 'REAL'
}
