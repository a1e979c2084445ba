/** A source that ends at given positions: what lies at or behind them is not there for its reader. For a backfill up to a savepoint. */
import type { Positions, RecordBatch, Source } from './port.ts'

/** A partition without a bound is read up to its beginning: not at all. */
export function boundedSource(source: Source, until: Positions): Source {
  let next: Record<string, number> = {}
  const bound = (partition: number, logStart: number) => until[String(partition)] ?? logStart
  const partitions = () =>
    source
      .partitions()
      .map(({ partition, logStart, end }) => ({ partition, logStart, end: Math.min(end, Math.max(logStart, bound(partition, logStart))) }))
  return {
    partitions,
    open(from) {
      next = { ...from }
      source.open(from)
    },
    poll(maxRecords) {
      for (;;) {
        if (partitions().every(({ partition, end }) => (next[String(partition)] ?? 0) >= end)) return []
        const read = source.poll(maxRecords)
        const batches = read.flatMap((batch) => {
          const cut = cutAt(batch, until[String(batch.partition)] ?? 0)
          if (!cut) return []
          next[String(batch.partition)] = cut.nextOffset
          return [cut]
        })
        // Where all of it lay behind the bounds, other partitions have their turn.
        if (batches.length > 0 || read.length === 0) return batches
      }
    },
    close: () => source.close(),
  }
}

/** The records before the bound; null: there are none. */
function cutAt(batch: RecordBatch, until: number): RecordBatch | null {
  if (batch.nextOffset <= until) return batch
  let count = 0
  while (count < batch.count && batch.baseOffset + batch.offsetDelta[count]! < until) count++
  return count === 0 && batch.baseOffset >= until ? null : { ...batch, count, nextOffset: until }
}
