/** A log in memory and the source that reads it, a few records at a time. */
import { PositionOutOfRange, type PartitionState, type Positions, type RecordBatch, type Source } from '../source/port.ts'
import type { Random } from './random.fixture.ts'

export class MemoryLog {
  readonly partitions: Buffer[][]

  constructor(partitions: number) {
    this.partitions = Array.from({ length: partitions }, () => [])
  }

  append(partition: number, value: string): void {
    this.partitions[partition]!.push(Buffer.from(value))
  }

  source(random: Random, before: (name: string) => void): Source {
    const positions = new Map<number, number>()
    const states = (): PartitionState[] => this.partitions.map((records, partition) => ({ partition, logStart: 0, end: records.length }))
    return {
      partitions: states,
      open(from: Positions) {
        for (const { partition, logStart, end } of states()) {
          const position = from[String(partition)]!
          if (position < logStart || position > end) throw new PositionOutOfRange({ partition, position, logStart, end })
          positions.set(partition, position)
        }
      },
      poll: (maxRecords) => {
        before('poll')
        const batches: RecordBatch[] = []
        for (const [partition, records] of this.partitions.entries()) {
          const from = positions.get(partition)!
          const count = Math.min(maxRecords, random.int(8), records.length - from)
          if (count <= 0) continue
          positions.set(partition, from + count)
          batches.push(batchOf(partition, from, records.slice(from, from + count)))
        }
        return batches
      },
      close: async () => {},
    }
  }
}

function batchOf(partition: number, baseOffset: number, records: readonly Buffer[]): RecordBatch {
  const valueStart = new Int32Array(records.length)
  const valueEnd = new Int32Array(records.length)
  let at = 0
  for (const [i, record] of records.entries()) {
    valueStart[i] = at
    at += record.length
    valueEnd[i] = at
  }
  return {
    partition,
    baseOffset,
    count: records.length,
    data: Buffer.concat(records),
    valueStart,
    valueEnd,
    offsetDelta: Int32Array.from(records, (_, i) => i),
    timestamp: new Float64Array(records.length).fill(Number.MAX_SAFE_INTEGER),
    nextOffset: baseOffset + records.length,
  }
}
