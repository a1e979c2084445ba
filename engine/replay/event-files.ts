/**
 * The event files, merged like queues: always the head with the smallest event time, ties by the order on the command line; each
 * file keeps its own order. A line without a readable event time does not hold up its file. Several files of one stream are its
 * partitions.
 */
import type { StreamSchema } from '../../definition/model.ts'
import { parseIsoTimestamp } from '../compile/timestamp.ts'
import { type FilePlace, type Line, LineFile } from './line-file.ts'
import { UseError } from './use-error.ts'
import type { ReplayView } from './view.ts'

interface EventFile {
  readonly stream: string
  readonly partition: number
  readonly eventTime: string | undefined
  readonly lines: LineFile
  headTimeMs: number
  ended: boolean
}

/** Several files of one stream are its partitions. */
export const partitionOf = (events: readonly { stream: string }[], i: number): number =>
  events.slice(0, i).filter(({ stream }) => stream === events[i]!.stream).length

export class EventFiles {
  /** lines that are not blank */
  linesPut = 0
  private readonly files: EventFile[]

  constructor(events: readonly { stream: string; file: string }[], streams: readonly StreamSchema[], places?: readonly FilePlace[]) {
    this.files = events.map(({ stream, file }, i) => {
      const partition = partitionOf(events, i)
      const eventTime = streams.find(({ name }) => name === stream)?.eventTime
      return { stream, partition, eventTime, lines: openFile(file, places?.[i]), headTimeMs: 0, ended: false }
    })
    for (const file of this.files) this.look(file)
  }

  /** Puts up to `limit` lines into the views' queues; fewer where a file ends, so that its end comes right after its last line. */
  take(limit: number, views: readonly ReplayView[]): { lines: number; ended: boolean } {
    const before = this.linesRead
    while (this.linesRead - before < limit) {
      const file = this.next()
      if (!file) break
      const line = file.lines.take()!
      this.linesPut++
      for (const view of views) for (const partition of view.partitionsOf(file)) view.queue.put(partition, line.number, line.bytes)
      file.lines.advance()
      this.look(file)
      if (!file.lines.peek()) break
    }
    const ended = this.next() === null
    this.endFiles(views)
    return { lines: this.linesRead - before, ended }
  }

  /** Marks ended files; takes effect after the lines put before, for those are applied first. */
  private endFiles(views: readonly ReplayView[]): void {
    for (const file of this.files) {
      if (file.ended || file.lines.peek()) continue
      file.ended = true
      for (const view of views) view.endings.push(...view.partitionsOf(file))
    }
  }

  private next(): EventFile | null {
    let best: EventFile | null = null
    for (const file of this.files) if (file.lines.peek() && (!best || file.headTimeMs < best.headTimeMs)) best = file
    return best
  }

  private look(file: EventFile): void {
    const head = file.lines.peek()
    if (head && this.files.length > 1) file.headTimeMs = timeOf(head, file.eventTime)
  }

  get linesRead(): number {
    return this.files.reduce((sum, { lines }) => sum + lines.place.line, 0)
  }

  places(): FilePlace[] {
    return this.files.map(({ lines }) => lines.place)
  }

  close(): void {
    for (const { lines } of this.files) lines.close()
  }
}

function openFile(path: string, place: FilePlace | undefined): LineFile {
  try {
    return new LineFile(path, place)
  } catch (error) {
    throw new UseError(`${path}: cannot be read: ${(error as Error).message}`)
  }
}

function timeOf(line: Line, eventTime: string | undefined): number {
  if (eventTime === undefined) return Number.NEGATIVE_INFINITY
  try {
    const value = (JSON.parse(Buffer.from(line.bytes).toString('utf8')) as Record<string, unknown>)[eventTime]
    const timeMs = typeof value === 'string' ? parseIsoTimestamp(value) : value
    return typeof timeMs === 'number' && Number.isFinite(timeMs) ? timeMs : Number.NEGATIVE_INFINITY
  } catch {
    return Number.NEGATIVE_INFINITY
  }
}
