/**
 * A job's forwarding. Rows are staged in files as they come; at a barrier what was staged is made durable and stands in the snapshot as a
 * prepared transaction; when the checkpoint is complete, the authoritative job hands it to the target. Another job (the new one of a
 * release, the old one while it is kept warm) keeps its transactions until the target has been reached past them, so that it can go on
 * at any moment with nothing missing: whose rows are taken is decided by what the target reached, never by who stopped where.
 */
import { basename, join } from 'node:path'
import { isArchivePartition } from '../../contract/archive.ts'
import type { ForwardReport } from '../../contract/job-ipc.ts'
import type { SnapshotFs } from '../checkpoint/snapshot-fs.ts'
import { Fenced, type ResultRow, type RowVersion, type Sink } from '../sink/port.ts'
import { type Fence, type ForwardTarget, isAtLeast, liesBeyond, NOTHING_YET_MS, numberedAs, type Reach } from './port.ts'
import { StagedRows } from './staged-rows.ts'

const SEGMENT_BYTES = 8 << 20
/** with more than this staged since the last barrier, a checkpoint is due */
const FULL_BYTES = 64 << 20
/** with more than this waiting for the target, nothing more is read */
const BEHIND_BYTES = 2 ** 30

/** A transaction that is durable and not forwarded yet. Part of snapshots: JSON. */
export interface Prepared {
  readonly target: string
  readonly upTo: Reach
  /** files below the data directory */
  readonly segments: readonly string[]
  readonly rows: number
  readonly bytes: number
  /** newest time of a row; null: no rows */
  readonly newestMs: number | null
  readonly newestVersion: RowVersion | null
}

export interface ForwarderOptions {
  readonly fs: SnapshotFs
  readonly dataDir: string
  /** of this job alone, below the data directory */
  readonly directory: string
  readonly run: number
  /** the job's own epoch */
  readonly start: number
  /** of the view, where this job has the authority */
  readonly authority: number | null
  readonly target: ForwardTarget
  /** that the view reads, by branch */
  readonly streams: readonly string[]
  readonly toJson: (row: ResultRow) => string
}

interface Waiting extends Prepared {
  /** its checkpoint; 0: complete, it comes from a snapshot */
  readonly checkpoint: number
}

/** Rows of a snapshot that cannot be forwarded any more: their file is gone, and the target has not got them. */
export class ForwardLost extends Error {
  override readonly name = 'ForwardLost'
}

export class Forwarder implements Sink {
  readonly name = 'forward'
  private readonly options: ForwarderOptions
  private readonly cuts = new Map<number, Reach>()
  private staged = new StagedRows()
  private segments: string[] = []
  private written = 0
  private newestVersion: RowVersion | null = null
  private waiting: Waiting[] = []
  private complete = 0
  private authority: number | null
  private work: Promise<void> = Promise.resolve()
  private failure: unknown
  private madeDirectory = false
  private segmentNumber = 0
  /** the authority with which the target was last told of this job */
  private taken: number | null = null
  private readonly counts = { forwarded: 0, refused: 0, skipped: 0 }
  private newest: { version: RowVersion; positions: Reach['positions'] } | null = null

  constructor(options: ForwarderOptions) {
    this.options = options
    this.authority = options.authority
  }

  /** Goes on with what a snapshot holds, and removes what a process that has died had staged after it. */
  async restore(prepared: readonly Prepared[]): Promise<void> {
    const { fs, target, streams } = this.options
    const reached = await this.reached()
    const isOurs = (one: Prepared) => one.target === target.name && one.upTo.streams.join() === streams.join()
    const left = prepared.filter((one) => isOurs(one) && !isForwarded(one, reached))
    for (const one of left) this.waiting.push({ ...one, segments: await this.adopt(one), checkpoint: 0 })
    const kept = new Set(this.waiting.flatMap(({ segments }) => segments.map((path) => basename(path))))
    const directory = this.full(this.options.directory)
    for (const name of await fs.list(directory)) if (!kept.has(name)) await fs.remove(join(directory, name))
    this.handOver()
  }

  private async reached(): Promise<Reach | null> {
    return numberedAs(await this.options.target.reached(), this.options.streams)
  }

  /** The segments as files of this job: those of another one, whose savepoint it began with, go when that one has forwarded them. */
  private async adopt(prepared: Prepared): Promise<string[]> {
    const { fs, directory, target } = this.options
    const own: string[] = []
    for (const path of prepared.segments) {
      if (path.startsWith(`${directory}/`)) {
        own.push(path)
        continue
      }
      let bytes: Uint8Array
      try {
        bytes = await fs.readFile(this.full(path))
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
        if (isForwarded(prepared, await this.reached())) return []
        throw new ForwardLost(
          `The rows in ${path} were not forwarded to ${target.name} and are not there any more. Start the job from an older checkpoint or savepoint: what was forwarded is not forwarded again.`,
        )
      }
      own.push(await this.store([bytes], `from-${path.replaceAll('/', '-')}`))
    }
    return own
  }

  /** Null: another job has the say. */
  authorise(authority: number | null): void {
    if (authority === this.authority) return
    this.authority = authority
    this.handOver()
  }

  /** The barrier of a checkpoint goes in; what comes before it reaches so far. */
  begin(checkpoint: number, upTo: Omit<Reach, 'streams'>): void {
    this.cuts.set(checkpoint, { ...upTo, streams: this.options.streams })
  }

  write(rows: readonly ResultRow[]): void | Promise<void> {
    if (this.failure) throw this.failure
    for (const row of rows) {
      if (isArchivePartition(row.partition)) continue // the past: it goes to the history alone
      this.staged.add(row, this.options.toJson(row))
      this.newestVersion = row.version
    }
    if (this.staged.bytes - this.written >= SEGMENT_BYTES) return this.writeSegment()
  }

  private async writeSegment(): Promise<void> {
    this.written = this.staged.bytes
    const chunks = this.staged.take()
    if (chunks.length > 0) this.segments.push(await this.store(chunks, `${this.options.run}-${++this.segmentNumber}`))
  }

  /** Durable when it resolves; answers its path below the data directory. */
  private async store(parts: readonly Uint8Array[], name: string): Promise<string> {
    const { fs, directory } = this.options
    const path = join(directory, name)
    if (!this.madeDirectory) {
      await fs.makeDirectory(this.full(directory))
      for (let at = directory; at !== '.'; at = join(at, '..')) await fs.syncDirectory(this.full(join(at, '..')))
      this.madeDirectory = true
    }
    await fs.writeFile(this.full(path), parts)
    await fs.syncFile(this.full(path))
    await fs.syncDirectory(this.full(directory))
    return path
  }

  private full(path: string): string {
    return join(this.options.dataDir, path)
  }

  /** The barrier has come: what was staged before it is durable when this resolves, and stands in `prepared`. */
  async flush(checkpoint = 0): Promise<void> {
    if (this.failure) throw this.failure
    const upTo = this.cuts.get(checkpoint)
    if (!upTo) throw new Error(`checkpoint ${checkpoint} did not begin`)
    await this.writeSegment()
    const { rows, bytes, newestMs } = this.staged
    this.waiting.push({
      target: this.options.target.name,
      upTo,
      segments: this.segments,
      rows,
      bytes,
      newestMs: rows > 0 ? newestMs : null,
      newestVersion: this.newestVersion,
      checkpoint,
    })
    for (const known of this.cuts.keys()) if (known <= checkpoint) this.cuts.delete(known)
    this.staged = new StagedRows()
    this.segments = []
    this.written = 0
    this.newestVersion = null
  }

  /** For the snapshot. */
  prepared(): Prepared[] {
    return this.waiting.map(({ checkpoint: _, ...prepared }) => prepared)
  }

  /** So much is staged that a checkpoint is due. */
  get isFull(): boolean {
    return this.staged.bytes >= FULL_BYTES
  }

  /** The target takes rows more slowly than they come. One without the say waits for another job, and goes on. */
  get isBehind(): boolean {
    return this.authority !== null && this.waitingBytes >= BEHIND_BYTES
  }

  private get waitingBytes(): number {
    return this.waiting.reduce((sum, { bytes }) => sum + bytes, this.staged.bytes)
  }

  /** The checkpoint is complete: what was prepared up to it may be seen. */
  completed(checkpoint: number): void {
    this.complete = Math.max(this.complete, checkpoint)
    this.handOver()
  }

  /** @throws what went wrong when rows were handed to the target */
  check(): void {
    if (this.failure) throw this.failure
  }

  /** What could be handed over has been; what a target takes its time for is in the last snapshot. */
  async settled(): Promise<void> {
    if (!this.options.target.takesTime) await this.work
    this.check()
  }

  private handOver(): void {
    this.work = this.work
      .then(() => this.handOverNow())
      .catch((error: unknown) => {
        this.failure ??= error
      })
  }

  private async handOverNow(): Promise<void> {
    const { target } = this.options
    for (;;) {
      const reached = await this.reached()
      const covered = this.waiting.filter((one) => isForwarded(one, reached))
      await this.remove(covered)
      if (this.authority === null) return
      const fence: Fence = [this.authority, this.options.start]
      // A transaction that lies aside of what was reached goes together with the next one that holds all of it.
      const last = this.waiting.findIndex((one) => one.checkpoint <= this.complete && liesBeyond(one.upTo, reached))
      const group = this.waiting.slice(0, last + 1)
      try {
        if (this.taken !== this.authority) await target.take(fence)
        this.taken = fence[0]
        if (group.length === 0) return
        await this.append(group, fence)
      } catch (error) {
        if (!(error instanceof Fenced)) throw error
        // Another job has taken over and the word has not come yet: what was refused stays until that one has forwarded it.
        this.counts.refused += group.reduce((sum, { rows }) => sum + rows, 0)
        if (this.authority === fence[0]) this.authority = null
      }
    }
  }

  private async append(group: readonly Waiting[], fence: Fence): Promise<void> {
    const { fs, target } = this.options
    const chunks: Uint8Array[] = []
    for (const path of group.flatMap(({ segments }) => segments)) chunks.push(await fs.readFile(this.full(path)))
    const { upTo } = group.at(-1)!
    const { rows, skipped } = await target.append({ chunks, upTo, fence })
    this.counts.forwarded += rows
    this.counts.skipped += skipped
    const version = group.findLast(({ newestVersion }) => newestVersion !== null)?.newestVersion
    if (rows > 0 && version) this.newest = { version, positions: upTo.positions }
    await this.remove(group)
  }

  private async remove(gone: readonly Waiting[]): Promise<void> {
    if (gone.length === 0) return
    this.waiting = this.waiting.filter((one) => !gone.includes(one))
    for (const path of gone.flatMap(({ segments }) => segments)) await this.options.fs.remove(this.full(path))
  }

  report(): Omit<ForwardReport, 'rowsPerSecond'> {
    return {
      target: this.options.target.name,
      epoch: this.authority,
      ...this.counts,
      waitingRows: this.waiting.reduce((sum, { rows }) => sum + rows, this.staged.rows),
      waitingBytes: this.waitingBytes,
      trouble: this.options.target.trouble?.() ?? null,
      newest: this.newest && { asOfMs: this.newest.version[0], n: this.newest.version[1], positions: { ...this.newest.positions } },
    }
  }

  async close(): Promise<void> {
    const { target } = this.options
    if (target.takesTime) await target.close() // gives up what it is at
    await this.work
    if (!target.takesTime) await target.close()
  }
}

function isForwarded({ upTo, newestMs }: Prepared, reached: Reach | null): boolean {
  if (reached === null || !isAtLeast(reached, upTo)) return false
  return reached.beforeMs === null || (newestMs ?? NOTHING_YET_MS) < reached.beforeMs
}
