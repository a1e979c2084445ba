/**
 * Checkpoint coordinator (DESIGN §5.2, after Flink's): triggers a barrier, gathers every subtask's snapshot, writes the files
 * while the job goes on, and completes the checkpoint when the manifest is durable. One at a time; a savepoint that meets a
 * running checkpoint waits for it. Reads no clock of its own.
 */
import { dirname, join } from 'node:path'
import type { CheckpointFailureReason, CheckpointReport, SubtaskStats } from '../../contract/job-ipc.ts'
import type { Barrier } from '../task/channel.ts'
import type { Manifest } from './manifest.ts'
import { failureSentence } from './failure-reasons.ts'
import { checkpointDirectory, pruneCheckpoints } from './retention.ts'
import { fileBytes, prepareDirectory, type SnapshotFile, writeManifest, writeSnapshotFile } from './snapshot-files.ts'
import type { SnapshotFs } from './snapshot-fs.ts'

export interface SubtaskSnapshot {
  readonly operator: string
  readonly subtask: number
  readonly files: readonly SnapshotFile[]
  readonly startDelayMs: number
  readonly alignmentMs: number
  readonly syncMs: number
  readonly processedBytes: number
}

export interface CheckpointParameters {
  readonly intervalMs: number
  readonly timeoutMs: number
  readonly minPauseMs: number
  readonly tolerableFailures: number
  readonly retention: number
}

/** What is known of the job at the cut; read when the source has snapshot its part. */
export type CutFacts = Omit<Manifest, 'format' | 'kind' | 'number' | 'createdAtMs' | 'files'>

export interface CoordinatorOptions {
  readonly fs: SnapshotFs
  /** checkpoints of all runs of this job stand below it: `checkpoints/job-N` in the data directory */
  readonly jobDirectory: string
  readonly run: number
  readonly subtasks: readonly { operator: string; subtask: number }[]
  readonly nowMs: () => number
  /** Resolves when it is on its way: a checkpoint that others only know by an older one must not take that away. */
  readonly report: (report: CheckpointReport) => void | Promise<void>
  /** the manifest is durable: what depended on it may go on */
  readonly completed: (number: number) => void
  readonly failedTooOften: (message: string) => void
  /** how a path is told to others; inside, full paths are used */
  readonly publicPath?: (path: string) => string
}

export interface CheckpointRequest {
  readonly kind: 'checkpoint' | 'savepoint'
  readonly path: string | null
  readonly requestId: string | null
}

interface Pending extends CheckpointRequest {
  readonly number: number
  readonly directory: string
  readonly triggeredAtMs: number
  readonly acks: { snapshot: SubtaskSnapshot; atMs: number; asyncMs: number }[]
  facts: CutFacts | null
  over: boolean
}

export class CheckpointCoordinator {
  private readonly options: CoordinatorOptions
  private parameters: CheckpointParameters
  private readonly queue: CheckpointRequest[] = []
  private pending: Pending | null = null
  private writing: Promise<void> = Promise.resolve()
  private number = 0
  private failures = 0
  private lastTriggerMs: number
  private lastEndMs: number
  private stopped = false
  private readonly durableDirectories = new Set<string>()

  constructor(options: CoordinatorOptions, parameters: CheckpointParameters) {
    this.options = options
    this.parameters = parameters
    this.lastTriggerMs = options.nowMs()
    this.lastEndMs = Number.NEGATIVE_INFINITY
  }

  configure(parameters: CheckpointParameters): void {
    this.parameters = parameters
  }

  get inProgress(): boolean {
    return this.pending !== null
  }

  /** A checkpoint or savepoint on command. It begins at the next `next()` that finds none in progress. */
  request(request: CheckpointRequest): void {
    if (this.stopped) this.refuse(request, 'coordinator_stopped')
    else this.queue.push(request)
  }

  /** Nothing was begun: a sentence of the caller's says why. */
  decline(request: CheckpointRequest, why: string): void {
    this.refuse(request, 'declined', why)
  }

  /** Which request the checkpoint in progress answers. */
  get takes(): string | null {
    return this.pending?.requestId ?? null
  }

  /** Looks after timeouts; a barrier where a checkpoint is to begin now, else null. */
  next(): Barrier | null {
    const nowMs = this.options.nowMs()
    const { pending, parameters } = this
    if (pending && nowMs - pending.triggeredAtMs > parameters.timeoutMs) this.timeOut(pending)
    if (this.pending || this.stopped) return null
    const asked = this.queue.shift()
    if (asked) return this.begin(asked, nowMs)
    const due = nowMs - this.lastTriggerMs >= parameters.intervalMs && nowMs - this.lastEndMs >= parameters.minPauseMs
    return due ? this.begin({ kind: 'checkpoint', path: null, requestId: null }, nowMs) : null
  }

  private begin(request: CheckpointRequest, nowMs: number): Barrier {
    const { jobDirectory, run } = this.options
    const number = ++this.number
    this.lastTriggerMs = nowMs
    this.pending = {
      ...request,
      number,
      directory: request.path ?? checkpointDirectory(jobDirectory, run, number),
      triggeredAtMs: nowMs,
      acks: [],
      facts: null,
      over: false,
    }
    void this.options.report(this.reportOf(this.pending, 'IN_PROGRESS'))
    return { id: number, triggeredAtMs: nowMs }
  }

  /** A subtask's part. `facts` come with the source's. Parts of a checkpoint that is over are ignored. */
  acknowledge(barrier: Barrier, snapshot: SubtaskSnapshot, facts: CutFacts | null = null): void {
    const { pending } = this
    if (!pending || pending.number !== barrier.id || pending.over) return
    pending.acks.push({ snapshot, atMs: this.options.nowMs(), asyncMs: 0 })
    if (facts) pending.facts = facts
    void this.options.report(this.reportOf(pending, 'IN_PROGRESS'))
    if (pending.acks.length === this.options.subtasks.length) this.writing = this.write(pending)
  }

  private async write(pending: Pending): Promise<void> {
    const { fs, nowMs } = this.options
    const files: Manifest['files'] = []
    let step: CheckpointFailureReason = 'could_not_write'
    try {
      await prepareDirectory(fs, pending.directory, dirname(dirname(this.options.jobDirectory)), this.durableDirectories)
      for (const ack of pending.acks) {
        const startMs = nowMs()
        for (const file of ack.snapshot.files) files.push(await writeSnapshotFile(fs, pending.directory, file))
        ack.asyncMs = nowMs() - startMs
      }
      if (pending.over) return await fs.remove(pending.directory)
      step = 'could_not_finish'
      const { facts } = pending
      if (!facts) throw new Error('the source gave no positions')
      await writeManifest(
        fs,
        pending.directory,
        { ...facts, format: 1, kind: pending.kind, number: pending.number, createdAtMs: pending.triggeredAtMs },
        files,
      )
    } catch (error) {
      if (!pending.over) this.fail(pending, step, (error as Error).message)
      return
    }
    if (pending.over) return // timed out in the last moment: reported as failed, whole on disk, pruned like any other
    pending.over = true
    this.pending = null
    this.failures = 0
    this.lastEndMs = nowMs()
    this.options.completed(pending.number)
    await this.options.report(this.reportOf(pending, 'COMPLETED'))
    if (pending.kind === 'checkpoint') await this.prune()
  }

  /** A checkpoint that is complete stays so when old ones cannot be removed; it is tried again after the next. */
  private async prune(): Promise<void> {
    const { fs, jobDirectory, run } = this.options
    await pruneCheckpoints(fs, jobDirectory, run, this.parameters.retention).catch(() => [])
  }

  private timeOut(pending: Pending): void {
    const acknowledged = new Set(pending.acks.map(({ snapshot }) => `${snapshot.operator} ${snapshot.subtask}`))
    const missing = this.options.subtasks.map(({ operator, subtask }) => `${operator} ${subtask}`).filter((name) => !acknowledged.has(name))
    this.fail(
      pending,
      'timed_out',
      missing.length > 0 ? `missing: ${missing.join(', ')}` : 'all subtasks had acknowledged, the files were still being written',
    )
  }

  private fail(pending: Pending, reason: CheckpointFailureReason, detail: string): void {
    pending.over = true
    if (this.pending === pending) this.pending = null
    this.lastEndMs = this.options.nowMs()
    const message = failureSentence(reason, detail)
    void this.options.report({ ...this.reportOf(pending, 'FAILED'), failureReason: reason, failureMessage: message })
    if (++this.failures > this.parameters.tolerableFailures) this.options.failedTooOften(message)
  }

  private refuse(request: CheckpointRequest, reason: CheckpointFailureReason, detail = ''): void {
    const nowMs = this.options.nowMs()
    const pending: Pending = {
      ...request,
      number: 0,
      directory: request.path ?? '',
      triggeredAtMs: nowMs,
      acks: [],
      facts: null,
      over: true,
    }
    void this.options.report({
      ...this.reportOf(pending, 'FAILED'),
      failureReason: reason,
      failureMessage: failureSentence(reason, detail),
    })
  }

  /** No new ones; those asked for and not begun are refused. Resolves when what was being written is done. */
  async stop(): Promise<void> {
    this.stopped = true
    for (const request of this.queue.splice(0)) this.refuse(request, 'job_stopped')
    await this.writing
    if (this.pending) this.fail(this.pending, 'job_stopped', '')
  }

  /** What is being written is done (or failed). */
  async settled(): Promise<void> {
    await this.writing
  }

  private reportOf(pending: Pending, status: CheckpointReport['status']): CheckpointReport {
    const { options } = this
    const nowMs = options.nowMs()
    const subtasks = options.subtasks.map(({ operator, subtask }): SubtaskStats => {
      const ack = pending.acks.find(({ snapshot }) => snapshot.operator === operator && snapshot.subtask === subtask)
      const bytes = ack ? ack.snapshot.files.reduce((sum, file) => sum + fileBytes(file), 0) : 0
      return {
        operator,
        subtask,
        acknowledgedAtMs: ack?.atMs ?? null,
        startDelayMs: ack?.snapshot.startDelayMs ?? 0,
        alignmentMs: ack?.snapshot.alignmentMs ?? 0,
        syncMs: ack?.snapshot.syncMs ?? 0,
        asyncMs: ack?.asyncMs ?? 0,
        endToEndMs: ack ? ack.atMs - pending.triggeredAtMs + ack.asyncMs : 0,
        checkpointedBytes: bytes,
        fullBytes: bytes,
        processedBytes: ack?.snapshot.processedBytes ?? 0,
      }
    })
    const bytes = subtasks.reduce((sum, stats) => sum + stats.fullBytes, 0)
    return {
      run: options.run,
      number: pending.number,
      kind: pending.kind,
      status,
      requestId: pending.requestId,
      triggeredAtMs: pending.triggeredAtMs,
      completedAtMs: status === 'IN_PROGRESS' ? null : nowMs,
      path: status === 'FAILED' ? null : (options.publicPath ?? ((path: string) => path))(pending.directory),
      checkpointedBytes: bytes,
      fullBytes: bytes,
      processedBytes: subtasks.reduce((sum, stats) => sum + stats.processedBytes, 0),
      positions: pending.facts?.positions ?? {},
      maxEventTimeMs: pending.facts?.maxEventTimeMs ?? null,
      watermarkMs: pending.facts?.watermarkMs ?? null,
      failureReason: null,
      failureMessage: null,
      subtasks,
    }
  }
}

export const jobCheckpointDirectory = (dataDir: string, jobId: number) => join(dataDir, 'checkpoints', `job-${jobId}`)
