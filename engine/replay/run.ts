/**
 * One replay: files merged like queues (language.md 20), each line through every view's pipeline, rows to the output file. This
 * is the real engine core; only source and sink are files.
 */
import { featureIds } from '../../definition/feature-id.ts'
import { sha256Hex } from '../../definition/hash.ts'
import { streamPartition } from '../../definition/union-partitions.ts'
import { CheckpointCoordinator } from '../checkpoint/coordinator.ts'
import { nodeSnapshotFs } from '../checkpoint/node-fs.ts'
import { checkFit, restoreFiles } from '../checkpoint/restore.ts'
import { listCheckpoints } from '../checkpoint/retention.ts'
import { readSnapshot } from '../checkpoint/snapshot-files.ts'
import type { ResultRow } from '../sink/port.ts'
import type { SourceState } from '../task/source-task.ts'
import { stateShape } from '../task/pipeline.ts'
import type { ReplayArguments } from './arguments.ts'
import { EventFiles, partitionOf } from './event-files.ts'
import type { FilePlace } from './line-file.ts'
import { formatLine, OutputFile } from './output.ts'
import type { Project } from './project.ts'
import { type ReplayView, buildView } from './view.ts'

interface Extra {
  readonly lines: number
  readonly linesPut: number
  readonly outputBytes: number
  readonly outputLines: number
  readonly places: readonly FilePlace[]
}

export interface ReplayResult {
  readonly lines: number
  readonly blankLines: number
  readonly outputLines: number
  readonly views: readonly {
    readonly view: string
    /** of a union, what the view calls it; its streams by branch */
    readonly stream: string
    readonly streams: readonly string[]
    readonly state: SourceState
    readonly counters: Record<string, number>
  }[]
}

export interface ReplayHooks {
  /** called with the number of lines read so far, blank ones included, when all of them are applied */
  afterLines(lines: number): void
  /** replaces the batch size of the views: results do not depend on it */
  batchSize?: number
}

interface ViewRow {
  readonly row: ResultRow
  readonly view: ReplayView
  readonly index: number
}

export async function runReplay(project: Project, args: ReplayArguments, hooks: ReplayHooks): Promise<ReplayResult> {
  const run = new ReplayRun(project, args, hooks)
  return run.run()
}

class ReplayRun {
  private readonly args: ReplayArguments
  private readonly streams: Project['streams']
  private readonly hooks: ReplayHooks
  private readonly views: ReplayView[]
  private readonly batchLines: number
  private readonly coordinator: CheckpointCoordinator | null
  private files!: EventFiles
  private output!: OutputFile
  private failure: string | null = null

  constructor(project: Project, args: ReplayArguments, hooks: ReplayHooks) {
    this.args = args
    this.streams = project.streams
    this.hooks = hooks
    const partitions = args.events.map(({ stream }, i) => ({ stream, partition: partitionOf(args.events, i) }))
    this.views = project.views.map((view, index) =>
      buildView(view, args.parallelism ?? 1, partitions, (barrier, snapshot) => {
        const files = snapshot.files.map((file) => ({ ...file, name: `view-${index}-${file.name}` }))
        this.coordinator?.acknowledge(
          barrier,
          { ...snapshot, operator: `${view.name} ${snapshot.operator}`, files },
          snapshot.operator === 'source' ? this.facts() : null,
        )
      }),
    )
    // Lines of several views are interleaved record by record; one view's do not depend on batches.
    this.batchLines = this.views.length > 1 ? 1 : (hooks.batchSize ?? project.views[0]!.parameters.batchSize)
    this.coordinator = args.state && args.checkpointEvery ? this.newCoordinator(args.state) : null
  }

  private newCoordinator(directory: string): CheckpointCoordinator {
    const subtasks = this.views.flatMap(({ name, pipeline }) =>
      pipeline.subtasks().map(({ operator, subtask }) => ({ operator: `${name} ${operator}`, subtask })),
    )
    const never = Number.POSITIVE_INFINITY
    return new CheckpointCoordinator(
      {
        fs: nodeSnapshotFs,
        jobDirectory: directory,
        run: Date.now(),
        subtasks,
        nowMs: () => performance.now(),
        report: (report) => {
          if (report.status === 'FAILED') this.failure = report.failureMessage
        },
        completed: () => {},
        failedTooOften: () => {},
      },
      { intervalMs: never, timeoutMs: never, minPauseMs: 0, tolerableFailures: 0, retention: 2 },
    )
  }

  async run(): Promise<ReplayResult> {
    const extra = await this.restore()
    this.files = new EventFiles(this.args.events, this.streams, extra?.places)
    this.files.linesPut = extra?.linesPut ?? 0
    this.output = new OutputFile(this.args.out, extra?.outputBytes ?? 0, extra?.outputLines ?? 0)
    let lines = extra?.lines ?? 0
    try {
      for (let done = false; !done; ) {
        const taken = this.files.take(this.limit(lines), this.views)
        done = taken.ended
        await this.apply()
        lines = this.files.linesRead
        if (!done && this.args.checkpointEvery && this.crossed(lines, taken.lines)) await this.checkpoint(lines)
        this.hooks.afterLines(lines)
      }
    } finally {
      this.output.close()
      this.files.close()
    }
    return {
      lines,
      blankLines: lines - this.files.linesPut,
      outputLines: this.output.lines,
      views: this.views.map(({ name, names, streams, pipeline }) => ({
        view: name,
        stream: names.stream,
        streams,
        state: pipeline.source.snapshot(),
        counters: this.countersOf(name),
      })),
    }
  }

  /** Batches end where a checkpoint or the crash is due. */
  private limit(lines: number): number {
    const { checkpointEvery, crashAfter } = this.args
    let limit = this.batchLines
    if (checkpointEvery) limit = Math.min(limit, checkpointEvery - (lines % checkpointEvery))
    if (crashAfter !== undefined && crashAfter > lines) limit = Math.min(limit, crashAfter - lines)
    return limit
  }

  private crossed(lines: number, taken: number): boolean {
    const every = this.args.checkpointEvery!
    return Math.floor(lines / every) > Math.floor((lines - taken) / every)
  }

  private async apply(): Promise<void> {
    for (const view of this.views) {
      view.pipeline.read(Number.MAX_SAFE_INTEGER, 0)
      await view.pipeline.drain()
      if (view.endings.length === 0) continue
      for (const partition of view.endings.splice(0)) view.pipeline.source.watermarks.end(partition)
      view.pipeline.read(0, 0)
      await view.pipeline.drain()
    }
    const rows = this.views.flatMap((view, index) => view.collector.take().map((row) => ({ row, view, index })))
    const ordered = this.views.length > 1 ? this.inOrder(rows) : rows
    this.output.append(ordered.map(({ row, view }) => formatLine(view.names, row)))
  }

  /** By event time, then by where the event is, then by view. */
  private inOrder(rows: readonly ViewRow[]): ViewRow[] {
    const placed = rows.map((one) => {
      const { stream, partition } = streamPartition(one.view.streams, one.row.partition)
      return { ...one, file: this.args.events.findIndex((events) => events.stream === stream), partition }
    })
    return placed.sort(
      (a, b) =>
        a.row.eventTimeMs - b.row.eventTimeMs ||
        a.file - b.file ||
        a.partition - b.partition ||
        a.row.offset - b.row.offset ||
        a.index - b.index ||
        a.row.partition - b.row.partition,
    )
  }

  private async checkpoint(lines: number): Promise<void> {
    if (!this.coordinator) return
    const extra: Extra = { lines, linesPut: this.files.linesPut, ...this.output.flush(), places: this.files.places() }
    this.extra = extra
    this.coordinator.request({ kind: 'checkpoint', path: null, requestId: null })
    const barrier = this.coordinator.next()
    if (!barrier) throw new Error('a checkpoint could not begin')
    for (const { pipeline } of this.views) {
      pipeline.inject(barrier)
      await pipeline.drain()
    }
    await this.coordinator.settled()
    if (this.failure) throw new Error(`the checkpoint after ${lines} lines failed: ${this.failure}`)
  }

  private extra: Extra = { lines: 0, linesPut: 0, outputBytes: 0, outputLines: 0, places: [] }

  private get shape(): string {
    return sha256Hex(JSON.stringify(this.views.map(({ plan, parameters, name }) => [name, stateShape(plan, parameters.order)])))
  }

  private facts() {
    const features = this.views.flatMap(({ definition }) =>
      definition.features.map(({ name }, i) => ({ name, id: featureIds(definition)[i]! })),
    )
    return {
      view: 'replay',
      viewVersion: 1,
      jobId: 1,
      run: 1,
      features,
      stateShape: this.shape,
      keyGroups: 128,
      parallelism: this.args.parallelism ?? 1,
      positions: {},
      watermarkMs: null,
      maxEventTimeMs: null,
      extra: { ...this.extra },
    }
  }

  /** Goes on from the newest complete checkpoint in the state directory, where there is one. */
  private async restore(): Promise<Extra | null> {
    const found = this.args.state ? (await listCheckpoints(nodeSnapshotFs, this.args.state)).find(({ complete }) => complete) : undefined
    if (!found) {
      for (const { pipeline } of this.views) pipeline.source.open(null, 0)
      return null
    }
    const { manifest, files } = await readSnapshot(nodeSnapshotFs, found.path)
    checkFit(manifest, { view: 'replay', stateShape: this.shape }, found.path)
    this.views.forEach(({ pipeline }, index) => {
      const state = restoreFiles(
        files,
        found.path,
        pipeline.keyed.map(({ operator }) => operator),
        `view-${index}-`,
      )
      pipeline.source.open(state, 0)
    })
    return manifest.extra as unknown as Extra
  }

  private countersOf(name: string): Record<string, number> {
    const view = this.views.find((candidate) => candidate.name === name)!
    const total: Record<string, number> = {}
    for (const evaluator of view.evaluators)
      for (const [key, count] of Object.entries(evaluator.counters)) total[key] = (total[key] ?? 0) + count
    return total
  }
}
