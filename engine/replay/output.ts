/** The output file: one line a row, written through; a checkpoint knows how long it was. */
import { closeSync, fsyncSync, ftruncateSync, openSync, writeSync } from 'node:fs'
import { streamPartition } from '../../definition/union-partitions.ts'
import type { ResultRow, Sink } from '../sink/port.ts'

export interface ViewNames {
  readonly view: string
  /** of a union, what the view calls it */
  readonly stream: string
  readonly streams: readonly string[]
  readonly key: readonly string[]
  readonly features: readonly string[]
}

/** Gathers the rows of one view until the replay takes them. */
export class RowCollector implements Sink {
  readonly name = 'rows'
  private taken: ResultRow[] = []

  write(rows: readonly ResultRow[]): void {
    for (const row of rows) this.taken.push(row)
  }

  take(): ResultRow[] {
    const rows = this.taken
    this.taken = []
    return rows
  }

  async flush(): Promise<void> {}
  async close(): Promise<void> {}
}

export function formatLine({ view, stream, streams, key, features }: ViewNames, row: ResultRow): string {
  const keyValues = JSON.parse(row.key) as unknown[]
  return JSON.stringify({
    view,
    key: Object.fromEntries(key.map((name, i) => [name, keyValues[i]])),
    ...(row.window ? { stream, window: row.window } : { stream: streamPartition(streams, row.partition).stream, offset: row.offset }),
    eventTime: row.eventTimeMs,
    features: Object.fromEntries(features.map((name, i) => [name, row.values[i]])),
  })
}

export class OutputFile {
  private readonly fd: number
  private bytes: number
  lines: number

  /** Cuts the file to what a checkpoint covers; a new run begins with an empty one. */
  constructor(path: string, bytes: number, lines: number) {
    this.fd = openSync(path, bytes === 0 ? 'w' : 'r+')
    ftruncateSync(this.fd, bytes)
    this.bytes = bytes
    this.lines = lines
  }

  append(lines: readonly string[]): void {
    if (lines.length === 0) return
    const text = Buffer.from(`${lines.join('\n')}\n`)
    for (let at = 0; at < text.length; ) at += writeSync(this.fd, text, at, text.length - at, this.bytes + at)
    this.bytes += text.length
    this.lines += lines.length
  }

  /** Durable; the length and lines that belong to this moment. */
  flush(): { outputBytes: number; outputLines: number } {
    fsyncSync(this.fd)
    return { outputBytes: this.bytes, outputLines: this.lines }
  }

  close(): void {
    fsyncSync(this.fd)
    closeSync(this.fd)
  }
}
