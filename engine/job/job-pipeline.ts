/** A start message → the job's pipeline: in one thread for parallelism 1, else with a thread for each keyed subtask. */
import { archivePartition } from '../../contract/archive.ts'
import type { PositionMap, SplitDecision } from '../../contract/job-ipc.ts'
import type { SubtaskSnapshot } from '../checkpoint/coordinator.ts'
import { chooseLayout } from '../exchange/choose-layout.ts'
import { measureEvents } from '../exchange/measure-events.ts'
import { ThreadedPipeline } from '../exchange/threaded-pipeline.ts'
import type { Plan } from '../plan/plan.ts'
import { archiveThenLog } from '../source/archive-then-log.ts'
import { boundedSource } from '../source/bounded-source.ts'
import { stoppableSource } from '../source/stoppable-source.ts'
import type { Barrier } from '../task/channel.ts'
import { compileView } from '../task/compile-view.ts'
import type { JobPipeline } from '../task/job-pipeline.ts'
import { Pipeline } from '../task/pipeline.ts'
import { SourceSubtask } from '../task/source-task.ts'
import type { JobPorts, StartMessage } from './ports.ts'

export interface BuiltPipeline {
  readonly pipeline: JobPipeline
  readonly road: 'compiled' | 'plain'
  readonly refusal: string | null
  /** records that are read at a time, at most */
  readonly recordsPerTurn: number
  /** Reads on up to exactly these positions; null: on and on. */
  stopAt(positions: PositionMap | null): void
  /** how several keyed subtasks share the work */
  readonly split?: SplitDecision
}

const RECORDS_PER_TURN = 256 // so that reads are answered in between

export function buildPipeline(
  start: StartMessage,
  ports: JobPorts,
  plan: Plan,
  acknowledge: (barrier: Barrier, snapshot: SubtaskSnapshot) => void,
): BuiltPipeline {
  const { parameters, parallelism, definition, stream } = start
  const rows = [ports.history, ports.forward].filter((sink) => sink != null)
  const { order, allowedLatenessMs, futureSkewMs, ttlMs } = parameters
  const options = {
    order,
    allowedLatenessMs,
    clockSlackMs: futureSkewMs,
    ttlMs,
    wantsRows: rows.length > 0,
    wantsCurrent: ports.online !== null,
    disabledCode: start.disabledCode ?? [],
    forgiveCode: start.forgiveCode ?? false,
  }
  const isThreaded = parallelism > 1
  const view = compileView(plan, {
    ...options,
    callWatch: isThreaded ? undefined : ports.newCallWatch?.(),
    parallelism: isThreaded ? 0 : 1,
  })
  const { sourceEvaluator, road, refusal } = view
  const own = stoppableSource(start.until ? boundedSource(ports.source, start.until.positions) : ports.source)
  const log = ports.archive && start.archive ? archiveThenLog(ports.archive, own, archivePartition(start.archive.number)) : own
  const sourceOptions = { ...parameters, maxEventTimeMs: start.archive?.maxEventTimeMs ?? null }
  const common = {
    sinks: { rows, current: ports.online ? [ports.online] : [], forward: ports.forward ?? null },
    nowMs: () => ports.monotonicMs(),
    acknowledge,
  }
  if (!isThreaded) {
    const source = new SourceSubtask(log, sourceEvaluator, view.intake, sourceOptions)
    return {
      pipeline: new Pipeline({ ...common, source, operators: view.operators }),
      road,
      refusal,
      recordsPerTurn: RECORDS_PER_TURN,
      stopAt: (positions) => own.stopAt(source.positions(), positions),
    }
  }
  const { layout, decision } = chooseLayout(plan, parallelism, parameters.parallelBy, () =>
    measureEvents({ definition, stream, options }, ports.source, () => ports.threadMs()),
  )
  const threadStart = { definition, stream, options, layout }
  const pipeline = new ThreadedPipeline({
    ...common,
    source: log,
    sourceOptions,
    sourceEvaluator,
    layout,
    connect: (index, receive, lost) =>
      ports.startThread({ ...threadStart, callMemory: ports.newCallWatch?.().memory ?? null }, index, receive, lost),
    wake: () => ports.wake(),
  })
  return {
    pipeline,
    road,
    refusal,
    recordsPerTurn: Number.POSITIVE_INFINITY,
    split: decision,
    stopAt(positions) {
      pipeline.forgetAhead()
      own.stopAt(pipeline.source.positions(), positions)
    },
  }
}
