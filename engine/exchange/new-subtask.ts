/** What a thread is started with → its Subtask: intake of the whole view, operator of the features that are its own. */
import type { CallWatch } from '../code/call-watch.ts'
import { partDefinition, partOfState } from '../plan/feature-parts.ts'
import { planView } from '../plan/plan.ts'
import { compileView } from '../task/compile-view.ts'
import type { ThreadStart } from './keyed-thread.ts'
import { partIndexOf } from './layout.ts'
import { Subtask, type SubtaskOptions } from './subtask.ts'

export function newSubtask(
  { definition, stream, options, layout }: Omit<ThreadStart, 'callMemory'>,
  index: number,
  { callWatch, nowMs, post }: Pick<SubtaskOptions, 'nowMs' | 'post'> & { callWatch?: CallWatch | undefined },
): Subtask {
  const plan = planView(definition, stream)
  const view = compileView(plan, { ...options, callWatch, parallelism: 1 })
  const own = { index, layout, intake: view.intake, sourceEvaluator: view.sourceEvaluator, nowMs, post }
  if (layout.parts.length === 1) return new Subtask({ ...own, operator: view.operators[0]!, evaluator: view.evaluators[0]! })
  const names = layout.parts[partIndexOf(layout, index)]!
  // The intake gives one form of rows to all parts.
  const road = view.road === 'plain' ? { road: 'plain' as const } : {}
  const part = compileView(planView(partDefinition(definition, names), stream), { ...options, ...road, parallelism: 1 })
  return new Subtask({
    ...own,
    part: partOfState(definition, plan, names),
    operator: part.operators[0]!,
    evaluator: part.evaluators[0]!,
  })
}
