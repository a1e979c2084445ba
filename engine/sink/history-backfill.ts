/** A backfill's way into the history: rows that stand get their new values in blocks, those that don't are written as rows. */
import { type FillBlock, fillColumn, FillPacker } from './fill-block.ts'
import type { HistoryFeature } from './history-schema.ts'
import type { ResultRow } from './port.ts'
import type { PositionSet } from './position-set.ts'

export interface BackfillTarget {
  readonly standing: PositionSet
  readonly filled: PositionSet
  fill(block: FillBlock): void
}

/** Takes what goes into blocks; answers the rows that have to be written. `flush` hands over the last blocks. */
export function splitBackfill(features: readonly HistoryFeature[], { standing, filled, fill }: BackfillTarget) {
  const packer = new FillPacker(
    features.map(({ type }) => fillColumn(type)),
    fill,
  )
  return {
    take(rows: readonly ResultRow[]): ResultRow[] {
      const missing: ResultRow[] = []
      for (const row of rows) {
        const { partition, offset } = row
        if (filled.has(partition, offset)) continue
        if (standing.has(partition, offset)) packer.add(row)
        else missing.push(row)
      }
      return missing
    },
    flush: () => packer.flush(),
  }
}
