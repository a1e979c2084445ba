/**
 * What a backfill adds to rows of the history that stand: kept as blocks beside the table, since a block of thousands of values costs
 * what a few updated rows do. A value in the row itself comes first, then that of the oldest block.
 */
import type { DatabaseSync } from 'node:sqlite'
import { type FillBlock, type FillColumn, fillColumn, StoredFill } from './fill-block.ts'
import type { HistoryFeature } from './history-schema.ts'
import type { Value } from './port.ts'
import { PositionSet } from './position-set.ts'

/** `features`: JSON of [feature id, FillColumn] by column. `up_to`: the newest row's id when it was written: those it fills are not newer. */
export function createFillTables(db: DatabaseSync): void {
  db.exec(`
    CREATE TABLE IF NOT EXISTS fills (id INTEGER PRIMARY KEY AUTOINCREMENT, family INTEGER NOT NULL, "partition" INTEGER NOT NULL, first_offset INTEGER NOT NULL, min_offset INTEGER NOT NULL, max_offset INTEGER NOT NULL, "rows" INTEGER NOT NULL, up_to INTEGER NOT NULL, features TEXT NOT NULL, body BLOB NOT NULL);
    CREATE INDEX IF NOT EXISTS fills_offsets ON fills (family, "partition", max_offset, min_offset);`)
}

const described = (features: readonly HistoryFeature[]): string => JSON.stringify(features.map(({ id, type }) => [id, fillColumn(type)]))

export interface FillWriter {
  /** events whose row stands in the table: a block may fill them */
  readonly standing: PositionSet
  /** events that a block with these features fills already: nothing is missing there */
  readonly filled: PositionSet
  write(block: FillBlock): void
}

/** For rows of events. Reads the positions of all rows of the family first. */
export function openFillWriter(db: DatabaseSync, family: number, features: readonly HistoryFeature[]): FillWriter {
  const [standing, filled] = [new PositionSet(), new PositionSet()]
  db.aggregate('note_position', {
    start: 0,
    step: (noted: number, partition, offset) => {
      standing.add(Number(partition), Number(offset))
      return noted + 1
    },
  })
  db.prepare('SELECT note_position("partition", "offset") FROM history INDEXED BY history_row WHERE family = ?').get(family)
  const text = described(features)
  for (const row of db.prepare('SELECT * FROM fills WHERE family = ? AND features = ?').iterate(family, text)) {
    const { partition } = row as unknown as FillRow
    for (const offset of opened(row as unknown as FillRow).offsets()) filled.add(partition, offset)
  }
  const insert = db.prepare(
    `INSERT INTO fills (family, "partition", first_offset, min_offset, max_offset, "rows", up_to, features, body)
     SELECT ?, ?, ?, ?, ?, ?, coalesce(max(id), 0), ?, ? FROM history`,
  )
  return {
    standing,
    filled,
    write({ partition, firstOffset, minOffset, maxOffset, rows, body }) {
      insert.run(family, partition, firstOffset, minOffset, maxOffset, rows, text, body)
    },
  }
}

interface FillRow {
  readonly id: number
  readonly partition: number
  readonly first_offset: number
  readonly rows: number
  readonly features: string
  readonly body: Uint8Array
}

const columnsOf = ({ features }: FillRow) => JSON.parse(features) as [id: string, column: FillColumn][]
const opened = (row: FillRow) =>
  new StoredFill(
    columnsOf(row).map(([, column]) => column),
    { firstOffset: row.first_offset, rows: row.rows, body: row.body },
  )

/** The values of an event's features; undefined where no block has one. */
export type FillLookup = (featureIds: readonly string[], partition: number, offset: number) => (Value | undefined)[]

export function fillLookup(db: DatabaseSync, family: number): FillLookup {
  if (!db.prepare("SELECT 1 FROM sqlite_master WHERE name = 'fills'").get()) return (ids) => ids.map(() => undefined) // no job has opened it since blocks came
  const around = db.prepare('SELECT id FROM fills WHERE family = ? AND "partition" = ? AND max_offset >= ? AND min_offset <= ? ORDER BY id')
  const byId = db.prepare('SELECT * FROM fills WHERE id = ?')
  const blocks = new Map<number, { ids: readonly string[]; block: StoredFill }>()
  const blockOf = (id: number) => {
    let found = blocks.get(id)
    if (!found) {
      const row = byId.get(id) as unknown as FillRow
      blocks.set(id, (found = { ids: columnsOf(row).map(([feature]) => feature), block: opened(row) }))
    }
    return found
  }
  return (featureIds, partition, offset) => {
    const found: (Value | undefined)[] = featureIds.map(() => undefined)
    for (const { id } of around.all(family, partition, offset, offset) as { id: number }[]) {
      const { ids, block } = blockOf(id)
      if (!featureIds.some((feature, f) => found[f] === undefined && ids.includes(feature))) continue
      const values = block.valuesAt(offset)
      if (values)
        featureIds.forEach((feature, f) => {
          if (found[f] === undefined) found[f] = values[ids.indexOf(feature)]
        })
    }
    return found
  }
}

/** Blocks that fill no row any more go, at most `limit`. */
export function pruneFills(db: DatabaseSync, limit: number): void {
  db.prepare(
    'DELETE FROM fills WHERE id IN (SELECT id FROM fills WHERE up_to < coalesce((SELECT min(id) FROM history), 9e15) ORDER BY id LIMIT ?)',
  ).run(limit)
}
