/** A source that can be told to stop at exact positions, and later to go on. Its reader says where it is: what was read beyond is read again. */
import { boundedSource } from './bounded-source.ts'
import type { Positions, Source } from './port.ts'

export interface StoppableSource extends Source {
  /** From `next`, the reader's positions, up to `until` and no further; null: on and on. @throws PositionOutOfRange */
  stopAt(next: Positions, until: Positions | null): void
}

export function stoppableSource(source: Source): StoppableSource {
  let read: Pick<Source, 'open' | 'poll'> = source
  return {
    first: source.first,
    // The log's own ends: what lies behind the stop is there, and the reader is behind it.
    partitions: () => source.partitions(),
    open: (from) => read.open(from),
    poll: (maxRecords) => read.poll(maxRecords),
    stopAt(next, until) {
      read = until ? boundedSource(source, until) : source
      read.open(next)
    },
    close: () => source.close(),
  }
}
