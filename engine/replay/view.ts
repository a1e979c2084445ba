/** A view's pipeline for a replay: a queue for a source, a collector for a sink, no clock. */
import type { ViewDefinition } from '../../definition/model.ts'
import { type StreamPartition, streamsOf, unionPartition } from '../../definition/union-partitions.ts'
import type { SubtaskSnapshot } from '../checkpoint/coordinator.ts'
import type { Evaluator } from '../compile/evaluator.ts'
import { type Plan, planView } from '../plan/plan.ts'
import type { Barrier } from '../task/channel.ts'
import { compileView } from '../task/compile-view.ts'
import { Pipeline } from '../task/pipeline.ts'
import { SourceSubtask } from '../task/source-task.ts'
import { RowCollector, type ViewNames } from './output.ts'
import type { ProjectView } from './project.ts'
import { QueueSource } from './queue-source.ts'

export interface ReplayView {
  readonly name: string
  readonly names: ViewNames
  /** by branch; a view that is no union has one */
  readonly streams: readonly string[]
  readonly definition: ViewDefinition
  readonly parameters: ProjectView['parameters']
  readonly plan: Plan
  readonly queue: QueueSource
  readonly collector: RowCollector
  readonly pipeline: Pipeline
  readonly evaluators: readonly Evaluator[]
  /** partitions whose file has ended since the last step */
  readonly endings: number[]
  /** what the view calls a partition of a stream: one for each branch that reads it */
  partitionsOf(of: StreamPartition): number[]
}

export function buildView(
  view: ProjectView,
  parallelism: number,
  files: readonly StreamPartition[],
  acknowledge: (barrier: Barrier, snapshot: SubtaskSnapshot) => void,
): ReplayView {
  const { checked, parameters, name } = view
  const { definition, stream } = checked
  const plan = planView(definition, stream)
  const streams = streamsOf(definition)
  const partitionsOf = (of: StreamPartition) =>
    streams.flatMap((name, branch) => (name !== of.stream ? [] : definition.union ? unionPartition(branch, of.partition) : of.partition))
  const queue = new QueueSource(files.flatMap(partitionsOf).sort((a, b) => a - b))
  const collector = new RowCollector()
  const { order, allowedLatenessMs, ttlMs } = parameters
  const { sourceEvaluator, evaluators, intake, operators } = compileView(plan, {
    order,
    allowedLatenessMs,
    clockSlackMs: 0,
    ttlMs,
    parallelism,
    wantsCurrent: false,
  })
  const source = new SourceSubtask(queue, sourceEvaluator, intake, {
    outOfOrdernessMs: parameters.outOfOrdernessMs,
    allowedLatenessMs: parameters.allowedLatenessMs,
    futureSkewMs: Number.POSITIVE_INFINITY,
    idleTimeoutMs: Number.POSITIVE_INFINITY,
    historyEventTimeMs: parameters.historyEventTimeMs,
    deadLetterRateLimit: parameters.deadLetterRateLimit,
    ttlMs,
  })
  const pipeline = new Pipeline({ source, operators, sinks: { rows: [collector], current: [] }, nowMs: () => 0, acknowledge })
  const names = {
    view: name,
    stream: stream.name,
    streams,
    key: definition.key,
    features: definition.features.map((feature) => feature.name),
  }
  return {
    name,
    names,
    streams,
    definition,
    parameters,
    plan,
    queue,
    collector,
    pipeline,
    evaluators: [sourceEvaluator, ...evaluators],
    endings: [],
    partitionsOf,
  }
}
