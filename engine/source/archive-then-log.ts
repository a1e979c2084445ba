/** Two sources as one: a log with a single partition that is read to its end under another number, then all of the stream's. */
import type { PartitionState, Positions, Source } from './port.ts'

/** `archive`: has the one partition 0, which is `first` of this source, and gets no further records. */
export function archiveThenLog(archive: Source, log: Source, first: number): Source {
  const own: PartitionState = { ...archive.partitions()[0]!, partition: first }
  let next = 0
  return {
    first,
    partitions: () => [own, ...log.partitions()],
    open(from: Positions) {
      next = from[String(first)] ?? 0
      archive.open({ '0': next })
      log.open(from)
    },
    poll(maxRecords) {
      if (next >= own.end) return log.poll(maxRecords)
      const batches = archive.poll(maxRecords).map((batch) => ({ ...batch, partition: first }))
      next = batches.at(-1)?.nextOffset ?? next
      return batches
    },
    async close() {
      await archive.close()
      await log.close()
    },
  }
}
