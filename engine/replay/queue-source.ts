/** A Source that is fed lines by the replay: hands over what has been put in, in that order. */
import type { PartitionState, Positions, RecordBatch, Source } from '../source/port.ts'

interface Run {
  partition: number
  lines: { bytes: Uint8Array; offset: number }[]
}

export class QueueSource implements Source {
  private runs: Run[] = []
  private readonly ends: Map<number, number>

  constructor(partitions: readonly number[]) {
    this.ends = new Map(partitions.map((partition) => [partition, 0]))
  }

  /** The bytes must not change until the next poll is used up. */
  put(partition: number, offset: number, bytes: Uint8Array): void {
    const last = this.runs.at(-1)
    if (last?.partition === partition) last.lines.push({ bytes, offset })
    else this.runs.push({ partition, lines: [{ bytes, offset }] })
    this.ends.set(partition, offset + 1)
  }

  partitions(): readonly PartitionState[] {
    return [...this.ends].map(([partition, end]) => ({ partition, logStart: 0, end }))
  }

  open(from: Positions): void {
    for (const [partition, position] of Object.entries(from)) this.ends.set(Number(partition), position)
  }

  poll(): readonly RecordBatch[] {
    const runs = this.runs
    this.runs = []
    return runs.map(toBatch)
  }

  async close(): Promise<void> {}
}

function toBatch({ partition, lines }: Run): RecordBatch {
  const baseOffset = lines[0]!.offset
  const data = Buffer.concat(lines.map(({ bytes }) => bytes))
  const count = lines.length
  const valueStart = new Int32Array(count)
  const valueEnd = new Int32Array(count)
  const offsetDelta = new Int32Array(count)
  let at = 0
  lines.forEach(({ bytes, offset }, i) => {
    valueStart[i] = at
    at += bytes.length
    valueEnd[i] = at
    offsetDelta[i] = offset - baseOffset
  })
  return {
    partition,
    baseOffset,
    count,
    data,
    valueStart,
    valueEnd,
    offsetDelta,
    timestamp: new Float64Array(count),
    nextOffset: lines.at(-1)!.offset + 1,
  }
}
